/** The calendar of a column of dates: how fine it is, how its axis is divided and how a date of it is written. */

export type Granularity = 'year' | 'quarter' | 'month' | 'day' | 'minute' | 'second';

const DAY = 86_400_000;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The coarsest unit that tells all the given times (milliseconds, UTC) apart. */
export function granularityOf(times: number[]): Granularity {
  const dates = times.map((time) => new Date(time));
  if (dates.some((date) => date.getUTCSeconds() !== 0 || date.getUTCMilliseconds() !== 0)) return 'second';
  if (times.some((time) => time % DAY !== 0)) return 'minute';
  if (dates.some((date) => date.getUTCDate() !== 1)) return 'day';
  const months = new Set(dates.map((date) => date.getUTCMonth()));
  if (months.size === 1 && months.has(0)) return 'year';
  // Two months may be any two; from three on, January, April, July and October are quarters.
  const quarterly = months.size >= 3 && [...months].every((month) => month % 3 === 0);
  return quarterly ? 'quarter' : 'month';
}

/** A date as its label reads: `2025`, `Q1 2025`, `Mar 2025`, `7 Mar 2025`, `7 Mar 2025 14:05`. */
export function dateLabel(time: number, granularity: Granularity): string {
  const date = new Date(time);
  const year = String(date.getUTCFullYear());
  if (granularity === 'year') return year;
  if (granularity === 'quarter') return `Q${Math.floor(date.getUTCMonth() / 3) + 1} ${year}`;
  const month = `${MONTHS[date.getUTCMonth()] ?? ''} ${year}`;
  if (granularity === 'month') return month;
  const day = `${date.getUTCDate()} ${month}`;
  if (granularity === 'day') return day;
  return `${day} ${date.toISOString().slice(11, granularity === 'minute' ? 16 : 19)}`;
}

/** The time as it stands in a specification: a date alone, or a moment in UTC. */
export function isoTime(time: number): string {
  const iso = new Date(time).toISOString();
  return time % DAY === 0 ? iso.slice(0, -14) : iso;
}

/** Name of a month given by number, as result columns of `extract(month …)` hold it. */
export function monthName(month: number): string {
  return MONTHS[month - 1] ?? String(month);
}

const CALENDAR_WORDS = [
  [
    'january',
    'february',
    'march',
    'april',
    'may',
    'june',
    'july',
    'august',
    'september',
    'october',
    'november',
    'december',
  ],
  ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
];

/** Where each label stands in the calendar when all are names of months or of weekdays (whole, or three letters); otherwise null. */
export function calendarPositions(labels: string[]): Map<string, number> | null {
  for (const words of CALENDAR_WORDS) {
    const positions = new Map<string, number>();
    for (const label of labels) {
      const word = label.toLowerCase();
      const position = words.findIndex((full) => full === word || full.slice(0, 3) === word);
      if (position >= 0) positions.set(label, position);
    }
    if (labels.length > 1 && positions.size === labels.length) return positions;
  }
  return null;
}

export interface TimeAxis {
  /** Vega-Lite's `tickCount`: every `step` units; within a few days, about so many. */
  tickCount: { interval: Interval; step: number } | number;
  /** d3 time format of the labels. */
  format: string;
}

type Interval = 'year' | 'month' | 'week' | 'day';

const UNITS: { interval: Interval; step: number; span: number }[] = [
  ...[1, 2].map((step) => ({ interval: 'day' as const, step, span: step * DAY })),
  ...[1, 2].map((step) => ({ interval: 'week' as const, step, span: step * 7 * DAY })),
  ...[1, 2, 3, 6].map((step) => ({ interval: 'month' as const, step, span: step * 30.4 * DAY })),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((step) => ({ interval: 'year' as const, step, span: step * 365 * DAY })),
];

const FINEST: Record<Granularity, { interval: Interval; step: number }> = {
  year: { interval: 'year', step: 1 },
  quarter: { interval: 'month', step: 3 },
  month: { interval: 'month', step: 1 },
  day: { interval: 'day', step: 1 },
  minute: { interval: 'day', step: 1 },
  second: { interval: 'day', step: 1 },
};

/** Ticks that stand on the calendar, never finer than the data and at most `maxTicks`, with labels that fit them. */
export function timeAxis(first: number, last: number, granularity: Granularity, maxTicks: number): TimeAxis {
  const timed = granularity === 'minute' || granularity === 'second';
  if (timed && last - first < 4 * DAY) {
    const time = last - first < maxTicks * 30_000 ? '%H:%M:%S' : '%H:%M';
    return { tickCount: maxTicks - 1, format: sameDay(first, last) ? time : `%-d %b ${time}` };
  }
  const finest = FINEST[granularity];
  const start = UNITS.findIndex((unit) => unit.interval === finest.interval && unit.step === finest.step);
  const usable = UNITS.slice(start).filter(
    (unit) => granularity !== 'quarter' || unit.interval !== 'month' || unit.step % 3 === 0,
  );
  const unit = usable.find(({ span }) => (last - first) / span < maxTicks) ?? { interval: 'year' as const, step: 1000 };
  return { tickCount: { interval: unit.interval, step: unit.step }, format: tickFormat(unit.interval, granularity) };
}

function tickFormat(interval: Interval, granularity: Granularity): string {
  if (interval === 'year') return '%Y';
  if (interval === 'month') return granularity === 'quarter' ? 'Q%q %Y' : '%b %Y';
  return '%-d %b %Y';
}

function sameDay(first: number, last: number): boolean {
  return Math.floor(first / DAY) === Math.floor(last / DAY);
}
