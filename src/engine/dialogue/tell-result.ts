import { type CellValue, plainValue } from '../charts/index.js';

export interface ToldResult {
  /** What was found out in plain words, without a value of the data. */
  text: string;
  /** The same with the first values; null when there are none. */
  sentence: string | null;
}

export interface Told {
  /** The reading in plain words; null for SQL that a person wrote. */
  paraphrase: string | null;
  columns: readonly { name: string }[];
  /** The first rows. */
  rows: readonly (readonly CellValue[])[];
  rowCount: number;
  truncated: boolean;
}

const LONGEST_VALUE = 80;
const ROWS_SAID = 3;
const COLUMNS_SAID = 4;

/** A result as one would say it: the value itself where it is one, else how many rows there are and the first of them. */
export function tellResult({ paraphrase, columns, rows, rowCount, truncated }: Told): ToldResult {
  const what = (paraphrase ?? 'The result of your SQL').replace(/[.\s]+$/, '');
  const [first] = rows;
  if (rowCount === 0 || first === undefined) return { text: `${what}: there are no such rows.`, sentence: null };
  const many = truncated
    ? `the first ${rowCount} rows, there are more`
    : rowCount === 1
      ? 'one row'
      : `${rowCount} rows`;
  const text = `${what}: ${many}.`;
  if (rowCount === 1 && columns.length === 1) return { text, sentence: `${what}: ${said(first[0])}.` };
  if (rowCount === 1) return { text, sentence: `${what}: ${inOneLine(columns, first)}.` };
  const lines = rows.slice(0, ROWS_SAID).map((row) => row.slice(0, COLUMNS_SAID).map(said).join(' · '));
  const rest = rowCount > lines.length ? '; …' : '.';
  return { text, sentence: `${text} ${lines.join('; ')}${rest}` };
}

function inOneLine(columns: Told['columns'], row: readonly CellValue[]): string {
  return columns
    .slice(0, COLUMNS_SAID)
    .map(({ name }, index) => `${name} ${said(row[index])}`)
    .join(', ');
}

function said(value: CellValue | undefined): string {
  if (value === null || value === undefined) return 'nothing';
  const text = plainValue(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE).trimEnd()}…` : text;
}
