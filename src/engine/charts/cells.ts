/** Reads the cells of a result page as numbers, points in time and harmless text. */
import type { CellValue } from './contract.js';

/** The longest text of a label, in characters; longer ones end in an ellipsis. */
const MAX_LABEL_LENGTH = 80;

/**
 * The number in a cell, null when it holds none. Decimals and big integers arrive as strings; what a double cannot
 * hold exactly is rounded, which no chart can show.
 */
export function cellNumber(value: CellValue): number | null {
  if (typeof value === 'boolean' || value === null || typeof value === 'object') return null;
  if (typeof value === 'string' && value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/;
const YEAR_MONTH = /^(\d{4})-(\d{2})$/;
const YEAR_QUARTER = /^(\d{4})[- ]?Q([1-4])$/i;

/**
 * The point in time of a cell in milliseconds since 1970, UTC; null when it holds none. Reads ISO 8601 dates and
 * times, and the months (`2025-03`) and quarters (`2025-Q1`) that queries print. A time without a zone is taken as
 * UTC, so that it is shown as it is stored wherever the chart is drawn.
 */
export function cellTime(value: CellValue): number | null {
  if (typeof value !== 'string') return null;
  const text = value.trim();
  const month = YEAR_MONTH.exec(text);
  if (month) return utc(Number(month[1]), Number(month[2]), 1);
  const quarter = YEAR_QUARTER.exec(text);
  if (quarter) return utc(Number(quarter[1]), Number(quarter[2]) * 3 - 2, 1);
  const parts = DATE_TIME.exec(text);
  if (!parts) return null;
  const day = utc(Number(parts[1]), Number(parts[2]), Number(parts[3]));
  if (day === null) return null;
  const [hours, minutes, seconds] = [Number(parts[4] ?? 0), Number(parts[5] ?? 0), Number(parts[6] ?? 0)];
  if (hours > 24 || minutes > 59 || seconds > 60) return null;
  const milliseconds = Math.floor(Number(`0.${parts[7] ?? '0'}`) * 1000);
  return day + ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds - zoneOffset(parts[8]);
}

/** The first moment of a year, in milliseconds since 1970, UTC. */
export function yearStart(year: number): number {
  return new Date(Date.UTC(2000, 0, 1)).setUTCFullYear(year);
}

function utc(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(2000, 0, 1));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : null;
}

function zoneOffset(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || '0')) * 60_000;
}

/** A cell as a label. Nulls and blanks are named, so that they do not vanish from an axis. */
export function cellText(value: CellValue): string {
  if (value === null) return '(none)';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  const text = harmlessText(typeof value === 'object' ? JSON.stringify(value) : String(value));
  return text === '' ? '(blank)' : text;
}

// Control characters and halves of surrogate pairs may not stand in XML; the bidirectional controls would reorder the
// text around a value.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}\u2028\u2029]+/gu;
const BIDI_CONTROLS = /[\u202A-\u202E\u2066-\u2069]/g;

/** Text that can stand in any picture: one line, no control characters, at most `maxLength` characters. */
export function harmlessText(text: string, maxLength = MAX_LABEL_LENGTH): string {
  // Cut before cleaning, so that a value of megabytes costs no more than a long one.
  const head = text.slice(0, maxLength * 4);
  const clean = head.replace(BIDI_CONTROLS, '').replace(UNPRINTABLE, ' ').replace(/\s+/gu, ' ').trim();
  const characters = [...clean];
  return characters.length > maxLength
    ? `${characters
        .slice(0, maxLength - 1)
        .join('')
        .trimEnd()}…`
    : clean;
}
