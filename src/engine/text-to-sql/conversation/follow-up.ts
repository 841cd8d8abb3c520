/** Reads a question by itself and as going on from the one before. */
import type { ColumnEntry } from '../evidence/schema-index.js';
import type { Evidence } from '../evidence/evidence.js';
import { fold } from '../language/tokens.js';
import type { CueKind, FollowUpWords, Lexicon } from '../lexicon/lexicon.js';
import type { Frame } from '../reading/frame.js';
import type { Query } from '../planning/algebra.js';
import type { NameReading } from '../reading/name-linking.js';
import { Parser } from '../reading/parser.js';
import { isMeasure, isMention, nameScore, tableScore, valueScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { refersBack, resolveReferences } from './antecedents.js';
import type { Asked } from './asked.js';
import { edited, editOf } from './edits.js';
import type { Manner } from './manner.js';
import { mergeFrames } from './merge-frames.js';
import { openingOf, shortens, shortForm } from './short-forms.js';
import { isFigure } from './worked-out.js';

export interface Reading {
  segments: Segment[];
  frame: Frame;
  /** True where the reading goes on from the question before. */
  continues: boolean;
  /** True where one thing of what was asked is changed, by words that say nothing else. */
  isEdit?: boolean;
}

/**
 * The readings of a question, likeliest first. Where words such as "those" stand for what was asked before, there is
 * only the one that goes on from it.
 */
export function readingsOf(asked: readonly Segment[], before: Asked | null, { lexicon }: Evidence): Reading[] {
  const words = lexicon.followUps;
  const { segments, isExchanged } = withoutExchange(asked, words);
  const own = segments.map((segment) => ({ ...segment, names: withRecent(segment.names, before?.shown ?? []) }));
  const alone: Reading = { segments: own, frame: parsed(own), continues: false };
  if (before === null) return [alone];
  const edit = editOf(segments, words);
  if (edit !== null) {
    const frame = edited(before, edit, lexicon);
    // All that is said is the wish, and none of its words are about the data.
    return frame === null ? [] : [{ segments: [], frame, continues: true, isEdit: true }];
  }
  const changed = shortForm(own, before, lexicon);
  if (changed !== null) return [{ segments: own, frame: changed, continues: true, isEdit: true }];
  const { segments: resolved, refers } = resolveReferences(
    segments.map((segment) => ({ ...segment })),
    before,
    lexicon,
  );
  const { opens, ...manner } = mannerOf(segments, words, before, alone.frame);
  const isWhole = (standsAlone(segments) || namesOthers(segments, before)) && !isIncomplete(alone.frame);
  if (!refers && isWhole && !opens && !isExchanged && !sortsResult(segments)) return [alone];
  const next = parsed(openAdditions(openGroups(resolved, before), words));
  const swaps = manner.swaps || isExchanged;
  const merged: Reading = {
    segments: resolved,
    frame: mergeFrames(before, next, { ...manner, swaps }, lexicon),
    continues: true,
  };
  // What is no question of its own has no other reading.
  return refers || manner.adds || !isWhole ? [merged] : [merged, alone];
}

function parsed(segments: readonly Segment[]): Frame {
  const frame = new Parser(segments).parse();
  const noun = openingNoun(segments);
  return noun === null || frame.unread.includes(noun) ? frame : { ...frame, unread: [...frame.unread, noun] };
}

/** "Takings by month", "takings in 2026": looks like a verb, but what is divided is a thing, which nothing is known of. */
function openingNoun(segments: readonly Segment[]): Segment | null {
  const opening = openingOf(segments);
  if (opening?.cue?.kind !== 'verb' || opening.cue.changes === true) return null;
  if (opening.isParticiple || isMention(opening) || opening.verbNames.length > 0) return null;
  const [next, after] = segments.slice(opening.index + 1).filter(({ cue }) => cue?.kind !== 'filler');
  const kind = next?.cue?.kind;
  const isDivided =
    kind === 'trend' ||
    kind === 'group-by' ||
    kind === 'each' ||
    (kind === 'by' && after !== undefined && isMention(after) && nameScore(after) > valueScore(after));
  const isDated = opening.cue.mayBeNoun === true && kind === 'in' && after?.period != null;
  return isDivided || isDated ? opening : null;
}

/** Of columns that a phrase names about as well, the one that was shown before is meant. */
function withRecent(names: Segment['names'], shown: readonly ColumnEntry[]): Segment['names'] {
  const best = names[0]?.score ?? 0;
  const isRecent = ({ entry, score }: NameReading): boolean =>
    entry.kind === 'column' && shown.includes(entry) && score > best - ABOUT;
  if (!names.some(isRecent)) return names;
  return names
    .map((reading) => (isRecent(reading) ? { ...reading, score: reading.score + ABOUT / 2 } : reading))
    .toSorted((one, other) => other.score - one.score);
}

/** Readings nearer to each other than this are about as likely. */
const ABOUT = 0.06;

/** "per customer instead": what is said takes the place of what was said, and the word says nothing else. */
function withoutExchange(
  segments: readonly Segment[],
  { swaps }: FollowUpWords,
): { segments: readonly Segment[]; isExchanged: boolean } {
  const last = segments.findLast(({ mark }) => mark === null);
  if (!last || last.index === 0 || !swaps.has(fold(last.phrase))) return { segments, isExchanged: false };
  const kept = segments.filter((segment) => segment !== last).map((segment, index) => ({ ...segment, index }));
  return { segments: kept, isExchanged: true };
}

/** "and by month?" divides what was worked out, and sorts what was listed. */
function openGroups(segments: readonly Segment[], { worksOut }: Asked): Segment[] {
  const opening = openingOf(segments);
  return segments.map((segment) =>
    segment === opening && segment.cue?.kind === 'by'
      ? { ...segment, cue: { kind: worksOut ? 'group-by' : 'order-by' } }
      : segment,
  );
}

/** "also include the models" asks to show them. */
function openAdditions(segments: readonly Segment[], { additions }: FollowUpWords): Segment[] {
  const opening = openingOf(segments);
  return segments.map((segment) =>
    segment === opening && segment.cue?.kind === 'match' && additions.has(fold(segment.phrase))
      ? { ...segment, cue: { kind: 'request' } }
      : segment,
  );
}

/** Words at the beginning of a question tell how it goes on. */
const BEGINNING = 3;

function mannerOf(
  segments: readonly Segment[],
  words: FollowUpWords,
  before: Asked,
  alone: Frame,
): Manner & { opens: boolean } {
  const [first, second] = segments;
  // "And what about …" swaps as "what about …" does.
  const opening = fold((first?.cue?.kind === 'and' ? second : first)?.phrase ?? '');
  const phrases = segments.map(({ phrase }) => fold(phrase));
  const isAnother = !words.additions.has(phrases[0] ?? '') && namesAnother(segments, before);
  const isFragment = namesFigures(segments, alone) && before.worksOut;
  return {
    isFragment,
    asksMany: phrases.some((phrase) => words.manyOnes.has(phrase)),
    adds: phrases.some((phrase) => words.additions.has(phrase)),
    swaps: words.swaps.has(opening) || isAnother,
    widens: words.additions.has(phrases[0] ?? ''),
    chooses: words.choosing.has(phrases[0] ?? ''),
    opens:
      words.openings.has(opening) ||
      isAnother ||
      isFragment ||
      phrases.slice(0, BEGINNING).some((phrase) => words.additions.has(phrase)),
  };
}

/** "and revenue?", "and number of orders?": figures, and no sentence about them. */
function namesFigures(segments: readonly Segment[], { outputs, groups, superlatives, orders }: Frame): boolean {
  const opens = segments[0]?.cue?.kind === 'and';
  const isSentence = segments.some(({ cue }) => cue !== null && SENTENCE.has(cue.kind));
  const others = groups.length + superlatives.length + orders.length;
  return opens && !isSentence && others === 0 && outputs.length > 0 && outputs.every(isFigure);
}

/** Words that ask, or that tie what is asked for to something. */
const SENTENCE: ReadonlySet<CueKind> = new Set([
  'request',
  'what',
  'who',
  'where',
  'when',
  'how-many',
  'how-much',
  'be',
  'have',
]);

/** "And the boat called Nina?": the same is asked of another one. */
function namesAnother(segments: readonly Segment[], { entity }: Asked): boolean {
  const [first, ...rest] = segments;
  if (first?.cue?.kind !== 'and' || rest.some(({ cue }) => cue !== null && ASKING.has(cue.kind))) return false;
  const noun = rest.find((segment) => isMention(segment));
  const best = noun?.names[0]?.entry;
  return noun !== undefined && best === entity && noun !== rest.findLast(({ mark }) => mark === null);
}

/** Words that ask for something of their own. */
const ASKING: ReadonlySet<CueKind> = new Set([
  'request',
  'what',
  'who',
  'where',
  'when',
  'how-many',
  'how-much',
  'quality',
  'number-of',
  'aggregate',
  'order-by',
]);

/** "the average per make": of what is not said. */
function isIncomplete({ outputs }: Frame): boolean {
  return outputs.some(({ aggregate, of, concept }) => aggregate !== null && of === null && concept === null);
}

/** "sort them by name", "order by name", unlike "sort customers by name". */
function sortsResult(segments: readonly Segment[]): boolean {
  const [first, ...rest] = segments;
  if (first?.cue?.kind !== 'order-by') return false;
  const mention = rest.findIndex((segment) => isMention(segment));
  return first.phrase.includes(' ') || rest.slice(0, mention).some(({ cue }) => cue?.kind === 'by');
}

/** "and both together?", where the answer would be the same as before: what is said has not been understood. */
export function changesNothing(segments: readonly Segment[], query: Query, before: Asked): string[] {
  const says = (segment: Segment): boolean =>
    isMention(segment) ||
    segment.number !== null ||
    segment.period !== null ||
    (segment.cue !== null && !SILENT.has(segment.cue.kind));
  const words = segments.filter(({ mark }) => mark === null);
  if (words.some(says) || JSON.stringify(query) !== JSON.stringify(before.query)) return [];
  return words.slice(-1).map(({ phrase }) => phrase);
}

/** Words that change nothing by themselves. */
const SILENT: ReadonlySet<CueKind> = new Set([
  'and',
  'any',
  'be',
  'both',
  'but',
  'filler',
  'for',
  'in',
  'of',
  'pronoun',
  'with',
]);

/** What "and by channel?" wants to divide by, where that is all that is said. */
export function dividedAlone(segments: readonly Segment[]): string | null {
  const by = openingOf(segments);
  if (by?.cue?.kind !== 'by' && by?.cue?.kind !== 'group-by') return null;
  const rest = segments.slice(by.index + 1);
  const isSentence = rest.some(({ cue }) => cue !== null && (ASKING.has(cue.kind) || SENTENCE.has(cue.kind)));
  const named = rest.filter(({ mark, cue }) => mark === null && cue?.kind !== 'filler');
  return isSentence || named.length === 0 ? null : named.map(({ phrase }) => phrase).join(' ');
}

/** "the other ones", "the rest": all but what was shown, which is not worked out. */
export function restIn(segments: readonly Segment[], { followUps }: Lexicon): string | null {
  // "either … or", "any other … than".
  const isSaid = segments.some(
    ({ cue }) => cue?.kind === 'or' || cue?.kind === 'than' || (cue?.kind === 'compare' && cue.op === '!='),
  );
  const rest = segments.find(
    (segment) =>
      followUps.rests.has(fold(segment.phrase)) &&
      !isMention(segment) &&
      (segment.cue === null || segment.cue.kind === 'filler'),
  );
  return rest === undefined || isSaid ? null : rest.phrase;
}

/** True where a question cannot be understood without the one before it. */
export function needsMore(segments: readonly Segment[], { lexicon }: Evidence): boolean {
  const words = lexicon.followUps;
  const goesOn = segments.some(({ phrase }) => [words.openings, words.additions].some((set) => set.has(fold(phrase))));
  const adds = words.additions.has(fold(segments[0]?.phrase ?? ''));
  const isShort = shortens(segments);
  return (
    refersBack(segments, lexicon) || sortsResult(segments) || adds || isShort || (goesOn && !standsAlone(segments))
  );
}

/** True for a question that says what it is about: it names things, or asks for something under a condition of its own. */
function standsAlone(segments: readonly Segment[]): boolean {
  const mentions = segments.filter((segment) => isMention(segment));
  if (mentions.some(namesThings)) return true;
  const asks = segments.some(({ cue }) => cue !== null && ['request', 'what', 'who', 'aggregate'].includes(cue.kind));
  const isBound = segments.some(
    (segment) => segment.period !== null || segment.number !== null || valueScore(segment) > nameScore(segment),
  );
  const isDivided = segments.some(({ cue }) => cue !== null && ['by', 'each', 'group-by', 'trend'].includes(cue.kind));
  const opens = opensWithFigure(segments);
  return (opens ? isBound || isDivided : asks && isBound) && mentions.some((segment) => nameScore(segment) > 0.75);
}

/** "list the concert names" after a question about stadiums: the name says whose it is. */
function namesOthers(segments: readonly Segment[], { entity, frame }: Asked): boolean {
  return segments.some(({ names: [best], isPlural }) => {
    if (best?.entry.kind !== 'column' || best.score < CERTAIN || !isPlural) return false;
    const { table, words, isKey } = best.entry;
    const isSelfNamed = !isKey && table.words.length > 0 && table.words.every((word) => words.includes(word));
    return isSelfNamed && table !== entity && !frame.subjects.some(({ segment }) => segment.names[0]?.entry === table);
  });
}

/** From here on a column is called exactly so. */
const CERTAIN = 0.95;

/** "revenue in Germany", "revenue by country": said in full, though it does not ask. */
function opensWithFigure(segments: readonly Segment[]): boolean {
  const [first] = segments.filter(({ mark, cue }) => mark === null && cue?.kind !== 'filler');
  return first !== undefined && first.cue === null && isMeasure(first) && nameScore(first) > valueScore(first);
}

/** "the concerts", "concert names". */
function namesThings(segment: Segment): boolean {
  const best = segment.names[0];
  if (best?.entry.kind === 'column' && best.qualified && best.score > 0.75) return true;
  return tableScore(segment) > 0.75 && tableScore(segment) >= nameScore(segment) - 0.1;
}
