/** Follow-ups of a few words that change one thing of what was asked: "by revenue", "only the top 3", "compare with 2024". */
import { fold } from '../language/tokens.js';
import type { Cue, CueKind, FollowUpWords, Lexicon } from '../lexicon/lexicon.js';
import type { Condition, Frame, Group, Measure, Superlative } from '../reading/frame.js';
import { plainMeasure } from '../reading/frame.js';
import { Parser } from '../reading/parser.js';
import { isMention, sharesName, tableScore } from '../reading/phrases.js';
import { FEW } from '../reading/ranking-reader.js';
import type { Segment } from '../reading/segments.js';
import type { Asked } from './asked.js';
import { replaces, sameDate } from './merge-conditions.js';
import { isFigure, isRanked, isTimed, isTop } from './worked-out.js';

/** What was asked before with the one thing changed; null for a question of another form. */
export function shortForm(segments: readonly Segment[], asked: Asked, lexicon: Lexicon): Frame | null {
  return (
    releasedColumn(segments, asked.frame, lexicon.followUps) ??
    byFigure(segments, asked) ??
    shortened(segments, asked) ??
    cut(segments, asked) ??
    sortedByGroup(segments, asked, lexicon) ??
    compared(segments, asked)
  );
}

/** Words before what a short form says. */
const OPENING: ReadonlySet<CueKind> = new Set(['and', 'but', 'filler', 'request']);
/** Words that a short form may hold besides. */
const LIGHT: ReadonlySet<CueKind> = new Set([...OPENING, 'for', 'in', 'of', 'with', 'any', 'pronoun']);

/** The phrase that a question opens with, after "and", "show me" and the like. */
export function openingOf(segments: readonly Segment[]): Segment | undefined {
  return segments.find(({ cue, mark }) => mark === null && (cue === null || !OPENING.has(cue.kind)));
}

/** "only the top 3", "compare with 2024": of what is not said. */
export function shortens(segments: readonly Segment[]): boolean {
  const opening = openingOf(segments);
  const isNamed = segments.some((segment) => isMention(segment));
  return opening?.cue?.kind === 'versus' || (opening?.cue?.kind === 'top' && !isNamed);
}

/** "all countries again": the countries are not narrowed any more. */
function releasedColumn(segments: readonly Segment[], frame: Frame, { wholes }: FollowUpWords): Frame | null {
  const content = segments.filter((segment) => segment.mark === null && !isLight(segment));
  const [only] = content;
  const before = only && segments[only.index - 1];
  if (content.length !== 1 || !only || !before || !wholes.has(fold(before.phrase))) return null;
  const named = new Set(only.names.filter(({ score }) => score > 0.75).map(({ entry }) => entry));
  const isNarrowing = (condition: Condition): boolean =>
    condition.kind === 'value' &&
    condition.mentions.some(({ segment }) => segment.values.some(({ column }) => named.has(column)));
  const kept = frame.conditions.filter((condition) => !isNarrowing(condition));
  return kept.length < frame.conditions.length ? { ...frame, conditions: kept } : null;
}

function isLight(segment: Segment): boolean {
  return !isMention(segment) && segment.cue !== null && LIGHT.has(segment.cue.kind);
}

/** "and by revenue?": what was ranked is ranked by this, what was worked out for groups is this now. */
function byFigure(segments: readonly Segment[], { frame, worksOut }: Asked): Frame | null {
  const by = openingOf(segments);
  if (by?.cue?.kind !== 'by') return null;
  const figures = figuresIn(segments.slice(by.index + 1));
  const [figure, ...more] = figures ?? [];
  if (isRanked(frame)) {
    const last = frame.superlatives.at(-1);
    // "by country" after the top five customers: the best of each, or the best countries.
    if (!figure || more.length > 0 || !last) return { ...frame, unapplied: [by] };
    return { ...frame, superlatives: [{ ...last, measure: figure }], orders: [], arranged: [] };
  }
  return figures && worksOut && frame.groups.length > 0 ? { ...frame, outputs: figures, orders: [] } : null;
}

/** What is said, where it is nothing but figures. */
function figuresIn(segments: readonly Segment[]): Frame['outputs'] | null {
  const own = segments.map((segment, index) => ({ ...segment, index }));
  const { outputs, groups, conditions, superlatives, orders, unread } = new Parser(own).parse();
  const others = groups.length + conditions.length + superlatives.length + orders.length + unread.length;
  return outputs.length > 0 && others === 0 && outputs.every(isFigure) ? outputs : null;
}

/** "only the top 3", "the best one", where nothing else is said. */
function topIn(segments: readonly Segment[]): { top: TopCue; opening: Segment; number: Segment | undefined } | null {
  const content = segments.filter((segment) => segment.mark === null && !isLight(segment));
  const opening = content.find(({ cue }) => cue?.kind === 'top' || cue?.kind === 'superlative');
  const top = opening?.cue;
  if (top?.kind !== 'top' && (top?.kind !== 'superlative' || top.concept !== undefined)) return null;
  const others = content.filter(
    ({ cue, number }) => number === null && cue?.kind !== 'top' && cue?.kind !== 'superlative',
  );
  // "top 3 in 2025" says more than one thing.
  const [number, ...more] = content.filter((segment) => segment.number !== null);
  return !opening || others.length + more.length > 0 ? null : { top, opening, number };
}

type TopCue = Extract<Cue, { kind: 'top' | 'superlative' }>;

/** "only the top 3", "the first 3" of what was ranked: by what it was ranked by. */
function shortened(segments: readonly Segment[], { frame }: Asked): Frame | null {
  const last = frame.superlatives.at(-1);
  const said = topIn(segments);
  if (!last || !said) return null;
  const { top, opening, number } = said;
  // "the best" of the cheapest are best by what is not said.
  const isVague = top.kind === 'superlative' && (top.isVague !== true || !isTop(last));
  if (number?.percent === true || isVague) return null;
  const direction = directionOf(top, last);
  // "the first 3" of what was sorted anew, "the last 2" of the five best: not by what was ranked.
  const isResorted = top.kind === 'top' && top.byPosition === true && frame.arranged.length > 0;
  if (direction === null || isResorted) return { ...frame, unapplied: [opening] };
  const limit = number?.number ?? 1;
  const superlative = { ...last, direction, limit, isPercent: false };
  return { ...frame, superlatives: [...frame.superlatives.slice(0, -1), superlative], limit, offset: 0 };
}

/** From which end of the ranking rows are taken now; null where it is not clear. */
function directionOf(top: TopCue, last: Superlative): 'asc' | 'desc' | null {
  const isByPosition = top.kind === 'top' && top.byPosition === true;
  // "the top 3" of the best or the worst by a figure are those with the most of it; of the cheapest, the cheapest.
  if (isTop(last) && !isByPosition) return top.direction;
  const known = last.segments[0]?.cue;
  const isSameEnd = isByPosition && known?.kind === 'top' && known.byPosition && known.direction === top.direction;
  return top.direction === 'desc' || isSameEnd ? last.direction : null;
}

/** "only the top 3" of groups: by what was worked out for them. */
function cut(segments: readonly Segment[], { frame, worksOut }: Asked): Frame | null {
  const said = worksOut ? topIn(segments) : null;
  if (!said) return null;
  const { top, number } = said;
  const extreme = extremeOf(frame);
  if (extreme && top.kind === 'superlative')
    return { ...frame, outputs: [{ ...extreme, aggregate: top.direction === 'asc' ? 'min' : 'max' }], orders: [] };
  if (frame.groups.length === 0) return null;
  const limit = number?.number ?? (top.kind === 'top' ? FEW : 1);
  if (top.kind === 'top' && top.byPosition) {
    // "first 3": of the list as it was shown.
    const order = {
      measure: plainMeasure(null),
      direction: 'desc' as const,
      shown: isTimed(frame) ? ('label' as const) : ('result' as const),
    };
    if (top.direction === 'desc') return { ...frame, limit };
    return frame.orders.length > 0 || !isTimed(frame) ? null : { ...frame, limit, orders: [order] };
  }
  return { ...frame, limit, orders: [{ measure: plainMeasure(null), direction: top.direction, shown: 'result' }] };
}

/** The one figure, where it is the largest or the smallest of something: "and the lowest?" is the other one. */
function extremeOf({ outputs }: Frame): Measure | null {
  const [only] = outputs;
  return outputs.length === 1 && (only?.aggregate === 'min' || only?.aggregate === 'max') ? only : null;
}

/** "sort by month", "sort by name": by what the groups are, where there is a row for each. */
function sortedByGroup(segments: readonly Segment[], { frame, worksOut }: Asked, lexicon: Lexicon): Frame | null {
  const sorting = openingOf(segments);
  if (sorting?.cue?.kind !== 'order-by' || !worksOut) return null;
  const content = segments.filter((segment) => segment.mark === null && !isLight(segment) && segment !== sorting);
  const named = content.filter(({ cue }) => cue?.kind !== 'direction' && cue?.kind !== 'by');
  const [only] = named;
  const nth = only ? frame.groups.findIndex((group) => namesGroup(only, group, lexicon)) : -1;
  if (named.length !== 1 || nth < 0) return null;
  const cue = content.find((segment) => segment.cue?.kind === 'direction')?.cue;
  const direction = cue?.kind === 'direction' ? cue.direction : 'asc';
  const order = { measure: plainMeasure(null), shown: 'label' as const, nth, direction };
  // The first few by what was worked out stay the same.
  const isCut = frame.limit !== null && frame.orders.length > 0;
  return isCut ? { ...frame, arranged: [order] } : { ...frame, orders: [order] };
}

function namesGroup(segment: Segment, { unit, mention }: Group, { timeUnits, displayWords, lemma }: Lexicon): boolean {
  const phrase = fold(segment.phrase);
  const { cue } = segment;
  if (unit !== null) return timeUnits.get(phrase) === unit || (cue?.kind === 'trend' && cue.unit === unit);
  if (mention === null) return false;
  const isDisplay = displayWords.has(lemma(phrase)) && tableScore(mention.segment) > 0.75;
  return isDisplay || (isMention(segment) && sharesName(segment, mention.segment));
}

/** "compare with 2024" after a figure for 2025: one for each. */
function compared(segments: readonly Segment[], { frame, worksOut }: Asked): Frame | null {
  const versus = openingOf(segments);
  if (versus?.cue?.kind !== 'versus' || !worksOut) return null;
  const own = segments.slice(versus.index + 1).map((segment, index) => ({ ...segment, index }));
  const said = new Parser(own).parse();
  const [other] = said.conditions;
  const known = other && frame.conditions.findLastIndex((condition) => replaces(other, condition));
  const condition = known === undefined ? undefined : frame.conditions[known];
  if (!other || known === undefined || !condition || said.conditions.length > 1)
    return { ...frame, unapplied: [versus] };
  if (condition.kind === 'value' && other.kind === 'value') {
    const mentions = [...condition.mentions, ...other.mentions];
    const both: Condition = {
      ...condition,
      mentions,
      conjoined: true,
      segments: [...condition.segments, ...other.segments],
    };
    return withCompared({ ...frame, conditions: frame.conditions.with(known, both) }, both);
  }
  const both: Condition = { ...sameDate(other, condition), joiner: 'or' };
  const conditions = frame.conditions.toSpliced(known + 1, 0, both);
  return isTimed(frame) ? { ...frame, conditions } : withCompared({ ...frame, conditions }, both);
}

function withCompared(frame: Frame, condition: Condition): Frame {
  return {
    ...frame,
    groups: [...frame.groups, { mention: null, unit: null, trailing: false, compared: condition }],
  };
}
