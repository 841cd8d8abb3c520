import type { CellValue } from '../../charts/contract.js';

/** What a value weighs that has no text of its own: a number, null, the head of a text or a list. */
const SMALL_VALUE = 8;

/** Roughly the memory that a row of JSON values takes, in bytes: a byte per character, and a little for every value. */
export function rowBytes(row: readonly CellValue[]): number {
  let bytes = 0;
  for (const value of row) bytes += valueBytes(value);
  return bytes;
}

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return SMALL_VALUE + value.length;
  if (typeof value !== 'object' || value === null) return SMALL_VALUE;
  let bytes = SMALL_VALUE;
  for (const [name, field] of Object.entries(value)) bytes += name.length + valueBytes(field);
  return bytes;
}
