/** "only Bicycles" after "only bikes", which was not understood: the same wish in other words. */
import { fold } from '../language/tokens.js';
import type { CueKind, Lexicon } from '../lexicon/lexicon.js';

/** Words that a part of a question opens with, unlike a question of its own. */
const OPENING: ReadonlySet<CueKind> = new Set([
  'and',
  'but',
  'by',
  'each',
  'except',
  'filler',
  'for',
  'group-by',
  'in',
  'order-by',
  'versus',
  'with',
  'without',
]);

/**
 * True where a question says anew what was not understood, so that it goes on from what was answered before that: both open
 * with the same word, and no word stands for what was asked for in between.
 */
export function saysAnew(question: string, failed: string, { cues, followUps }: Lexicon): boolean {
  const [first = '', ...rest] = wordsOf(question);
  const kind = cues.get(first)?.kind;
  const refers = rest.some((word) => followUps.pronouns.has(word) || followUps.possessives.has(word));
  return first === wordsOf(failed)[0] && kind !== undefined && OPENING.has(kind) && !refers;
}

function wordsOf(text: string): string[] {
  return fold(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}
