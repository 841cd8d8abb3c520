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
  tableOf: (mention: Mention) => TableEntry | null,
  hasOne: (table: TableEntry, other: TableEntry) => boolean,
): Mention | null {
  const [only] = outputs;
  if (outputs.length !== 1 || only?.aggregate !== 'count' || only.distinct) return null;
  const deeds = subjects.filter(({ segment }) => segment.cue?.kind === 'verb');
  const isLine = (deed: Mention): boolean => {
    const table = tableOf(deed);
    const holdsQuantity = table?.columns.some((column) => isNumeric(column) && column.words.includes('quantity'));
    return table !== null && table !== main && holdsQuantity === true && hasOne(table, main);
  };
  return deeds.find(isLine) ?? null;
}
