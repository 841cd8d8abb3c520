/** Reads a question by itself and as going on from the one before. */
import type { Evidence } from '../evidence/evidence.js';
import { fold } from '../language/tokens.js';
import type { CueKind, FollowUpWords } from '../lexicon/lexicon.js';
import type { Frame } from '../reading/frame.js';
import { Parser } from '../reading/parser.js';
import { isMention, nameScore, tableScore, valueScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { refersBack, resolveReferences } from './antecedents.js';
import type { Asked } from './asked.js';
import { type Manner, mergeFrames } from './merge-frames.js';

export interface Reading {
  segments: Segment[];
  frame: Frame;
  /** True where the reading goes on from the question before. */
  continues: boolean;
}

/**
 * The readings of a question, likeliest first. Where words such as "those" stand for what was asked before, there is
 * only the one that goes on from it.
 */
export function readingsOf(segments: readonly Segment[], before: Asked | null, { lexicon }: Evidence): Reading[] {
  const words = lexicon.followUps;
  const own = segments.map((segment) => ({ ...segment }));
  const alone: Reading = { segments: own, frame: new Parser(own).parse(), continues: false };
  if (before === null) return [alone];
  const { segments: resolved, refers } = resolveReferences(
    segments.map((segment) => ({ ...segment })),
    before,
    lexicon,
  );
  const manner = mannerOf(segments, words, before);
  const isWhole = standsAlone(segments) && !isIncomplete(alone.frame);
  if (!refers && isWhole && !manner.opens && !sortsResult(segments)) return [alone];
  const next = new Parser(openGroups(resolved, before)).parse();
  const merged: Reading = { segments: resolved, frame: mergeFrames(before, next, manner), continues: true };
  return refers || manner.adds ? [merged] : [merged, alone];
}

/** "and by month?" divides what was worked out, and sorts what was listed. */
function openGroups(segments: readonly Segment[], { frame }: Asked): Segment[] {
  const isWorkedOut = frame.outputs.some(({ aggregate, quantity }) => aggregate !== null || quantity);
  const opening = segments.findIndex(({ cue }) => cue === null || !PASSED.has(cue.kind));
  return segments.map((segment, index) =>
    index === opening && segment.cue?.kind === 'by'
      ? { ...segment, cue: { kind: isWorkedOut ? 'group-by' : 'order-by' } }
      : segment,
  );
}

const PASSED: ReadonlySet<CueKind> = new Set(['and', 'but', 'filler', 'request']);

/** Words at the beginning of a question tell how it goes on. */
const BEGINNING = 3;

function mannerOf(segments: readonly Segment[], words: FollowUpWords, before: Asked): Manner & { opens: boolean } {
  const [first, second] = segments;
  // "And what about …" swaps as "what about …" does.
  const opening = fold((first?.cue?.kind === 'and' ? second : first)?.phrase ?? '');
  const phrases = segments.map(({ phrase }) => fold(phrase));
  const isAnother = !words.additions.has(phrases[0] ?? '') && namesAnother(segments, before);
  return {
    adds: phrases.some((phrase) => words.additions.has(phrase)),
    swaps: words.swaps.has(opening) || isAnother,
    widens: words.additions.has(phrases[0] ?? ''),
    chooses: words.choosing.has(phrases[0] ?? ''),
    opens:
      words.openings.has(opening) ||
      isAnother ||
      phrases.slice(0, BEGINNING).some((phrase) => words.additions.has(phrase)),
  };
}

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

/** True where a question cannot be understood without the one before it. */
export function needsMore(segments: readonly Segment[], { lexicon }: Evidence): boolean {
  const words = lexicon.followUps;
  const goesOn = segments.some(({ phrase }) => [words.openings, words.additions].some((set) => set.has(fold(phrase))));
  const adds = words.additions.has(fold(segments[0]?.phrase ?? ''));
  return refersBack(segments, lexicon) || sortsResult(segments) || adds || (goesOn && !standsAlone(segments));
}

/** True for a question that says what it is about: it names things, or asks for something under a condition of its own. */
function standsAlone(segments: readonly Segment[]): boolean {
  const mentions = segments.filter((segment) => isMention(segment));
  if (mentions.some(namesThings)) return true;
  const asks = segments.some(({ cue }) => cue !== null && ['request', 'what', 'who', 'aggregate'].includes(cue.kind));
  const isBound = segments.some(
    (segment) => segment.period !== null || segment.number !== null || valueScore(segment) > nameScore(segment),
  );
  return asks && isBound && mentions.some((segment) => nameScore(segment) > 0.75);
}

/** "the concerts", "concert names". */
function namesThings(segment: Segment): boolean {
  const best = segment.names[0];
  if (best?.entry.kind === 'column' && best.qualified && best.score > 0.75) return true;
  return tableScore(segment) > 0.75 && tableScore(segment) >= nameScore(segment) - 0.1;
}
