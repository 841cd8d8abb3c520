/** Edits what was asked before by what a follow-up says. */
import type { ColumnEntry, TableEntry } from '../evidence/schema-index.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import {
  emptyFrame,
  type Frame,
  type Measure,
  type Mention,
  plainMeasure,
  type Superlative,
} from '../reading/frame.js';
import { tableScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { BLANK } from '../reading/segment.js';
import { type Asked, namingSegment } from './asked.js';
import type { Manner } from './manner.js';
import { bindCount, conditionsOf, isDenied } from './merge-conditions.js';
import { isAmount, isComparedHere, isOwn, isOwnAmount, isThing, namesOnly, outputsOf } from './merge-outputs.js';
import { isFigure, isRanked, isTop, measureOf } from './worked-out.js';

/** The frame of both questions taken together: the old one with what the new one says changed in it. */
export function mergeFrames(asked: Asked, said: Frame, manner: Manner, { rateWords }: Lexicon): Frame {
  const { frame: before, entity, label, shown, worksOut } = asked;
  const next = { ...said, conditions: said.conditions.map((condition) => bindCount(condition, before)) };
  const thing: Mention = { segment: namingSegment(entity, BLANK), owner: null, isEntity: true };
  const isEach = next.groups.some(({ mention }) => mention !== null && isKnown(mention.segment, entity, label));
  const wanted = next.outputs.filter(
    (output) => !isThing(output, entity) && !(manner.swaps && isComparedHere(output, next.conditions)),
  );
  // "how much does each one weigh": the weight of each, and no sum.
  const own = isEach ? wanted.map((output) => (isAmount(output) ? { ...output, quantity: false } : output)) : wanted;
  // "the makes for each": what is shown of each of them stands beside what was shown before.
  const isPlain = own.every(({ aggregate, quantity }) => aggregate === null && !quantity);
  const isWhole =
    before.outputs.every((output) => isThing(output, entity)) && own.every(({ of }) => of && isOwn(of, entity));
  const shownThings = shown.map((entry) =>
    plainMeasure({ segment: namingSegment(entry, BLANK), owner: null, isEntity: false }),
  );
  const outputs = outputsOf(
    { frame: before, shown: shownThings, worksOut },
    own,
    thing,
    next,
    { ...manner, adds: manner.adds || (isEach && isPlain && !isWhole) },
    rateWords,
  );
  const isKept = outputs.kept;
  const isOneRow = outputs.measures.some((measure) => measure.aggregate !== null && !isOwnAmount(measure));
  const isDivided = isOneRow || (isKept && worksOut);
  const dividing = (groups: Frame['groups']): Frame['groups'] =>
    groups.filter(({ mention }) => mention === null || isDivided || tableScore(mention.segment) < 0.75);
  const divided = isEach && isPlain && own.length > 0 ? [] : dividing(next.groups);
  const groups = manner.adds && own.length === 0 && isKept ? [...before.groups, ...divided] : divided;
  // Other figures of the same groups have rows of their own.
  const isAboutThing = !(worksOut && isKept && own.length > 0 && own.every(isFigure));
  // "in percent", and then "only Germany": of what there was in Germany.
  const isOfWhole = before.share !== null && isKept && before.groups.length > 0;
  const unread = [
    ...next.unread,
    ...(manner.adds ? notAdded(next, own, outputs.measures.length - before.outputs.length) : []),
  ];
  return {
    ...emptyFrame(),
    outputs: outputs.measures,
    groups: groups.length > 0 ? groups : isKept ? dividing(before.groups) : [],
    conditions: conditionsOf(
      before.conditions,
      next,
      { ...manner, widens: manner.widens && own.length === 0 },
      unread,
    ).map((condition) => (isOfWhole ? { ...condition, ofWhole: 'before' as const } : condition)),
    superlatives: picked(before, next, isKept, isOneRow).map((one) => asMany(one, before, manner)),
    ...orderOf(before, next, isKept, isOneRow),
    limit: next.limit ?? (next.superlatives.length === 0 && (isKept || !isOneRow) ? before.limit : null),
    distinct: next.distinct || (isKept && before.distinct),
    subjects: [
      ...before.subjects.filter((subject) => !isDenied(subject, next.conditions)),
      ...(isAboutThing ? [thing] : []),
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

/** "also show the name", where that is shown already: something else is meant. */
function notAdded(next: Frame, own: readonly Measure[], more: number): Segment[] {
  const others = next.conditions.length + next.groups.length + next.superlatives.length + next.orders.length;
  const phrases = own.length > 0 ? own.map(({ of }) => of) : next.subjects;
  const isNothing = own.length > 0 ? more <= 0 : others === 0 && next.limit === null && !next.whole;
  return isNothing ? phrases.flatMap((mention) => (mention ? [mention.segment] : [])) : [];
}

/** "and the cheapest ones?" after the three most expensive: three again. */
function asMany(superlative: Superlative, { superlatives }: Frame, { asksMany }: Manner): Superlative {
  const before = superlatives.at(-1)?.limit ?? 1;
  return asksMany && superlative.limit === 1 && before > 1 ? { ...superlative, limit: before } : superlative;
}

/** Which rows are picked out, by what. */
function picked(before: Frame, next: Frame, isKept: boolean, isOneRow: boolean): Superlative[] {
  if (next.superlatives.length > 0)
    return next.superlatives.map((superlative) => {
      const ranked = before.superlatives.at(-1);
      // "what about the top 10?" after the top 5 by revenue.
      if (ranked && isTop(ranked) && isTop(superlative) && isUnsaid(superlative))
        return { ...superlative, measure: ranked.measure };
      const { of, concept, aggregate } = superlative.measure;
      const isBare = of === null && concept === null && aggregate === null;
      return isBare ? { ...superlative, measure: measureOf(before) ?? superlative.measure } : superlative;
    });
  if (!isKept && isOneRow) return [];
  return [...before.superlatives, ...(isKept || next.conditions.length > 0 ? [] : bestOf(before))];
}

function isUnsaid({ measure, entity }: Superlative): boolean {
  return measure.concept === 'rank' && measure.of === null && entity === null;
}

/** In which order rows are picked, and in which they are shown. */
function orderOf(before: Frame, next: Frame, isKept: boolean, isOneRow: boolean): Pick<Frame, 'orders' | 'arranged'> {
  const isCut = before.limit !== null && before.orders.length > 0;
  const isPicked = (isRanked(before) || isCut) && next.superlatives.length === 0;
  if (next.orders.length > 0)
    return isPicked && isKept
      ? { orders: before.orders, arranged: next.orders }
      : { orders: next.orders, arranged: [] };
  // The order of the months says nothing of channels.
  const kept = next.groups.length > 0 ? before.orders.filter(({ shown }) => shown !== 'label') : before.orders;
  return { orders: isKept || !isOneRow ? kept : [], arranged: isPicked && isKept ? before.arranged : [] };
}

function isKnown({ names }: Segment, entity: TableEntry, label: ColumnEntry | null): boolean {
  const best = names[0]?.entry;
  return best !== undefined && (best === entity || best === label);
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
