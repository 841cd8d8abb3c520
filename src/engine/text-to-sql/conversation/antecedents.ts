/** Puts what was spoken of before in the place of the words that stand for it. */
import { fold } from '../language/tokens.js';
import type { AggregateName, Cue, CueKind, FollowUpWords, Lexicon } from '../lexicon/lexicon.js';
import { isMention, nameScore, tableScore, valueScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { type Asked, namingSegment } from './asked.js';

export interface Referring {
  segments: Segment[];
  /** True where some word stood for what was spoken of. */
  refers: boolean;
}

/**
 * "their names" as the names of the customers that were asked for before, "which of those" as which of these customers.
 * A pronoun behind a noun of its own sentence ("students and their ages") stands for that noun and is left as it is.
 */
export function resolveReferences(segments: readonly Segment[], before: Asked, lexicon: Lexicon): Referring {
  const resolved: Segment[] = [];
  let refers = false;
  for (const { segment, as, place } of references(segments, lexicon)) {
    refers ||= STANDING.has(as);
    switch (as) {
      case 'thing':
        resolved.push(namingSegment(before.entity, segment));
        break;
      case 'chosen':
        resolved.push(segment, namingSegment(before.label ?? before.entity, segment));
        break;
      case 'each':
        resolved.push({ ...segment, cue: { kind: 'each', isApart: true } });
        resolved.push(namingSegment(before.label ?? before.entity, segment));
        break;
      case 'amount':
        resolved.push(...amountOf(before, segment));
        break;
      case 'measured':
        resolved.push(...measuredIn(before, segment));
        break;
      case 'column':
        resolved.push(...columnAt(before, place ?? 0, segment));
        break;
      case 'shown':
        resolved.push(shownIn(before, segment) ?? segment);
        break;
      case 'itself':
        resolved.push(segment);
        break;
      case 'nothing':
        break;
    }
  }
  for (const [index, segment] of resolved.entries()) segment.index = index;
  return { segments: resolved, refers };
}

/** True where words of the question stand for something that it does not say. */
export function refersBack(segments: readonly Segment[], lexicon: Lexicon): boolean {
  return references(segments, lexicon).some(({ as }) => STANDING.has(as));
}

/** What a phrase stands for; `nothing` for a pronoun before the noun that it points out. */
interface Reference {
  segment: Segment;
  as: 'itself' | 'nothing' | 'thing' | 'chosen' | 'each' | 'amount' | 'measured' | 'shown' | 'column';
  /** Which of the columns, from 1. */
  place?: number;
}

/** The parts that nothing but an earlier question explains. */
const STANDING: ReadonlySet<Reference['as']> = new Set([
  'nothing',
  'thing',
  'chosen',
  'each',
  'amount',
  'measured',
  'column',
]);

function references(segments: readonly Segment[], { followUps: words, ordinals }: Lexicon): Reference[] {
  let hasNoun = false;
  let isSorting = false;
  const apart = pronounApart(segments, words);
  return segments.map((segment, index): Reference => {
    const phrase = fold(segment.phrase);
    const [last, next] = [segments[index - 1], segments[index + 1]];
    const isNounNext = next !== undefined && isMention(next) && nameScore(next) >= valueScore(next) && !next.quoted;
    if (segment.mark !== null && /[.?!;]/.test(segment.mark)) hasNoun = false;
    const isLastDemonstrative = last !== undefined && words.demonstratives.has(fold(last.phrase));
    if (isLastDemonstrative && words.amounts.has(phrase) && isEnd(next)) return { segment, as: 'measured' };
    if (isLastDemonstrative && segment.number !== null && isMention(next)) return { segment, as: 'nothing' };
    if (isMention(segment)) {
      hasNoun ||= tableScore(segment) > 0.6;
      const isPointedOut = last?.cue?.kind === 'each' || isLastDemonstrative;
      return { segment, as: isPointedOut ? 'shown' : 'itself' };
    }
    isSorting ||= segment.cue?.kind === 'order-by';
    const place = ordinals.get(phrase);
    if (isSorting && place !== undefined) return { segment, as: 'column', place };
    if (isSorting && words.pronouns.has(phrase) && last && ordinals.has(fold(last.phrase)))
      return { segment, as: 'nothing' };
    if (words.eachOne.has(phrase) && !isNounNext) return { segment, as: 'each' };
    // "for each of them" says "each" already.
    if (
      words.pronouns.has(phrase) &&
      last?.cue?.kind === 'of' &&
      words.eachOne.has(fold(segments[index - 2]?.phrase ?? ''))
    )
      return { segment, as: 'nothing' };
    const isPronoun = words.pronouns.has(phrase) && (segment.cue?.kind !== 'relative' || (isTied(last) && !isNounNext));
    if (isPronoun && (last?.cue?.kind === 'compare' || last?.cue?.kind === 'than') && !isNounNext)
      return { segment, as: 'amount' };
    // "of those three boats", "by this number".
    const isPointing = words.demonstratives.has(phrase) && (isTied(last) || index === apart);
    if (isPointing && (pointsAtNumber(segments, index) || (next && words.amounts.has(fold(next.phrase)))))
      return { segment, as: 'nothing' };
    if (index === apart) return { segment, as: isNounNext ? 'nothing' : 'thing' };
    // "the models for these", "the model of that with …" goes back further than the models.
    const isLast = !next || next.mark !== null || next.cue?.kind === 'with';
    if (isPronoun && isTied(last) && words.demonstratives.has(phrase) && isLast) return { segment, as: 'thing' };
    // "the make and the model of this car".
    if (isPointing && isNounNext) return { segment, as: 'nothing' };
    if (hasNoun) return { segment, as: 'itself' };
    if (words.choosing.has(phrase) && (!isNounNext || next.isParticiple) && choosesRow(phrase, next))
      return { segment, as: next && words.pronouns.has(fold(next.phrase)) ? 'itself' : 'chosen' };
    if (words.possessives.has(phrase) && isNounNext) {
      // "their makers" are things of their own; "their names" are columns of what was spoken of.
      const isThing = tableScore(next) > 0.75 && tableScore(next) >= nameScore(next) - 0.05;
      return { segment, as: isThing ? 'nothing' : 'thing' };
    }
    const pointsOut = words.demonstratives.has(phrase) && isNounNext;
    if (pointsOut && (segment.cue?.kind !== 'relative' || isTied(last))) return { segment, as: 'nothing' };
    return { segment, as: isPronoun && !words.choosing.has(phrase) ? 'thing' : 'itself' };
  });
}

/**
 * The place of a pronoun that cannot stand for what the question asks for, the only thing it names: "which ports does it
 * serve", "how many decks does that boat have", "which boats are in it".
 */
function pronounApart(segments: readonly Segment[], words: FollowUpWords): number | null {
  const link = segments.findIndex((segment) => segment.cue && VERBS.has(segment.cue.kind) && !isMention(segment));
  const length = segments.slice(link).findIndex(({ cue }) => !cue || !(VERBS.has(cue.kind) || TIES.has(cue.kind)));
  const pronoun = segments[link + length];
  if (link < 1 || length < 1 || !pronoun) return null;
  const opening = segments.slice(0, link);
  const asks = opening.some(({ cue }) => cue !== null && ASKING.has(cue.kind));
  const isPlain = opening.every((segment) => !segment.cue || isMention(segment) || OPENING.has(segment.cue.kind));
  const phrase = fold(pronoun.phrase);
  // "which boats have that name" points at a noun, "the boats are that …" does not.
  const isBehindAuxiliary = words.auxiliaries.has(fold(segments[link + length - 1]?.phrase ?? ''));
  const stands = words.pronouns.has(phrase) && (pronoun.cue?.kind !== 'relative' || isBehindAuxiliary);
  return asks && isPlain && stands ? link + length : null;
}

const ASKING: ReadonlySet<CueKind> = new Set(['what', 'how-many', 'how-much', 'quality', 'where', 'when', 'number-of']);
/** What may stand between the word that asks and the verb, besides nouns. */
const OPENING: ReadonlySet<CueKind> = new Set([
  ...ASKING,
  'filler',
  'distinct',
  'each',
  'unit',
  'any',
  'request',
  'in',
]);
const VERBS: ReadonlySet<CueKind> = new Set(['be', 'have', 'verb']);
/** What may stand between a verb and a pronoun. */
const TIES: ReadonlySet<CueKind> = new Set(['in', 'of', 'for', 'by', 'with', 'not', 'without', 'filler']);

/** "those three boats". */
function pointsAtNumber(segments: readonly Segment[], index: number): boolean {
  return segments[index + 1]?.number != null && isMention(segments[index + 2]);
}

function isEnd(segment: Segment | undefined): boolean {
  return !segment || segment.mark !== null || segment.cue?.kind === 'direction';
}

/** "in that year", unlike "orders that …". */
function isTied(before: Segment | undefined): boolean {
  return before?.cue != null && ['in', 'of', 'for', 'by', 'with'].includes(before.cue.kind);
}

/** "which have …", "which ones": the question word itself is the thing. */
function choosesRow(phrase: string, next: Segment | undefined): boolean {
  if (phrase.includes(' ')) return true;
  const kind = next?.cue?.kind;
  return (
    next?.isParticiple === true ||
    kind === 'have' ||
    kind === 'be' ||
    kind === 'verb' ||
    kind === 'not' ||
    kind === 'with'
  );
}

/** "the second column" of what was shown: the groups, then what was worked out or listed. */
function columnAt({ frame, entity }: Asked, place: number, at: Segment): Segment[] {
  const groups = frame.groups.flatMap(({ mention }) => (mention ? [mention.segment] : []));
  if (place <= groups.length) return groups.slice(place - 1, place);
  const output = frame.outputs[place - 1 - groups.length];
  if (!output) return [at];
  const named = output.of?.segment ?? namingSegment(entity, at);
  return output.aggregate !== null && output.segment
    ? [{ ...output.segment, cue: cueOf(output.aggregate) }, named]
    : [named];
}

/** "this number" after a count for each of something: that count. */
function measuredIn({ frame, entity }: Asked, at: Segment): Segment[] {
  const measured = frame.outputs.find(({ aggregate, segment }) => aggregate !== null && segment !== null);
  if (!measured?.segment || measured.aggregate === null) return [at];
  const named = measured.of?.segment ?? namingSegment(entity, at);
  return [{ ...measured.segment, cue: cueOf(measured.aggregate), names: [], values: [] }, { ...named }];
}

function cueOf(name: AggregateName): Cue {
  return name === 'count' ? { kind: 'number-of' } : { kind: 'aggregate', name };
}

/** "each id" where ids were shown: those. */
function shownIn({ frame }: Asked, segment: Segment): Segment | null {
  for (const { of } of frame.outputs) {
    const best = of?.segment.names[0];
    const reading = best && segment.names.find(({ entry, score }) => entry === best.entry && score > 0.5);
    if (reading) return { ...segment, names: [{ ...reading, score: 1 }], values: [] };
  }
  return null;
}

/** "above this" after "the average weight": above the average weight. */
function amountOf({ frame, entity }: Asked, place: Segment): Segment[] {
  const [only] = frame.outputs;
  const isOne = frame.outputs.length === 1 && frame.conditions.length === 0 && frame.groups.length === 0;
  if (!isOne || !only?.segment || !only.of || only.aggregate === null) return [namingSegment(entity, place)];
  return [{ ...only.segment, cue: cueOf(only.aggregate) }, { ...only.of.segment }];
}
