/** Verbs that are orders where a sentence begins with them. */
import { fold } from '../language/tokens.js';
import type { CueKind } from '../lexicon/lexicon.js';
import type { Segment } from './segments.js';

/** What may stand before the verb of a request. */
const BEFORE: ReadonlySet<CueKind> = new Set(['request', 'filler', 'and']);
/** What shows that a noun follows, so that the word before it is none: "order the …". */
const DETERMINERS: ReadonlySet<CueKind> = new Set(['filler', 'pronoun', 'any', 'each', 'distinct']);

/** "Order the boats by length", unlike "order amount by month": the verb sorts what follows it. */
export function readSortingVerb(segments: readonly Segment[], verbs: ReadonlySet<string>): void {
  const at = segments.findIndex(({ cue, names }) => !cue || !BEFORE.has(cue.kind) || names.length > 0);
  const verb = segments[at];
  if (!verb || !verbs.has(fold(verb.phrase))) return;
  const next = segments[at + 1]?.cue;
  const isNoun = verb.names.length > 0 && !(next && DETERMINERS.has(next.kind));
  const isSorted = segments.slice(at + 2).some(({ cue }) => cue?.kind === 'by' || cue?.kind === 'direction');
  if (isNoun || !isSorted) return;
  Object.assign(verb, { cue: { kind: 'order-by' }, names: [], verbNames: [], values: [] });
}
