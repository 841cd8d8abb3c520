/** How the people of a source count time. */

/** From 1, Monday, to 7, Sunday (ISO 8601). */
export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

export interface Calendar {
  /** The time zone that "today" is a day of, by its IANA name. */
  timeZone: string;
  weekStart: Weekday;
  /** The month that the fiscal year begins with, from 1 to 12. It is called by the calendar year that it ends in. */
  fiscalYearStart: number;
}

export const DEFAULT_CALENDAR: Calendar = { timeZone: 'UTC', weekStart: 1, fiscalYearStart: 1 };

const PARTS = new Map<string, Intl.DateTimeFormat>();

/** The day that it is at this moment in the time zone, as milliseconds of its midnight in UTC. */
export function dayIn(timeZone: string, now: Date): number {
  const format =
    PARTS.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  PARTS.set(timeZone, format);
  const part = (type: string): number =>
    Number(format.formatToParts(now).find((candidate) => candidate.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'));
}
