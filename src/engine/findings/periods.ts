/** Periods of the calendar: where they begin, how they are counted, and what is coarser. */
import type { Granularity } from '../charts/calendar.js';

const COARSER: Partial<Record<Granularity, Granularity>> = {
  second: 'minute',
  minute: 'day',
  day: 'month',
  month: 'quarter',
  quarter: 'year',
};

const MS: Partial<Record<Granularity, number>> = { second: 1000, minute: 60_000, day: 86_400_000 };
const MONTHS: Partial<Record<Granularity, number>> = { month: 1, quarter: 3, year: 12 };

/** Periods of a cycle that business repeats in: the days of a week, the months and quarters of a year; 1 where none is known. */
const CYCLES: Partial<Record<Granularity, number>> = { day: 7, month: 12, quarter: 4 };

export function coarser(granularity: Granularity): Granularity | undefined {
  return COARSER[granularity];
}

export function cycleOf(granularity: Granularity): number {
  return CYCLES[granularity] ?? 1;
}

/** The number of the period that a moment is in: the next period has the next number. */
export function periodOf(time: number, granularity: Granularity): number {
  const ms = MS[granularity];
  if (ms !== undefined) return Math.floor(time / ms);
  const date = new Date(time);
  return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / (MONTHS[granularity] ?? 1));
}

/** The first moment of a period, in milliseconds since 1970, UTC. */
export function startOf(period: number, granularity: Granularity): number {
  const ms = MS[granularity];
  if (ms !== undefined) return period * ms;
  const months = period * (MONTHS[granularity] ?? 1);
  return new Date(Date.UTC(2000, 0, 1)).setUTCFullYear(Math.floor(months / 12), months % 12);
}

/** `month` for one of them, `months` for more. */
export function periodWord(granularity: Granularity, count: number): string {
  return count === 1 ? granularity : `${granularity}s`;
}
