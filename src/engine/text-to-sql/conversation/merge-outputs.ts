/** What is shown after a follow-up. */
import type { TableEntry } from '../evidence/schema-index.js';
import { type Condition, type Frame, type Measure, type Mention, plainMeasure } from '../reading/frame.js';
import { columnScore, isMeasure, tableScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import type { Manner } from './manner.js';
import { isFigure, isRanked, measureOf, saidInFull } from './worked-out.js';

/** What is shown; `kept` where it goes on from what was shown before. */
export function outputsOf(
  { frame: before, shown: things, worksOut }: { frame: Frame; shown: readonly Measure[]; worksOut: boolean },
  own: readonly Measure[],
  thing: Mention,
  next: Frame,
  { adds, swaps, chooses, isFragment }: Manner,
  rateWords: ReadonlySet<string>,
): { measures: Measure[]; kept: boolean } {
  const isCounted = before.outputs.some(({ aggregate }) => aggregate === 'count');
  if (own.length === 0) {
    const measures = before.outputs.filter(({ aggregate, quantity }) => aggregate !== null || quantity);
    // "list those above this" after one number asks for the things.
    const asksThings = !swaps && measures.length > 0 && before.groups.length === 0 && next.outputs.length > 0;
    if (asksThings) return { measures: [plainMeasure(thing)], kept: false };
    // "which of them have at least two?" after the number of something for each asks for these, and not for the numbers.
    const isDivided = before.groups.length > 0 && before.groups.every(({ mention }) => mention !== null);
    const picks = next.conditions.length + next.superlatives.length > 0;
    if (chooses && picks && isDivided && measures.length > 0 && things.length > 0 && next.groups.length === 0)
      return { measures: [...things], kept: false };
    if (next.groups.length === 0) return { measures: before.outputs, kept: true };
    return { measures: measures.length > 0 ? measures : before.outputs, kept: true };
  }
  if (own.every(({ of, concept }) => of === null && concept === null)) {
    const [only] = own;
    if (own.length === 1 && only?.aggregate === 'count') {
      if (isCounted) return { measures: before.outputs, kept: true };
      const shown = before.outputs.length === 1 && before.distinct ? before.outputs[0] : undefined;
      const of = shown?.of ?? thing;
      return { measures: [{ ...only, of, quantity: false, distinct: shown !== undefined }], kept: false };
    }
    const measured = measureOf(before);
    if (measured) return { measures: own.map((output) => ({ ...output, of: measured.of })), kept: true };
  }
  const owned = own.map((output) => asAmount(withOwner(output, thing)));
  // "what about the average age?" after the largest age of each type.
  const isMeasured = owned.every(({ aggregate }) => aggregate !== null && aggregate !== 'count');
  if (swaps && isMeasured && before.groups.length > 0) return { measures: owned, kept: true };
  // "and revenue?" after the number of orders by month.
  const isFigures = worksOut && own.every(isFigure);
  const isRefigured = isFragment || (swaps && next.conditions.length === 0);
  if (!adds && isFigures && isRefigured && before.groups.length > 0) return { measures: [...own], kept: true };
  // "their prices" after the top five: beside the names of the five.
  const isBeside = own.every(({ aggregate, quantity, of }) => aggregate === null && !quantity && of !== null);
  if (!adds && isTopList(before) && isBeside && before.outputs.every((output) => !isFigure(output)))
    return {
      measures: [...(before.outputs.length > 0 ? before.outputs : [plainMeasure(thing)]), ...owned],
      kept: true,
    };
  if (!adds) return { measures: owned, kept: false };
  const known = before.outputs.length > 0 ? before.outputs : [plainMeasure(thing)];
  const inFull = (output: Measure): Measure => (isFigures ? saidInFull(output, rateWords) : output);
  const shown = known.map(inFull);
  const added = (isFigures ? own : owned).map(inFull);
  return {
    measures: [...shown, ...added.filter((output) => !shown.some((other) => isSame(other, output)))],
    kept: true,
  };
}

/** "its number of seats": the number stands in a column. */
function asAmount(output: Measure): Measure {
  const isOfColumn = output.of !== null && isMeasure(output.of.segment) && !namesThing(output.of.segment);
  return output.aggregate === 'count' && !output.distinct && isOfColumn ? { ...output, quantity: true } : output;
}

function isTopList(frame: Frame): boolean {
  return isRanked(frame) && frame.superlatives.some(({ limit }) => limit > 1);
}

function withOwner(output: Measure, thing: Mention): Measure {
  const { of } = output;
  if (!of || of.owner || namesThing(of.segment)) return output;
  return { ...output, of: { ...of, owner: thing } };
}

/** True for a phrase that names rows of their own rather than a quality of what was spoken of. */
function namesThing(segment: Segment): boolean {
  return tableScore(segment) > 0.75 && tableScore(segment) >= columnScore(segment);
}

function isSame(one: Measure, other: Measure): boolean {
  return (
    one.aggregate === other.aggregate &&
    one.of !== null &&
    other.of !== null &&
    one.of.segment.names[0]?.entry === other.of.segment.names[0]?.entry
  );
}

export function isThing({ aggregate, quantity, of, concept }: Measure, entity: TableEntry): boolean {
  return aggregate === null && !quantity && concept === null && of !== null && namesOnly(of.segment, entity);
}

/** "how many seats has it": the number stands in a column. */
export function isOwnAmount({ aggregate, quantity, of }: Measure): boolean {
  return aggregate === 'count' && quantity && of !== null && isMeasure(of.segment);
}

/** True for a column of the very rows that were spoken of. */
export function isOwn({ segment, owner }: Mention, entity: TableEntry): boolean {
  const best = segment.names[0]?.entry;
  return owner === null && best?.kind === 'column' && best.table === entity;
}

export function isAmount({ aggregate, quantity, of }: Measure): boolean {
  return aggregate === null && quantity && of !== null;
}

/** "how about the commander X": the column is compared and not asked for. */
export function isComparedHere({ aggregate, of }: Measure, conditions: readonly Condition[]): boolean {
  if (aggregate !== null || of === null) return false;
  return conditions.some(
    (condition) =>
      condition.kind === 'value' &&
      condition.mentions.some(({ segment: { values } }) =>
        values.some(({ column }) => of.segment.names.some(({ entry }) => entry === column)),
      ),
  );
}

/** True for a phrase that names the rows of the table rather than one of its columns. */
export function namesOnly(segment: Segment, entity: TableEntry): boolean {
  const reading = segment.names.find(({ entry }) => entry === entity);
  return reading !== undefined && reading.score > 0.75 && reading.score >= columnScore(segment) - 0.1;
}
