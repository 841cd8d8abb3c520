/** What was done with things, where the data holds it as rows of its own: lines of orders for "sold". */
import { isNumeric, type TableEntry } from '../evidence/schema-index.js';
import type { Frame, Mention } from '../reading/frame.js';

/**
 * The deed behind "how many products were sold", where its rows say how many of each: the products that were sold, or
 * how often? Null where there is but one answer.
 */
export function uncountedDeed(
  { outputs, subjects }: Frame,
  main: TableEntry,
  hasOne: (table: TableEntry, other: TableEntry) => boolean,
): Mention | null {
  const [only] = outputs;
  if (outputs.length !== 1 || only?.aggregate !== 'count' || only.distinct) return null;
  const deeds = subjects.filter(({ segment }) => segment.cue?.kind === 'verb');
  const holdsQuantity = ({ columns }: TableEntry): boolean =>
    columns.some((column) => isNumeric(column) && column.words.includes('quantity'));
  const isLine = ({ entry }: Mention['segment']['names'][number]): boolean =>
    entry.kind === 'table' && entry !== main && holdsQuantity(entry) && hasOne(entry, main);
  return deeds.find(({ segment }) => segment.names.some(isLine)) ?? null;
}
