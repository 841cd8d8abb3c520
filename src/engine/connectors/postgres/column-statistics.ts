import type { ColumnStats, ColumnType } from '../../catalog/catalog.js';

/** What the server knows about a column since its last ANALYZE. */
export interface Statistics {
  /** Share of nulls, 0 to 1; NaN when unknown. */
  nullShare: number;
  /** Number of distinct values; negative, as the server has it, when it grows with the rows: minus their share. */
  distinct: number;
  /** Most frequent values, most frequent first, at most forty. */
  frequent: readonly string[];
  /** How many frequent values the server keeps. */
  frequentKept: number;
  /** Ends of the histogram, which leaves out the frequent values. */
  low: string | null;
  high: string | null;
}

export const NO_STATISTICS: Statistics = {
  nullShare: Number.NaN,
  distinct: Number.NaN,
  frequent: [],
  frequentKept: 0,
  low: null,
  high: null,
};

const MAX_SAMPLES = 10;
const MAX_SAMPLE_LENGTH = 200;
const NUMBERS = new Set<ColumnType>(['integer', 'decimal', 'float']);
/** Types whose values are ordered as their texts are. */
const AS_TEXT = new Set<ColumnType>(['text', 'date', 'time', 'timestamp', 'timestamptz', 'uuid']);
/** Types of whose values samples tell something. */
const SAMPLED = new Set<ColumnType>([...NUMBERS, ...AS_TEXT, 'boolean']);

/** The catalogue's statistics; approximate, as the server's are. */
export function columnStats(type: ColumnType, rowCount: number, known: Statistics): ColumnStats {
  const nulls = Number.isNaN(known.nullShare) ? null : Math.round(known.nullShare * rowCount);
  const samples = SAMPLED.has(type) ? known.frequent.slice(0, MAX_SAMPLES).map((value) => shown(value, type)) : [];
  return { distinct: distinctOf(known, rowCount), nulls, ...range(type, known), samples };
}

/** A value as the catalogue shows it: moments in ISO 8601, nothing very long. */
export function shown(value: string, type: ColumnType): string {
  let text = value;
  if (type === 'timestamp' || type === 'timestamptz') text = text.replace(' ', 'T').replace(/\+00$/, 'Z');
  if (type === 'boolean') text = value === 't' ? 'true' : 'false';
  return [...text].slice(0, MAX_SAMPLE_LENGTH).join('');
}

function distinctOf({ distinct }: Statistics, rowCount: number): number | null {
  // Zero is the server's word for not knowing.
  if (Number.isNaN(distinct) || distinct === 0) return null;
  return Math.round(distinct < 0 ? -distinct * rowCount : distinct);
}

function range(type: ColumnType, { frequent, frequentKept, low, high }: Statistics): Pick<ColumnStats, 'min' | 'max'> {
  const ends = [low, high].filter((value) => value !== null);
  // Without a histogram the frequent values are all there are, if they are all here.
  const known = ends.length > 0 || frequentKept <= frequent.length ? [...ends, ...frequent] : [];
  if (known.length === 0 || !(NUMBERS.has(type) || AS_TEXT.has(type))) return { min: null, max: null };
  const order = NUMBERS.has(type)
    ? (a: string, b: string): number => Number(a) - Number(b)
    : (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
  const sorted = known.sort(order);
  return { min: shown(sorted[0] ?? '', type), max: shown(sorted.at(-1) ?? '', type) };
}
