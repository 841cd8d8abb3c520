import { type CellValue, plainValue } from '../../../engine/charts/index.js';
import type { Subject } from './subject.js';

const LONGEST_VALUE = 200;
const MOST_COLUMNS = 8;

/** A result in plain sentences: what it is, what it says, what stands out, and what to be careful about. */
export function plainText({ meaning, columns, rows, rowCount, truncated, findings, warnings }: Subject): string {
  const [first] = rows;
  const sentences = [
    ...(meaning === null ? [] : [ended(meaning)]),
    ...(first === undefined ? ['There are no such rows.'] : [contents(columns, first, rowCount, truncated)]),
    ...findings.map(({ sentence }) => sentence),
    ...warnings.map((warning) => `Note: ${warning}`),
  ];
  return sentences.join(' ');
}

function contents(
  columns: Subject['columns'],
  first: readonly CellValue[],
  rowCount: number,
  truncated: boolean,
): string {
  if (rowCount === 1 && columns.length === 1) return `The answer is ${shown(first[0] ?? null)}.`;
  const values = columns.slice(0, MOST_COLUMNS).map(({ name }, index) => `${name} ${shown(first[index] ?? null)}`);
  const more = columns.length > MOST_COLUMNS ? ', …' : '';
  if (rowCount === 1) return `There is one row: ${values.join(', ')}${more}.`;
  return `There are ${truncated ? 'more than ' : ''}${rowCount} rows; the first has ${values.join(', ')}${more}.`;
}

function shown(value: CellValue): string {
  if (value === null) return 'no value';
  const text = plainValue(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

function ended(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
