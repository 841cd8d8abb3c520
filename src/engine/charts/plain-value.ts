import type { CellValue } from './contract.js';

/** What every decimal number of so many digits keeps when it is a double (DBL_DIG of IEEE 754): beyond are traces of the arithmetic. */
const DIGITS = 15;
const MIDNIGHT = /^(\d{4}-\d{2}-\d{2})T00:00:00(?:\.0+)?Z?$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?Z?)$/;

/** A number as people write it: `48534.485`, where the sum of doubles is `48534.48500000001`. */
export function plainNumber(value: number): string {
  return Number.isInteger(value) || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(DIGITS)));
}

/** A cell as it is said in a sentence: numbers without traces of the arithmetic, moments without a T, and days without an hour. */
export function plainValue(value: Exclude<CellValue, null>): string {
  if (typeof value === 'number') return plainNumber(value);
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value);
  return MIDNIGHT.exec(text)?.[1] ?? text.replace(MOMENT, '$1 $2');
}
