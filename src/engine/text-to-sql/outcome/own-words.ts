/** Says of an outcome what it is about in the words of the person who asked, where they were read in other words. */
import type { Clarification, SqlAnswer, Unanswerable } from '../contract.js';
import type { Rendering } from '../language/rendering.js';
import type { Segment } from '../reading/segments.js';

const QUOTED = /“([^”]+)”/g;

/** The outcome with the phrases of the question as they were said. */
export function inOwnWords<Outcome extends SqlAnswer | Clarification | Unanswerable>(
  outcome: Outcome,
  segments: readonly Segment[],
  rendering: Rendering,
): Outcome {
  const said = new Map(segments.map(({ phrase, start, end }) => [phrase, rendering.said(start, end)]));
  const own = (text: string): string =>
    text.replace(QUOTED, (whole, phrase: string) => (said.has(phrase) ? `“${said.get(phrase) ?? ''}”` : whole));
  const interpretation = outcome.interpretation.map((read) => ({
    ...read,
    phrase: said.get(read.phrase) ?? read.phrase,
  }));
  if (outcome.kind === 'unanswerable') return { ...outcome, interpretation, reason: own(outcome.reason) };
  if (outcome.kind === 'clarification') return { ...outcome, interpretation, question: own(outcome.question) };
  return { ...outcome, interpretation };
}
