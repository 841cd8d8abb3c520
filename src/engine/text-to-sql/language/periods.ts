/** Reads dates and periods: "2023-04-01", "May 2023", "Q1 2024", "last month", "the past 30 days", "the 90s". */
import { type Calendar, dayIn, DEFAULT_CALENDAR } from '../../catalog/calendar.js';
import type { Lexicon, TimeUnit } from '../lexicon/lexicon.js';
import type { Token } from './tokens.js';

const DAY = 86_400_000;

/** A half-open range of days, `[from, to)`, as ISO 8601 dates. */
export interface Period {
  from: string;
  to: string;
  /** Set when the period is one calendar year, which may also be a plain number in the data. */
  year: number | null;
  /** The year was not said: the latest one that has begun is meant, or the latest that there is data of. */
  isAnyYear?: boolean;
  /** Days of the week by ISO number, of whatever year; the bounds mean nothing then. */
  weekdays?: readonly number[];
}

/** The period in the latest year that the data reaches, where the year was not said; else the period itself. */
export function withinData(period: Period, min: string | null, max: string | null): Period {
  if (!period.isAnyYear || min === null || max === null) return period;
  const [first, last] = [min.slice(0, 10), max.slice(0, 10)];
  const years = Number(last.slice(0, 4)) - Number(period.from.slice(0, 4));
  for (let shift = years; shift >= years - 1; shift -= 1) {
    const moved = { ...period, from: inYear(period.from, shift), to: inYear(period.to, shift) };
    if (moved.from <= last && moved.to > first) return period.to > first && period.from <= last ? period : moved;
  }
  return period;
}

/** "between January and March 1997": the January before that March. */
export function inYearOf(first: Period, last: Period): Period {
  if (!first.isAnyYear || last.isAnyYear) return first;
  const shift = Number(last.to.slice(0, 4)) - Number(first.from.slice(0, 4));
  for (const years of [shift, shift - 1]) {
    const moved = { from: inYear(first.from, years), to: inYear(first.to, years), year: null };
    if (moved.from < last.to) return moved;
  }
  return first;
}

function inYear(day: string, shift: number): string {
  return `${String(Number(day.slice(0, 4)) + shift).padStart(4, '0')}${day.slice(4)}`;
}

/** The calendar unit that a period is one of: "year" for 2023. */
export function unitOfPeriod(from: string, to: string): TimeUnit {
  const days = (Date.parse(to) - Date.parse(from)) / DAY;
  if (days <= 1) return 'day';
  if (days <= 7) return 'week';
  if (days <= 31) return 'month';
  return days <= 92 ? 'quarter' : 'year';
}

const TO_DATE: Record<string, TimeUnit> = { w: 'week', m: 'month', q: 'quarter', y: 'year' };

interface PeriodMatch {
  period: Period;
  /** Number of tokens read. */
  length: number;
}

const iso = (time: number): string => new Date(time).toISOString().slice(0, 10);
const utc = (year: number, month: number, day = 1): number => Date.UTC(year, month - 1, day);

const range = (from: number, to: number, year: number | null = null): Period => ({
  from: iso(from),
  to: iso(to),
  year,
});

/** The calendar unit that holds `time`, moved by `offset` units. */
function unitRange(unit: TimeUnit, time: number, offset: number, weekStart: number): Period {
  const length = 1;
  const date = new Date(time);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + 1;
  const today = utc(year, month, date.getUTCDate());
  switch (unit) {
    case 'day':
      return range(today + offset * DAY, today + (offset + length) * DAY);
    case 'week': {
      const first = today - ((date.getUTCDay() - weekStart + 7) % 7) * DAY;
      return range(first + offset * 7 * DAY, first + (offset + length) * 7 * DAY);
    }
    case 'month':
      return range(utc(year, month + offset), utc(year, month + offset + length));
    case 'quarter': {
      const first = Math.floor((month - 1) / 3) * 3 + 1;
      return range(utc(year, first + offset * 3), utc(year, first + (offset + length) * 3));
    }
    case 'year':
      return range(utc(year + offset, 1), utc(year + offset + length, 1), length === 1 ? year + offset : null);
  }
}

const isYear = (token: Token | undefined): token is Token & { value: number } =>
  token?.kind === 'number' && token.value !== null && /^(?:1[5-9]|20|21)\d\d$/.test(token.text);

/** Reads periods relative to one moment. */
export class PeriodReader {
  private readonly now: number;

  constructor(
    private readonly lexicon: Lexicon,
    now: Date,
    private readonly calendar: Calendar = DEFAULT_CALENDAR,
  ) {
    this.now = dayIn(calendar.timeZone, now);
  }

  /** The longest period that begins at this token, or null. */
  read(tokens: readonly Token[], at: number): PeriodMatch | null {
    const token = tokens[at];
    if (!token || token.kind === 'quoted') return null;
    return (
      this.readNumericDate(token) ??
      this.readWeekday(tokens, at) ??
      this.readFiscal(tokens, at) ??
      this.readToDate(tokens, at) ??
      this.readMonth(tokens, at) ??
      this.readQuarter(tokens, at) ??
      this.readRelative(tokens, at) ??
      this.readDecade(token) ??
      this.readYear(token)
    );
  }

  private readNumericDate(token: Token): PeriodMatch | null {
    const ordered = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(token.text);
    if (ordered) return dayMatch(Number(ordered[1]), Number(ordered[2]), Number(ordered[3]), 1);
    const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(token.text);
    if (!american) return null;
    const first = Number(american[1]);
    const second = Number(american[2]);
    const [month, day] = first > 12 ? [second, first] : [first, second];
    return dayMatch(Number(american[3]), month, day, 1);
  }

  /** "May 2023", "Jan 1, 2023", "1 January 2023", "March" (the latest one that has begun). */
  private readMonth(tokens: readonly Token[], at: number): PeriodMatch | null {
    const first = tokens[at];
    if (!first) return null;
    const leadingDay = dayNumber(first);
    const monthAt = leadingDay === null ? at : at + (tokens[at + 1]?.norm === 'of' ? 2 : 1);
    const month = this.month(tokens[monthAt]);
    if (month === null) return null;
    let next = monthAt + 1;
    let day = leadingDay;
    if (day === null) {
      const candidate = dayNumber(tokens[next]);
      if (candidate !== null) {
        day = candidate;
        next += 1;
      }
    }
    if (tokens[next]?.text === ',' && isYear(tokens[next + 1])) next += 1;
    const yearToken = tokens[next];
    if (isYear(yearToken)) {
      const length = next + 1 - at;
      if (day !== null) return dayMatch(yearToken.value, month, day, length);
      return { period: range(utc(yearToken.value, month), utc(yearToken.value, month + 1)), length };
    }
    if (leadingDay !== null) return null;
    const isCertain =
      tokens[monthAt]?.norm.length !== 3 && (tokens[monthAt]?.norm !== 'march' || tokens[monthAt]?.capital);
    if (!isCertain) return null;
    const now = new Date(this.now);
    const year = now.getUTCFullYear() - (month > now.getUTCMonth() + 1 ? 1 : 0);
    const match =
      day === null
        ? { period: range(utc(year, month), utc(year, month + 1)), length: 1 }
        : dayMatch(year, month, day, next - at);
    return match && { ...match, period: { ...match.period, isAnyYear: true } };
  }

  /** "Q1 2023", "first quarter of 2023", "1st quarter 2023". */
  private readQuarter(tokens: readonly Token[], at: number): PeriodMatch | null {
    const first = tokens[at];
    if (!first) return null;
    const short = /^q([1-4])$/.exec(first.norm);
    const ordinal = this.lexicon.ordinals.get(first.norm);
    const named =
      ordinal !== undefined && ordinal <= 4 && this.lexicon.timeUnits.get(tokens[at + 1]?.norm ?? '') === 'quarter';
    const quarter = short ? Number(short[1]) : named ? ordinal : null;
    if (quarter === null) return null;
    let next = at + (short ? 1 : 2);
    if (tokens[next]?.kind === 'word' && isYear(tokens[next + 1])) next += 1;
    const yearToken = tokens[next];
    const year = isYear(yearToken) ? yearToken.value : new Date(this.now).getUTCFullYear();
    const length = (isYear(yearToken) ? next + 1 : next) - at;
    return { period: range(utc(year, quarter * 3 - 2), utc(year, quarter * 3 + 1)), length };
  }

  /** "today", "this month", "last quarter", "the past 30 days", "3 weeks ago". */
  private readRelative(tokens: readonly Token[], at: number): PeriodMatch | null {
    const words = this.lexicon.timeWords;
    const first = tokens[at];
    if (!first) return null;
    if (words.today.has(first.norm)) return { period: unitRange('day', this.now, 0, 1), length: 1 };
    if (words.yesterday.has(first.norm)) return { period: unitRange('day', this.now, -1, 1), length: 1 };
    const second = tokens[at + 1];
    const third = tokens[at + 2];
    const isLast = words.last.has(first.norm);
    const unit = this.unit(second);
    if (unit) {
      const offset = isLast ? -1 : words.this.has(first.norm) ? 0 : words.next.has(first.norm) ? 1 : null;
      // "last day" and "next day" without a number are plain words more often than periods.
      if (offset !== null && second?.norm === unit)
        return { period: unitRange(unit, this.now, offset, this.calendar.weekStart), length: 2 };
    }
    const amount = this.number(second);
    const longUnit = this.unit(third);
    if (isLast && amount !== null && longUnit) return { period: this.trailing(longUnit, amount), length: 3 };
    const ownAmount = this.number(first);
    if (ownAmount !== null && unit && third && words.ago.has(third.norm)) {
      return { period: unitRange(unit, this.now, -ownAmount, this.calendar.weekStart), length: 3 };
    }
    return null;
  }

  /** The last so many units up to and including today. */
  private trailing(unit: TimeUnit, amount: number): Period {
    const date = new Date(this.now);
    const tomorrow = utc(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate() + 1);
    const months = { month: 1, quarter: 3, year: 12 };
    if (unit === 'day' || unit === 'week') return range(tomorrow - amount * (unit === 'week' ? 7 : 1) * DAY, tomorrow);
    const from = utc(date.getUTCFullYear(), date.getUTCMonth() + 1 - amount * months[unit], date.getUTCDate());
    return range(from, tomorrow);
  }

  /** "Mondays", "on Monday", "weekends". */
  private readWeekday(tokens: readonly Token[], at: number): PeriodMatch | null {
    const token = tokens[at];
    const weekdays = token?.kind === 'word' ? this.lexicon.weekdays.get(token.norm) : undefined;
    // One Monday is some date that is not said, unless it stands for all of them.
    const isEvery = token?.norm.endsWith('s') || this.lexicon.timeWords.onDay.has(tokens[at - 1]?.norm ?? '');
    if (!weekdays || !isEvery) return null;
    return { period: { from: iso(this.now), to: iso(this.now + DAY), year: null, weekdays }, length: 1 };
  }

  /** "FY2024", "FY24", "fiscal year 2024", "Q2 FY24", "this fiscal year", "last fiscal quarter". */
  private readFiscal(tokens: readonly Token[], at: number): PeriodMatch | null {
    const { fiscal, last, this: current, next } = this.lexicon.timeWords;
    const first = tokens[at];
    const quarter = /^q([1-4])$/.exec(first?.norm ?? '');
    if (quarter) {
      const isTied = tokens[at + 1]?.kind === 'word' && this.lexicon.timeWords.in.has(tokens[at + 1]?.norm ?? '');
      const start = at + (isTied ? 2 : 1);
      const year = this.fiscalYear(tokens, start);
      const from = (Number(quarter[1]) - 1) * 3;
      return year && { period: this.fiscalMonths(year.year, from, 3), length: start - at + year.length };
    }
    const named = this.fiscalYear(tokens, at);
    if (named) return { period: this.fiscalMonths(named.year, 0, 12), length: named.length };
    const offset = last.has(first?.norm ?? '')
      ? -1
      : current.has(first?.norm ?? '')
        ? 0
        : next.has(first?.norm ?? '')
          ? 1
          : null;
    const unit = fiscal.has(tokens[at + 1]?.norm ?? '') ? this.unit(tokens[at + 2]) : null;
    if (offset === null || (unit !== 'year' && unit !== 'quarter')) return null;
    const { year, month } = this.fiscalNow();
    if (unit === 'year') return { period: this.fiscalMonths(year + offset, 0, 12), length: 3 };
    return { period: this.fiscalMonths(year, (Math.floor(month / 3) + offset) * 3, 3), length: 3 };
  }

  private fiscalYear(tokens: readonly Token[], at: number): { year: number; length: number } | null {
    const short = /^fy(\d{2}|\d{4})$/.exec(tokens[at]?.norm ?? '');
    if (short)
      return {
        year: Number(short[1]) % 100 === Number(short[1]) ? 2000 + Number(short[1]) : Number(short[1]),
        length: 1,
      };
    const isShort = tokens[at]?.norm === 'fy';
    const isFiscal = isShort || this.lexicon.timeWords.fiscal.has(tokens[at]?.norm ?? '');
    const hasUnit = !isShort && this.unit(tokens[at + 1]) === 'year';
    const year = tokens[at + (hasUnit ? 2 : 1)];
    return isFiscal && isYear(year) ? { year: year.value, length: hasUnit ? 3 : 2 } : null;
  }

  /** Months of the fiscal year, counted from 0. */
  private fiscalMonths(year: number, from: number, length: number): Period {
    const { fiscalYearStart } = this.calendar;
    const first = fiscalYearStart === 1 ? year : year - 1;
    const isCalendar = fiscalYearStart === 1 && length === 12;
    return range(
      utc(first, fiscalYearStart + from),
      utc(first, fiscalYearStart + from + length),
      isCalendar ? year : null,
    );
  }

  /** The fiscal year that it is, and the month of it from 0. */
  private fiscalNow(): { year: number; month: number } {
    const now = new Date(this.now);
    const { fiscalYearStart } = this.calendar;
    const month = (now.getUTCMonth() + 1 - fiscalYearStart + 12) % 12;
    const hasBegun = fiscalYearStart > 1 && now.getUTCMonth() + 1 >= fiscalYearStart;
    return { year: now.getUTCFullYear() + Number(hasBegun), month };
  }

  /** "year to date", "YTD", "fiscal year to date": from the beginning of the unit up to and including today. */
  private readToDate(tokens: readonly Token[], at: number): PeriodMatch | null {
    const { to, toDate, fiscal } = this.lexicon.timeWords;
    const first = tokens[at];
    const short = /^(f?)([wmqy])td$/.exec(first?.norm ?? '');
    const isFiscal = short ? short[1] === 'f' : fiscal.has(first?.norm ?? '');
    const start = !short && isFiscal ? at + 1 : at;
    const unit = short ? TO_DATE[short[2] ?? ''] : this.unit(tokens[start]);
    const isSaid =
      short !== null || (to.has(tokens[start + 1]?.norm ?? '') && toDate.has(tokens[start + 2]?.norm ?? ''));
    if (!unit || !isSaid) return null;
    const length = short ? 1 : start - at + 3;
    const { year, month } = this.fiscalNow();
    const whole = !isFiscal
      ? unitRange(unit, this.now, 0, this.calendar.weekStart)
      : this.fiscalMonths(year, unit === 'quarter' ? Math.floor(month / 3) * 3 : 0, 12);
    return { period: { from: whole.from, to: iso(this.now + DAY), year: null }, length };
  }

  private readDecade(token: Token): PeriodMatch | null {
    const match = /^(?:(\d\d)(\d)0|(\d)0)s$/.exec(token.norm);
    if (!match) return null;
    const digit = Number(match[2] ?? match[3]);
    const century = match[1] === undefined ? (digit <= 2 ? 20 : 19) : Number(match[1]);
    const year = century * 100 + digit * 10;
    return { period: range(utc(year, 1), utc(year + 10, 1)), length: 1 };
  }

  private readYear(token: Token): PeriodMatch | null {
    if (!isYear(token)) return null;
    return { period: range(utc(token.value, 1), utc(token.value + 1, 1), token.value), length: 1 };
  }

  private month(token: Token | undefined): number | null {
    return token?.kind === 'word' ? (this.lexicon.months.get(token.norm) ?? null) : null;
  }

  private unit(token: Token | undefined): TimeUnit | null {
    return token?.kind === 'word' ? (this.lexicon.timeUnits.get(token.norm) ?? null) : null;
  }

  private number(token: Token | undefined): number | null {
    if (token?.kind === 'number') return token.value !== null && token.value <= 10_000 ? token.value : null;
    return token ? (this.lexicon.numberWords.get(token.norm) ?? null) : null;
  }
}

function dayNumber(token: Token | undefined): number | null {
  const match = token && /^(\d{1,2})(?:st|nd|rd|th)?$/.exec(token.norm);
  const day = match ? Number(match[1]) : 0;
  return day >= 1 && day <= 31 ? day : null;
}

function dayMatch(year: number, month: number, day: number, length: number): PeriodMatch | null {
  const start = utc(year, month, day);
  const date = new Date(start);
  if (date.getUTCMonth() + 1 !== month || date.getUTCDate() !== day) return null;
  return { period: range(start, start + DAY), length };
}
