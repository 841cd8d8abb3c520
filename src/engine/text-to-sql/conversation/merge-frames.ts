/** Edits what was asked before by what a follow-up says. */
import type { ColumnEntry, TableEntry } from '../evidence/schema-index.js';
import { isNumeric } from '../evidence/schema-index.js';
import {
  emptyFrame,
  type Condition,
  type Frame,
  type Measure,
  type Mention,
  plainMeasure,
  type Superlative,
} from '../reading/frame.js';
import { BOTH, columnScore, isMeasure, sharesColumn, sharesName, tableScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { type Asked, namingSegment } from './asked.js';

/** How the follow-up is put. */
export interface Manner {
  /** "also show": what is shown is added to. */
  adds: boolean;
  /** "what about": what is said takes the place of what was said. */
  swaps: boolean;
  /** "also show those in 2015": rows are added, where nothing more is shown of them. */
  widens: boolean;
  /** "which of them": some of what was shown is picked out. */
  chooses: boolean;
}

const BLANK: Segment = {
  index: -1,
  phrase: '',
  start: 0,
  end: 0,
  length: 0,
  cue: null,
  names: [],
  verbNames: [],
  values: [],
  number: null,
  percent: false,
  period: null,
  quoted: false,
  mark: null,
  capital: false,
  isParticiple: false,
  isEmptyVerb: false,
  isPlural: true,
  duration: null,
  isMoney: false,
  isState: false,
  isShareWord: false,
  countsTimes: false,
  timeUnit: null,
  isUnit: false,
  isRangeWord: false,
};

/** The frame of both questions taken together: the old one with what the new one says changed in it. */
export function mergeFrames({ frame: before, entity, label, shown }: Asked, said: Frame, manner: Manner): Frame {
  const next = { ...said, conditions: said.conditions.map((condition) => bindCount(condition, before)) };
  const thing: Mention = { segment: namingSegment(entity, BLANK), owner: null, isEntity: true };
  const isEach = next.groups.some(({ mention }) => mention !== null && isKnown(mention.segment, entity, label));
  const asked = next.outputs.filter(
    (output) => !isThing(output, entity) && !(manner.swaps && isComparedHere(output, next.conditions)),
  );
  // "how much does each one weigh": the weight of each, and no sum.
  const own = isEach ? asked.map((output) => (isAmount(output) ? { ...output, quantity: false } : output)) : asked;
  // "the makes for each": what is shown of each of them stands beside what was shown before.
  const isPlain = own.every(({ aggregate, quantity }) => aggregate === null && !quantity);
  const isWhole =
    before.outputs.every((output) => isThing(output, entity)) && own.every(({ of }) => of && isOwn(of, entity));
  const shownThings = shown.map((entry) =>
    plainMeasure({ segment: namingSegment(entry, BLANK), owner: null, isEntity: false }),
  );
  const outputs = outputsOf({ frame: before, shown: shownThings }, own, thing, next, {
    ...manner,
    adds: manner.adds || (isEach && isPlain && !isWhole),
  });
  const isKept = outputs.kept;
  const isOneRow = outputs.measures.some((measure) => measure.aggregate !== null && !isOwnAmount(measure));
  const dividing = (groups: Frame['groups']): Frame['groups'] =>
    groups.filter(({ mention }) => mention === null || isOneRow || tableScore(mention.segment) < 0.75);
  const groups = isEach && isPlain && own.length > 0 ? [] : dividing(next.groups);
  const picked =
    next.superlatives.length > 0
      ? next.superlatives.map((superlative) =>
          superlative.measure.of === null &&
          superlative.measure.concept === null &&
          superlative.measure.aggregate === null
            ? { ...superlative, measure: measureOf(before) ?? superlative.measure }
            : superlative,
        )
      : isKept || !isOneRow
        ? [...before.superlatives, ...(isKept || next.conditions.length > 0 ? [] : bestOf(before))]
        : [];
  const unread = [...next.unread];
  return {
    ...emptyFrame(),
    outputs: outputs.measures,
    groups: groups.length > 0 ? groups : isKept ? dividing(before.groups) : [],
    conditions: conditionsOf(before.conditions, next, { ...manner, widens: manner.widens && own.length === 0 }, unread),
    superlatives: picked,
    orders: next.orders.length > 0 ? next.orders : isKept || !isOneRow ? before.orders : [],
    limit: next.limit ?? (next.superlatives.length === 0 && (isKept || !isOneRow) ? before.limit : null),
    distinct: next.distinct || (isKept && before.distinct),
    subjects: [
      ...before.subjects.filter((subject) => !isDenied(subject, next.conditions)),
      thing,
      ...next.subjects.filter((subject) => !namesOnly(subject.segment, entity)),
    ],
    decimals: next.decimals ?? (isKept ? before.decimals : null),
    hints: next.hints,
    course: next.course ?? (isKept ? before.course : null),
    offset: next.superlatives.length > 0 ? next.offset : before.offset,
    whole: next.whole || (isKept && before.whole),
    share: next.share ?? (isKept ? before.share : null),
    unread,
    unapplied: next.unapplied.filter((segment) => segment.cue?.kind !== 'not'),
  };
}

/** "which of those has at least 3": of what was counted for each. */
function bindCount(condition: Condition, { outputs, groups }: Frame): Condition {
  const counted = outputs.filter(({ aggregate }) => aggregate !== null);
  const [only] = counted;
  if (condition.kind !== 'compare' || condition.left !== null || condition.temporal) return condition;
  if (condition.right.kind !== 'number' || groups.length === 0 || counted.length !== 1 || !only) return condition;
  if (only.aggregate !== 'count' || !only.of) return condition;
  const count = { op: condition.op, value: condition.right.value };
  const { joiner, negated, near, isNearSubject, closesOr } = condition;
  const segments = [...condition.segments, condition.right.segment];
  const base = { joiner, negated, near, isNearSubject, closesOr, segments };
  return { ...base, kind: 'related', entity: only.of, frame: emptyFrame(), count };
}

/** What is shown; `kept` where it goes on from what was shown before. */
function outputsOf(
  { frame: before, shown: things }: { frame: Frame; shown: readonly Measure[] },
  own: readonly Measure[],
  thing: Mention,
  next: Frame,
  { adds, swaps, chooses }: Manner,
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
  const owned = own.map((output) => withOwner(output, thing));
  // "what about the average age?" after the largest age of each type.
  const isMeasured = owned.every(({ aggregate }) => aggregate !== null && aggregate !== 'count');
  if (swaps && isMeasured && before.groups.length > 0) return { measures: owned, kept: true };
  if (!adds) return { measures: owned, kept: false };
  const shown = before.outputs.length > 0 ? before.outputs : [plainMeasure(thing)];
  return {
    measures: [...shown, ...owned.filter((output) => !shown.some((known) => isSame(known, output)))],
    kept: true,
  };
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

/** "the name of this car" after the largest weight: the car that has it. */
function bestOf({ outputs, groups }: Frame): Superlative[] {
  const [only] = outputs;
  if (outputs.length !== 1 || groups.length > 0 || !only?.of || !only.segment) return [];
  if (only.aggregate !== 'min' && only.aggregate !== 'max') return [];
  const measure = { ...only, aggregate: null };
  const direction = only.aggregate === 'min' ? 'asc' : 'desc';
  return [{ measure, direction, limit: 1, entity: null, segments: [only.segment], nested: false }];
}

/** What was measured before: a sum, an average, or the one amount that was shown. */
function measureOf({ outputs, superlatives, orders }: Frame): Measure | null {
  const aggregated = outputs.find(({ aggregate, of }) => aggregate !== null && of !== null);
  if (aggregated) return aggregated;
  const shown = outputs.find(({ of }) =>
    of?.segment.names.some(
      ({ entry, score }) => entry.kind === 'column' && isNumeric(entry) && !entry.isKey && score > 0.6,
    ),
  );
  const ranked = [...superlatives, ...orders].find(({ measure }) => measure.of !== null);
  return shown ?? ranked?.measure ?? null;
}

function isThing({ aggregate, quantity, of, concept }: Measure, entity: TableEntry): boolean {
  return (
    aggregate === null && !quantity && concept === null && of !== null && !of.owner && namesOnly(of.segment, entity)
  );
}

/** "how many seats has it": the number stands in a column. */
function isOwnAmount({ aggregate, quantity, of }: Measure): boolean {
  return aggregate === 'count' && quantity && of !== null && isMeasure(of.segment);
}

/** True for a column of the very rows that were spoken of. */
function isOwn({ segment, owner }: Mention, entity: TableEntry): boolean {
  const best = segment.names[0]?.entry;
  return owner === null && best?.kind === 'column' && best.table === entity;
}

function isAmount({ aggregate, quantity, of }: Measure): boolean {
  return aggregate === null && quantity && of !== null;
}

/** "how about the commander X": the column is compared and not asked for. */
function isComparedHere({ aggregate, of }: Measure, conditions: readonly Condition[]): boolean {
  if (aggregate !== null || of === null) return false;
  return conditions.some(
    (condition) =>
      condition.kind === 'value' &&
      condition.mentions.some(({ segment: { values } }) =>
        values.some(({ column }) => of.segment.names.some(({ entry }) => entry === column)),
      ),
  );
}

function isKnown({ names }: Segment, entity: TableEntry, label: ColumnEntry | null): boolean {
  const best = names[0]?.entry;
  return best !== undefined && (best === entity || best === label);
}

/** True for a phrase that names the rows of the table rather than one of its columns. */
function namesOnly(segment: Segment, entity: TableEntry): boolean {
  const reading = segment.names.find(({ entry }) => entry === entity);
  return reading !== undefined && reading.score > 0.75 && reading.score >= columnScore(segment) - 0.1;
}

function conditionsOf(
  before: readonly Condition[],
  next: Frame,
  { swaps, adds, widens }: Manner,
  unread: Segment[],
): Condition[] {
  const added = [...next.conditions];
  const [first] = added;
  const isSame = first !== undefined && before.some((condition) => replaces(first, condition));
  if (widens && added.length === 1 && first && (isSame || before.length === 1))
    return [...before, { ...first, joiner: 'or' }];
  if (adds && !widens && added.some((other) => before.some((condition) => replaces(other, condition))))
    return [...before, ...added].map((condition) => ({ ...condition, segments: [...condition.segments, BOTH] }));
  let kept = before.filter((condition) => !added.some((other) => replaces(other, condition)));
  const [only] = before;
  if (
    swaps &&
    added.length === 1 &&
    kept.length === before.length &&
    before.length === 1 &&
    only?.kind === added[0]?.kind
  )
    kept = [];
  if (added.length === 0 && next.outputs.length === 0) {
    const number = unread.find((segment) => segment.number !== null);
    const compared = before.findLastIndex(({ kind }) => kind === 'compare');
    const condition = before[compared];
    if (number && condition?.kind === 'compare' && condition.right.kind === 'number') {
      unread.splice(unread.indexOf(number), 1);
      const right = { ...condition.right, value: number.number ?? 0, segment: number };
      return before.with(compared, { ...condition, right, segments: [number] });
    }
    if (next.unapplied.some((segment) => segment.cue?.kind === 'not')) {
      const last = before.at(-1);
      if (last) return [...before.slice(0, -1), { ...last, negated: !last.negated }];
    }
  }
  const hasOr = kept.some(({ joiner }) => joiner === 'or');
  return [
    ...kept,
    ...added.map((condition, index) =>
      index === 0 && hasOr ? { ...condition, joiner: 'and' as const, closesOr: true } : condition,
    ),
  ];
}

/** "those that have no cat": a cat need not be there any more. */
function isDenied({ segment }: Mention, conditions: readonly Condition[]): boolean {
  return conditions.some(
    (condition) =>
      condition.kind === 'related' &&
      condition.negated &&
      condition.entity.segment.names[0]?.entry === segment.names[0]?.entry,
  );
}

/** True where both cannot hold, or the new one says the same thing anew: another country, another year, another bound. */
function replaces(next: Condition, before: Condition): boolean {
  if (next.kind === 'value' && before.kind === 'value') {
    const [mention] = next.mentions;
    return mention !== undefined && next.negated === before.negated && sharesColumn(before.mentions[0], mention);
  }
  // "what about those without a cat" after those with one.
  if (next.kind === 'related' && before.kind === 'value')
    return next.frame.conditions.some(
      (inner) => inner.kind === 'value' && replaces({ ...inner, negated: before.negated }, before),
    );
  if (next.kind !== 'compare' || before.kind !== 'compare') return false;
  if (next.temporal || before.temporal) return next.temporal && before.temporal;
  const [one, other] = [next.left?.of, before.left?.of];
  const isSameColumn =
    one && other
      ? sharesName(one.segment, other.segment)
      : next.left?.concept != null && next.left.concept === before.left?.concept;
  return isSameColumn && next.op.charAt(0) === before.op.charAt(0);
}
