/** What a result is made of, as the searches for findings look at it. */
import type { Category, Measure, ProfiledTable, Time } from '../charts/column-profile.js';
import type { ResultColumn } from '../charts/contract.js';
import type { Measurements, Point, Series } from './measurements.js';
import { periodOf, startOf } from './periods.js';

/** More columns than these are not looked at: every test costs the others some of their power. */
const MOST_MEASURES = 6;
const MOST_CATEGORIES = 3;

/** A series of which only whole periods are left. */
export interface WholeSeries extends Series {
  time: Time;
  /** The last period was left out, because it is not over or not all there. */
  lastIsPartial: boolean;
}

export interface Subject {
  measurements: Measurements;
  columns: readonly ResultColumn[];
  measures: Measure[];
  categories: Category[];
  time: Time | undefined;
  /** Every row is a period of its own. */
  isSeries: boolean;
  /** Rows are missing at the end: sums over all of them mean nothing. */
  truncated: boolean;
  /** The moment up to which the data can reach, in milliseconds since 1970. */
  now: number;
  /** What `wholeSeries` has given already. */
  known: Map<Measure, Promise<WholeSeries | undefined>>;
}

/**
 * The columns that are worth looking at: no identifiers, years, codes, coordinates or running numbers.
 *
 * @param unanalysed names of columns that are not to be looked at
 */
export function subjectOf(
  profile: ProfiledTable,
  measurements: Measurements,
  columns: readonly ResultColumn[],
  { truncated, now, unanalysed }: { truncated: boolean; now: Date; unanalysed: ReadonlySet<string> },
): Subject {
  const isOpen = ({ column }: { column: number }) => !unanalysed.has(columns[column]?.name ?? '');
  const measures = profile.measures.filter((measure) => isOpen(measure) && measure.geo === null && !isCounter(measure));
  const time = profile.times.find(isOpen);
  return {
    measurements,
    columns,
    measures: measures.slice(0, MOST_MEASURES),
    categories: profile.categories.filter((one) => isOpen(one) && !one.identifier).slice(0, MOST_CATEGORIES),
    time,
    isSeries: time !== undefined && time.distinct === profile.rowCount,
    truncated,
    now: now.getTime(),
    known: new Map(),
  };
}

/** The name of a column as the result has it. */
export function nameOf({ columns }: Subject, { column }: { column: number }): string {
  return columns[column]?.name ?? '';
}

/** Whole numbers that count the rows through, such as the numbers of invoices. */
function isCounter({ whole, aggregate, distinct, min, max, values }: Measure): boolean {
  return whole && !aggregate && distinct > 2 && distinct === values.length && max - min === distinct - 1;
}

/** A period counts as whole when at most this share of it has no data at its end, or at its beginning. */
const MISSING_SHARE = 0.1;

/**
 * A measure by period, without periods that are there in part only: the last one when it is not over yet, and, where moments
 * have been put together to periods, the last and the first one when the data do not fill them.
 */
export function wholeSeries(subject: Subject, measure: Measure): Promise<WholeSeries | undefined> {
  const known = subject.known.get(measure) ?? readSeries(subject, measure);
  subject.known.set(measure, known);
  return known;
}

async function readSeries(subject: Subject, measure: Measure): Promise<WholeSeries | undefined> {
  const { time, measurements, truncated, now } = subject;
  if (time === undefined) return undefined;
  const series = await measurements.series(time, measure);
  if (series === undefined || (truncated && series.points.some(({ row }) => row === null))) return undefined;
  const { granularity, begin, end, coarsened } = series;
  const boundsOf = ({ time: at }: Point): [number, number] => {
    const period = periodOf(at, granularity);
    return [startOf(period, granularity), startOf(period + 1, granularity)];
  };
  const lacks = (missing: number, [from, to]: [number, number]) => coarsened && missing > (to - from) * MISSING_SHARE;
  let { points } = series;
  const [first, last] = [points.at(0), points.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const lastIsPartial = boundsOf(last)[1] > now || lacks(boundsOf(last)[1] - end, boundsOf(last));
  if (lastIsPartial) points = points.slice(0, -1);
  if (lacks(begin - boundsOf(first)[0], boundsOf(first))) points = points.slice(1);
  return { ...series, points, time, lastIsPartial };
}
