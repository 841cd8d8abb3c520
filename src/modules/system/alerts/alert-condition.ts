/** What an alert watches: when it counts, on plain values, without a database. */
import type { CellValue } from '../../../engine/charts/index.js';
import type { ColumnType } from '../../../engine/catalog/catalog.js';
import { median } from '../../../engine/findings/statistics/order.js';

export const ALERT_TYPES = ['threshold', 'change', 'missing', 'anomaly'] as const;
export type AlertType = (typeof ALERT_TYPES)[number];

export const OPERATORS = ['>', '>=', '<', '<=', '=', '!='] as const;
export type Operator = (typeof OPERATORS)[number];

/** How the rows of a column become one figure; `any` looks at every row by itself. */
export const AGGREGATES = ['last', 'first', 'any', 'min', 'max', 'sum', 'avg', 'count'] as const;
export type Aggregate = (typeof AGGREGATES)[number];

/** As it is stored, every choice made. */
export interface AlertCondition {
  query_id: number;
  type: AlertType;
  /** Null where the rows themselves are watched. */
  column: string | null;
  aggregate: Aggregate;
  operator: Operator | null;
  /** Threshold: the figure. Change: how much. Missing: hours. Anomaly: the robust z-score. */
  value: number | null;
  /** What a change is counted in. */
  unit: 'percent' | 'absolute';
  /** Evaluations in a row that must agree before the alert changes its state. */
  consecutive: number;
  schedule: string | null;
  timezone: string;
}

export interface WatchedColumn {
  name: string;
  type: ColumnType;
}

/** A whole result that an alert looks at. */
export interface WatchedRows {
  queryId: number;
  columns: readonly WatchedColumn[];
  rows: readonly (readonly CellValue[])[];
}

export interface Judgement {
  /** Whether what is watched for is the case. */
  met: boolean;
  /** The figure that was looked at; null where there was none. */
  value: number | null;
  sentence: string;
}

/** The condition and the result do not go together; in words for the owner. */
export class NotEvaluable extends Error {
  override readonly name = 'NotEvaluable';
}

/** Below so many earlier figures nothing is called unusual. */
export const LEAST_BASELINE = 8;
/** Robust z-score from which a value is an outlier (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). */
export const DEFAULT_ROBUST_Z = 3.5;
const HOUR_MS = 3_600_000;
const NUMERIC: ReadonlySet<ColumnType> = new Set(['integer', 'decimal', 'float']);
const TEMPORAL: ReadonlySet<ColumnType> = new Set(['date', 'timestamp', 'timestamptz']);

export function isNumeric({ type }: WatchedColumn): boolean {
  return NUMERIC.has(type);
}

export function isTemporal({ type }: WatchedColumn): boolean {
  return TEMPORAL.has(type);
}

/**
 * @param earlier figures of earlier evaluations, oldest first, for results that are one figure each time
 * @throws NotEvaluable
 */
export function judge(
  condition: AlertCondition,
  result: WatchedRows,
  earlier: readonly number[],
  now = new Date(),
): Judgement {
  switch (condition.type) {
    case 'missing':
      return missing(condition, result, now);
    case 'threshold':
      return threshold(condition, result);
    case 'change':
      return change(condition, result, earlier);
    case 'anomaly':
      return anomaly(condition, result, earlier);
  }
}

function threshold(condition: AlertCondition, result: WatchedRows): Judgement {
  const { operator, value: limit, aggregate } = condition;
  if (operator === null || limit === null) throw new NotEvaluable('A threshold needs an operator and a value.');
  const name = nameOf(condition);
  if (aggregate === 'any') {
    const figures = figuresOf(condition, result);
    const hits = figures.filter((figure) => compare(figure, operator, limit));
    const [first = figures.at(-1) ?? null] = hits;
    const sentence =
      hits.length === 0
        ? `No row of ${name} is ${operator} ${limit}.`
        : `${name} is ${told(first)} in ${hits.length === 1 ? 'a row' : `the first of ${hits.length} rows`}, which is ${operator} ${limit}.`;
    return { met: hits.length > 0, value: first, sentence };
  }
  const figure = figureOf(condition, result);
  if (figure === null) return { met: false, value: null, sentence: `There is no value of ${name} to compare.` };
  const met = compare(figure, operator, limit);
  return {
    met,
    value: figure,
    sentence: `${name} is ${told(figure)}, which is ${met ? '' : 'not '}${operator} ${limit}.`,
  };
}

function change(condition: AlertCondition, result: WatchedRows, earlier: readonly number[]): Judgement {
  const { operator, value: limit, unit } = condition;
  if (limit === null) throw new NotEvaluable('A change needs a value.');
  const name = nameOf(condition);
  const { figure, before } = seriesOf(condition, result, earlier);
  const last = before.at(-1);
  if (figure === null || last === undefined) {
    return { met: false, value: figure, sentence: `There is nothing earlier yet to compare ${name} with.` };
  }
  const difference = figure - last;
  if (unit === 'percent' && last === 0) {
    const met =
      difference !== 0 && (operator === null || compare(difference > 0 ? Infinity : -Infinity, operator, limit));
    return { met, value: figure, sentence: `${name} was 0 before and is ${told(figure)} now.` };
  }
  const size = unit === 'percent' ? (difference / Math.abs(last)) * 100 : difference;
  const met = operator === null ? Math.abs(size) >= limit : compare(size, operator, limit);
  const words = `${size >= 0 ? 'up' : 'down'} ${told(Math.abs(size))}${unit === 'percent' ? ' %' : ''}`;
  return { met, value: figure, sentence: `${name} is ${told(figure)} after ${told(last)}: ${words}.` };
}

function anomaly(condition: AlertCondition, result: WatchedRows, earlier: readonly number[]): Judgement {
  const limit = condition.value ?? DEFAULT_ROBUST_Z;
  const name = nameOf(condition);
  const { figure, before } = seriesOf(condition, result, earlier);
  if (figure === null || before.length < LEAST_BASELINE) {
    const sentence = `There are ${before.length} earlier values of ${name}; from ${LEAST_BASELINE} on it can be told what is unusual.`;
    return { met: false, value: figure, sentence };
  }
  const { centre, score } = robustScore(figure, before);
  const met = Math.abs(score) >= limit;
  const direction = score > 0 ? 'above' : 'below';
  const sentence = met
    ? `${name} is ${told(figure)}, far ${direction} the usual ${told(centre)} (robust z-score ${told(score)}).`
    : `${name} is ${told(figure)}, which is usual: the median is ${told(centre)} (robust z-score ${told(score)}).`;
  return { met, value: figure, sentence };
}

/**
 * How far a value is from others, in robust standard deviations: by the median absolute deviation, or, where more than half
 * of the others are the same, by the mean absolute deviation (Iglewicz and Hoaglin, 1993). Infinite where all others are the
 * same and the value is not.
 */
export function robustScore(value: number, others: readonly number[]): { centre: number; score: number } {
  const centre = median([...others]);
  const deviations = others.map((other) => Math.abs(other - centre));
  const mad = median([...deviations]);
  const mean = deviations.reduce((sum, deviation) => sum + deviation, 0) / deviations.length;
  const scale = mad > 0 ? mad / 0.6745 : mean * 1.253314;
  if (scale > 0) return { centre, score: (value - centre) / scale };
  return { centre, score: value === centre ? 0 : value > centre ? Infinity : -Infinity };
}

function missing(condition: AlertCondition, result: WatchedRows, now: Date): Judgement {
  const { column, value: hours } = condition;
  if (result.rows.length === 0) return { met: true, value: 0, sentence: 'The query has no rows.' };
  const count = result.rows.length;
  if (column === null) return { met: false, value: count, sentence: `The query has ${count} rows.` };
  const index = indexOf(column, result);
  const values = result.rows.map((row) => row[index] ?? null).filter((value) => value !== null);
  if (values.length === 0) return { met: true, value: 0, sentence: `${column} is empty in all ${count} rows.` };
  if (hours === null) {
    return { met: false, value: values.length, sentence: `${column} has ${values.length} values in ${count} rows.` };
  }
  const times = values
    .map((value) => (typeof value === 'string' ? timeOf(value) : Number.NaN))
    .filter((time) => !Number.isNaN(time));
  if (times.length === 0) throw new NotEvaluable(`${column} holds no dates, so that its age cannot be told.`);
  const newest = times.reduce((latest, time) => Math.max(latest, time));
  const age = (now.getTime() - newest) / HOUR_MS;
  const met = age > hours;
  const sentence = `The newest ${column} is of ${new Date(newest).toISOString()}, ${told(Math.max(0, age))} hours ago; ${hours} are allowed.`;
  return { met, value: age, sentence };
}

/** Without a zone it is UTC, wherever the server is. */
function timeOf(text: string): number {
  return Date.parse(/[T ]\d{2}:\d{2}[\d:.]*$/.test(text) ? `${text}Z` : text);
}

/** The figure of now and those before it: the rows of a series, or what one figure was at earlier evaluations. */
function seriesOf(
  condition: AlertCondition,
  result: WatchedRows,
  earlier: readonly number[],
): { figure: number | null; before: readonly number[] } {
  const isSeries = condition.aggregate === 'last' && result.rows.length > 1;
  if (!isSeries) return { figure: figureOf(condition, result), before: earlier };
  const figures = figuresOf(condition, result);
  return { figure: figures.at(-1) ?? null, before: figures.slice(0, -1) };
}

/** Whether figures of earlier evaluations count for it, and are to be kept. */
export function needsEarlier(condition: AlertCondition): boolean {
  return condition.type === 'change' || condition.type === 'anomaly';
}

/** @returns null where there is nothing to make it of */
function figureOf(condition: AlertCondition, result: WatchedRows): number | null {
  if (condition.aggregate === 'count') return result.rows.length;
  const figures = figuresOf(condition, result);
  const [first] = figures;
  if (first === undefined) return null;
  switch (condition.aggregate) {
    case 'first':
      return first;
    case 'min':
      return figures.reduce((least, figure) => Math.min(least, figure));
    case 'max':
      return figures.reduce((most, figure) => Math.max(most, figure));
    case 'sum':
      return figures.reduce((sum, figure) => sum + figure);
    case 'avg':
      return figures.reduce((sum, figure) => sum + figure) / figures.length;
    default:
      return figures.at(-1) ?? null;
  }
}

/** The values of the column that are there, in the order of the rows. */
function figuresOf({ column }: AlertCondition, result: WatchedRows): number[] {
  if (column === null) throw new NotEvaluable('The condition names no column.');
  const index = indexOf(column, result);
  return result.rows.flatMap((row) => {
    const value = row[index] ?? null;
    if (value === null) return [];
    const figure = typeof value === 'number' || typeof value === 'string' ? Number(value) : NaN;
    if (Number.isNaN(figure)) throw new NotEvaluable(`${column} holds values that are no numbers.`);
    return [figure];
  });
}

function indexOf(column: string, { columns }: WatchedRows): number {
  const index = columns.findIndex(({ name }) => name === column);
  if (index < 0)
    throw new NotEvaluable(`The result has no column “${column}” any more. Change the alert, or the query.`);
  return index;
}

function compare(figure: number, operator: Operator, limit: number): boolean {
  switch (operator) {
    case '>':
      return figure > limit;
    case '>=':
      return figure >= limit;
    case '<':
      return figure < limit;
    case '<=':
      return figure <= limit;
    case '=':
      return figure === limit;
    case '!=':
      return figure !== limit;
  }
}

const WORDS: Readonly<Record<Aggregate, string>> = {
  last: '',
  first: 'the first ',
  any: '',
  min: 'the least ',
  max: 'the greatest ',
  sum: 'the sum of ',
  avg: 'the average of ',
  count: '',
};

function nameOf({ column, aggregate }: AlertCondition): string {
  return aggregate === 'count' ? 'the number of rows' : `${WORDS[aggregate]}${column ?? 'the result'}`;
}

function told(figure: number | null): string {
  if (figure === null || !Number.isFinite(figure)) return figure === null ? 'nothing' : 'beyond any measure';
  return String(Number(figure.toPrecision(6)));
}
