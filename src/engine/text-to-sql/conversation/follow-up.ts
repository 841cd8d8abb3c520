/** Reads a question by itself and as going on from the one before. */
import type { Evidence } from '../evidence/evidence.js';
import { fold } from '../language/tokens.js';
import type { Frame } from '../reading/frame.js';
import { Parser } from '../reading/parser.js';
import { isMention, nameScore, tableScore, valueScore } from '../reading/phrases.js';
import type { Segment } from '../reading/segments.js';
import { refersBack, resolveReferences } from './antecedents.js';
import { type Asked, mergeFrames } from './merge-frames.js';

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
  const alone = (): Reading => {
    const own = segments.map((segment) => ({ ...segment }));
    return { segments: own, frame: new Parser(own).parse(), continues: false };
  };
  if (before === null) return [alone()];
  const words = lexicon.followUps;
  const { segments: resolved, refers } = resolveReferences(
    segments.map((segment) => ({ ...segment })),
    before,
    words,
  );
  const opening = fold(segments[0]?.phrase ?? '');
  const opens = words.openings.has(opening);
  if (!refers && !opens && standsAlone(segments)) return [alone()];
  const next = new Parser(resolved).parse();
  const adds = segments.some((segment) => words.additions.has(fold(segment.phrase)));
  const manner = { adds, swaps: words.swaps.has(opening), widens: words.additions.has(opening) };
  const merged: Reading = { segments: resolved, frame: mergeFrames(before, next, manner), continues: true };
  return refers || adds ? [merged] : [merged, alone()];
}

/** True where a question cannot be understood without the one before it. */
export function needsMore(segments: readonly Segment[], { lexicon }: Evidence): boolean {
  const words = lexicon.followUps;
  const goesOn = segments.some(({ phrase }) => words.openings.has(fold(phrase)) || words.additions.has(fold(phrase)));
  return refersBack(segments, words) || (goesOn && !standsAlone(segments));
}

/** True for a question that says what it is about: it names things, or asks for something under a condition of its own. */
function standsAlone(segments: readonly Segment[]): boolean {
  const mentions = segments.filter((segment) => isMention(segment));
  if (mentions.some((segment) => tableScore(segment) > 0.75 && tableScore(segment) >= nameScore(segment) - 0.1))
    return true;
  const asks = segments.some(({ cue }) => cue !== null && ['request', 'what', 'who', 'aggregate'].includes(cue.kind));
  const isBound = segments.some((segment) => segment.period !== null || valueScore(segment) > nameScore(segment));
  return asks && isBound && mentions.some((segment) => nameScore(segment) > 0.75);
}
