/** Formulas as people write them in documents: “revenue / orders”, “total amount divided by number of orders”. */
import type { Catalog, CatalogColumn, CatalogTable } from '../../catalog/catalog.js';
import type { TableEntry } from '../evidence/entries.js';
import { fold } from '../language/tokens.js';
import { readFormula } from './metric-formulas.js';

const OPERATORS: readonly [RegExp, string][] = [
  [/\bdivided by\b|÷/gi, '/'],
  [/\b(?:multiplied by|times)\b|×/gi, '*'],
  [/\bminus\b|−/gi, '-'],
  [/\bplus\b/gi, '+'],
];
const NUMERIC: ReadonlySet<string> = new Set(['integer', 'decimal', 'float']);
const COUNTED = /^(?:number|count) of (?:all )?(?:the )?/;
const SUMMED = /^(?:total(?: of)?|sum of|all) (?:the )?/;
const AVERAGED = /^(?:average|mean) (?:of )?(?:the )?/;

/**
 * The formula of a metric that a definition stands for: the definition itself where it is one, or names of columns and tables
 * tied by arithmetic, where each name is that of one thing only. A column of numbers is summed up, the rows of a table are counted.
 *
 * @returns what `GlossaryTerm.formula` takes; null when it is no formula over these tables
 */
export function formulaOf(definition: string, catalog: Catalog): string | null {
  const tables = catalog.tables.filter(({ hidden }) => !hidden).map(entryOf);
  const text = definition.trim().replace(/\.$/, '');
  if (readFormula(text, tables) !== null) return text;
  const plain = OPERATORS.reduce((told, [words, mark]) => told.replaceAll(words, ` ${mark} `), text);
  const parts = plain.split(/([()+*/]|(?<=\s)-(?=\s))/).map((part) => part.trim());
  const read = parts
    .filter((part) => part !== '')
    .map((part) => (/^(?:[-()+*/]|\d+(?:\.\d+)?)$/.test(part) ? part : operandOf(part, tables)));
  if (read.some((part) => part === null)) return null;
  const formula = read.join(' ');
  return readFormula(formula, tables) === null ? null : formula;
}

function operandOf(phrase: string, tables: readonly TableEntry[]): string | null {
  const said = plainName(phrase).replace(/^the /, '');
  const [counted, summed, averaged] = [COUNTED, SUMMED, AVERAGED].map((form) => form.test(said));
  const name = said.replace(COUNTED, '').replace(SUMMED, '').replace(AVERAGED, '');
  const columns = tables.flatMap(({ table }) =>
    table.columns
      .filter((column) => !column.hidden && NUMERIC.has(column.type) && namesOf(column).includes(singular(name)))
      .map((column) => ({ table, column })),
  );
  const [one] = columns;
  if (counted !== true && one !== undefined && columns.length === 1) {
    return `${averaged === true ? 'AVG' : 'SUM'}(${quoted(one.table)}.${quoted(one.column)})`;
  }
  if (summed === true || averaged === true) return null;
  const named = tables.filter(({ table }) => namesOf(table).includes(singular(name)));
  const [only] = named;
  const [key, ...more] = only?.table.primaryKey ?? [];
  if (only === undefined || named.length > 1 || key === undefined || more.length > 0) return null;
  return `COUNT(${quoted(only.table)}.${quoted({ name: key })})`;
}

function entryOf(table: CatalogTable): TableEntry {
  const entry: TableEntry = { kind: 'table', table, words: [], isShortened: false, otherNames: [], columns: [] };
  const column = {
    kind: 'column',
    table: entry,
    words: [],
    otherNames: [],
    isKey: false,
    isForeignKey: false,
  } as const;
  for (const one of table.columns) {
    if (!one.hidden)
      entry.columns.push({ ...column, otherNames: [], words: [], column: one, formula: null, metric: null });
  }
  return entry;
}

function namesOf({ name, synonyms }: CatalogColumn | CatalogTable): string[] {
  return [name, ...synonyms].map((one) => singular(plainName(one)));
}

function plainName(name: string): string {
  return fold(name)
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function singular(name: string): string {
  return name.replace(/(?<=[^s]{2})s$/, '');
}

function quoted({ name }: { name: string }): string {
  return `"${name.replaceAll('"', '""')}"`;
}
