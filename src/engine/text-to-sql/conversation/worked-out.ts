/** What was worked out before, and by what it may be ranked. */
import { isNumeric } from '../evidence/schema-index.js';
import type { Frame, Measure, Superlative } from '../reading/frame.js';
import { isMeasure, tableScore } from '../reading/phrases.js';

/** True for the rows that come first by something: "top 5 customers by revenue". */
export function isRanked({ superlatives, groups }: Frame): boolean {
  return superlatives.length > 0 && groups.length === 0;
}

/** "top 5", "bottom 5", unlike "the first 5" and "the 5 cheapest". */
export function isTop({ segments: [opening] }: Superlative): boolean {
  return opening?.cue?.kind === 'top' && opening.cue.byPosition !== true;
}

/** True where the groups are spans of time. */
export function isTimed({ groups }: Frame): boolean {
  return groups.some(({ unit }) => unit !== null);
}

/** "revenue", "number of orders", "average price": something that can be worked out for a group, or ranked by. */
export function isFigure({ aggregate, quantity, ratio, of }: Measure): boolean {
  if (aggregate !== null || quantity || ratio) return true;
  return of !== null && isMeasure(of.segment) && tableScore(of.segment) < 0.75;
}

/** What was measured before: a sum, an average, or the one amount that was shown. */
export function measureOf({ outputs, superlatives, orders }: Frame): Measure | null {
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

/** What was worked out without being said: customers by country are counted, revenue by country is added up. */
export function saidInFull(output: Measure, rateWords: ReadonlySet<string>): Measure {
  if (output.aggregate !== null || output.quantity || output.ratio || output.of === null) return output;
  const entry = output.of.segment.names[0]?.entry;
  if (entry?.kind === 'table') return { ...output, aggregate: 'count' };
  if (entry?.kind !== 'column' || !isFigure(output) || entry.metric) return output;
  return { ...output, aggregate: entry.words.some((word) => rateWords.has(word)) ? 'avg' : 'sum' };
}
