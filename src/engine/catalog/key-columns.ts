/** Which columns could identify the rows of a table. */
import type { CatalogColumn, CatalogTable, ColumnType } from './catalog.js';
import { isKeyWord, nameWords, stem } from './name-words.js';

const KEY_TYPES = new Set<ColumnType>(['integer', 'text', 'uuid', 'decimal']);
/** How far an approximate number of distinct values may lie below the number of rows. */
const APPROXIMATION = 0.9;
/** Words of English that are not the name of a key, though they end in the letters of "id". */
const WORDS_IN_ID = new Set(
  (
    'paid prepaid unpaid bid humid acid grid void avoid valid invalid solid fluid liquid rapid hybrid lipid raid braid maid ' +
    'aid said laid android steroid thyroid pyramid covid orchid squid vivid kid skid lid mid rid centroid'
  ).split(' '),
);
/** Up to here the number of distinct values is exact. */
const EXACT_UP_TO = 10_000;

/** True when the statistics say, exactly or as far as an approximation can, that no two rows share a value. */
export function looksUnique(column: CatalogColumn, rowCount: number): boolean {
  const { distinct, nulls } = column.stats;
  if (distinct === null || nulls !== 0 || rowCount === 0 || !KEY_TYPES.has(column.type)) return false;
  return rowCount <= EXACT_UP_TO ? distinct === rowCount : distinct >= rowCount * APPROXIMATION;
}

/**
 * Columns that may be the primary key, the likeliest first: those named for the table (`customers.customer_id`), then
 * plain `id`, then any other name of a key, in their order. Uniqueness of large tables is only approximate here.
 */
export function primaryKeyCandidates(table: Pick<CatalogTable, 'name' | 'rowCount' | 'columns'>): CatalogColumn[] {
  const tableWords = nameWords(table.name).join(' ');
  const rank = (column: CatalogColumn): number => {
    const words = nameWords(column.name);
    const named = stem(words).join(' ');
    if (!namesKey(column.name)) return 0;
    if (named === tableWords) return 3;
    return named === '' ? 2 : 1;
  };
  return table.columns
    .filter((column) => looksUnique(column, table.rowCount) && rank(column) > 0)
    .sort((a, b) => rank(b) - rank(a));
}

/** True for names such as `id`, `customer_id`, `countryCode`, `StuID`, `stuid`; not for `amount_paid` and `humid`. */
export function namesKey(name: string): boolean {
  const words = nameWords(name);
  return isKeyWord(words.at(-1) ?? '') || isGluedId(words);
}

/** True for a name that ends with "id": `id`, `customer_id`, `customerId`, `StuID`, `stuid`; not for `amount_paid`. */
export function endsWithId(name: string): boolean {
  const words = nameWords(name);
  return words.at(-1) === 'id' || isGluedId(words);
}

/** `stuid`, `customerid`: one word that ends in "id", and that is no word of English. */
function isGluedId([only = '', ...others]: readonly string[]): boolean {
  return others.length === 0 && /^\p{Ll}{2,}id$/u.test(only) && !WORDS_IN_ID.has(only);
}
