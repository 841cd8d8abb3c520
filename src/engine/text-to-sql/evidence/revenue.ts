/** The revenue of rows that hold a quantity and a price but no amount. */
import type { Lexicon } from '../lexicon/lexicon.js';
import type { ColumnEntry, TableEntry } from './entries.js';

const isNumber = ({ column }: ColumnEntry): boolean =>
  column.type === 'integer' || column.type === 'decimal' || column.type === 'float';

/**
 * The revenue of a table's rows as a column that is worked out, under each word for it; null where the table has no
 * quantity and price, or where it or a table next to it holds amounts of its own.
 */
export function revenueOf(table: TableEntry, neighbours: readonly TableEntry[], lexicon: Lexicon): ColumnEntry | null {
  const numbers = table.columns.filter((entry) => isNumber(entry) && !entry.isKey);
  const quantity = numbers.find((entry) => entry.words.includes('quantity'));
  const price =
    numbers.find((entry) => entry.words.includes('unit') && entry.words.includes('price')) ??
    numbers.find((entry) => entry.words.at(-1) === 'price');
  if (!price || price === quantity) return null;
  // One sale a row: its price is what it earned.
  if (!quantity && !table.words.some((word) => lexicon.tradeWords.has(word))) return null;
  const holdsAmounts = [table, ...(quantity ? neighbours : [])].some(({ columns }) =>
    columns.some(
      (entry) => entry !== price && isNumber(entry) && entry.words.some((word) => lexicon.amountWords.has(word)),
    ),
  );
  const [word = '', ...others] = lexicon.revenueWords;
  if (holdsAmounts || word === '') return null;
  const reduced = numbers.find((entry) => entry.words.includes('discount'));
  const discount = reduced
    ? { column: reduced, whole: Number(reduced.column.stats.max ?? 0) > 1 ? (100 as const) : (1 as const) }
    : null;
  return {
    kind: 'column',
    table,
    column: {
      name: word,
      type: 'decimal',
      nativeType: '',
      nullable: true,
      description: null,
      synonyms: [],
      hidden: false,
      sensitivity: 'none',
      stats: { distinct: null, nulls: null, min: null, max: null, samples: [] },
      values: null,
    },
    words: [word],
    otherNames: others.map((other) => [other]),
    isKey: false,
    isForeignKey: false,
    formula: { factors: quantity ? [quantity, price] : [price], discount },
    metric: null,
  };
}
