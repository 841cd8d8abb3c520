/** What the findings need to know of a result, wherever its rows are: in memory, or in a stored file. */
import type { Granularity } from '../charts/calendar.js';
import type { Category, Measure, Time } from '../charts/column-profile.js';
import type { CellValue } from '../charts/contract.js';
import type { Correlation } from './statistics/correlation.js';
import type { Extreme, Moments } from './statistics/generalised-esd.js';

/** The values of a measure in one period: added up where that means something, otherwise their mean. */
export interface Point {
  /** Start of the period, milliseconds since 1970, UTC. */
  time: number;
  value: number;
  /** The one row of the period, null where there are several. */
  row: number | null;
}

export interface Series {
  granularity: Granularity;
  /** In order of time, a period each. */
  points: Point[];
  /** The first and the last moment of which there is a value. */
  begin: number;
  end: number;
  /** The periods are coarser than the moments are apart: the first and the last may be there in part only. */
  coarsened: boolean;
}

/** The total of a measure by group. */
export interface Group {
  name: string;
  total: number;
}

/** The numbers of a measure as they are, and, where all are positive, their logarithms. */
export interface Spread {
  median: number;
  /** Median absolute deviation from the median. */
  mad: number;
  plain: Moments;
  logarithms: Moments | null;
}

export interface Measurements {
  rowCount: number;
  /** Undefined where the series would be of no use: its time cannot be read, or it has hardly any periods. */
  series(time: Time, measure: Measure): Promise<Series | undefined>;
  /** All groups, the largest first; undefined when there are more than `MOST_GROUPS`, or a negative value. */
  groups(category: Category, measure: Measure): Promise<Group[] | undefined>;
  correlation(one: Measure, other: Measure): Promise<Correlation>;
  spread(measure: Measure): Promise<Spread>;
  /** The value of a measure in a row, as the result has it. */
  exact(measure: Measure, extreme: Extreme): CellValue;
}

/** A series has at most so many points; a longer one is taken by the next coarser period. */
export const MOST_POINTS = 400;
export const MOST_GROUPS = 5000;
/** How many values of either end are looked at. */
export const MOST_EXTREMES = 10;
