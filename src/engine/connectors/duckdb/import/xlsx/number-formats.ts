/** In a workbook, moments are numbers; only the format of a cell tells (ECMA-376, part 1, 18.8.30). */

export type NumberKind = 'number' | 'date' | 'time' | 'timestamp';

/** Formats that every program knows by number. */
const BUILT_IN: readonly [from: number, to: number, kind: NumberKind][] = [
  [14, 17, 'date'],
  [18, 21, 'time'],
  [22, 22, 'timestamp'],
  [27, 31, 'date'],
  [32, 35, 'time'],
  [36, 36, 'date'],
  [45, 45, 'time'],
  [47, 47, 'time'],
  [50, 54, 'date'],
  [55, 56, 'time'],
  [57, 58, 'date'],
];

/** What a number of this format means. A span of hours such as `[h]:mm` stays a number: it may be longer than a day. */
export function formatKind(id: number, code: string | undefined): NumberKind {
  if (code === undefined) return BUILT_IN.find(([from, to]) => id >= from && id <= to)?.[2] ?? 'number';
  const bare = code
    .split(';')[0]
    ?.replace(/"[^"]*"|\\.|_.|\*./g, '')
    .toLowerCase();
  if (bare === undefined || /\[(h+|m+|s+)\]/.test(bare)) return 'number';
  const letters = bare.replace(/\[[^\]]*\]|general|e[+-]/g, '');
  const day = /[yd]/.test(letters) || (/m/.test(letters) && !/[hs]/.test(letters));
  const time = /[hs]/.test(letters);
  if (day) return time ? 'timestamp' : 'date';
  return time ? 'time' : 'number';
}

const DAY_MS = 86_400_000;
/** The last day that a workbook can name: 9999-12-31. */
const LAST_DAY = 2_958_465;
const DAYS_BEFORE_1904 = 1_462;
/** Lotus 1-2-3 took 1900 for a leap year, and everybody has kept its day numbers. */
const LEAP_DAY_THAT_NEVER_WAS = 60;
const DAYS_FROM_1900_TO_1970 = 25_569;

/** A day number as ISO 8601 text with what it is; null when it names no day. */
export function moment(
  serial: number,
  kind: Exclude<NumberKind, 'number'>,
  from1904: boolean,
): { kind: 'date' | 'time' | 'timestamp'; text: string } | null {
  const days = from1904 ? serial + DAYS_BEFORE_1904 : serial;
  if (!Number.isFinite(days) || days < 0 || days >= LAST_DAY + 1) return null;
  if (serial < 1 && kind !== 'date') {
    const time = new Date(Math.min(Math.round(serial * DAY_MS), DAY_MS - 1)).toISOString().slice(11, 23);
    return { kind: 'time', text: time.replace('.000', '') };
  }
  if (days < 1) return null;
  const corrected = days < LEAP_DAY_THAT_NEVER_WAS ? days + 1 : days;
  const iso = new Date(Math.round((corrected - DAYS_FROM_1900_TO_1970) * DAY_MS)).toISOString();
  const [day = '', time = ''] = iso.replace('Z', '').replace('.000', '').split('T');
  return time === '00:00:00' ? { kind: 'date', text: day } : { kind: 'timestamp', text: `${day} ${time}` };
}
