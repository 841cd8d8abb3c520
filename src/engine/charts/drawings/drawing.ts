/** What every drawing gives, and the parts of a Vega-Lite specification that several of them share. */
import { dateLabel, isoTime, timeAxis } from '../calendar.js';
import type { Category, Measure, Time } from '../column-profile.js';
import type { ChartType } from '../contract.js';
import { compactNumber, listed, midSentence } from '../wording.js';

/** The most rows that a specification carries. */
export const MAX_POINTS = 5_000;
/** The most series that a reader can tell apart by colour, and how many of the largest are drawn when there are more. */
export const MAX_SERIES = 12;
export const DRAWN_SERIES = 10;

export type Row = Record<string, string | number | null>;

/** A drawing of the table, without the title and the theme. */
export interface Drawing {
  type: ChartType;
  title: string;
  reason: string;
  /** Height in pixels of the marks with their axis, without the title; null for the theme's own. */
  height: number | null;
  /** Width in pixels; the theme's own when left out. */
  width?: number;
  rows: Row[];
  /** `mark` and `encoding`, or `layer`. */
  view: Record<string, unknown>;
}

/** Says, as the end of "This chart needs …", what the result lacks for a drawing. */
export interface NotDrawable {
  needs: string;
}

export function isDrawing(outcome: Drawing | NotDrawable): outcome is Drawing {
  return 'view' in outcome;
}

/** A column that the marks stand along, as labels. */
export interface Dimension {
  title: string;
  field: string;
  values: string[];
  distinct: number;
  /** Place of each label in its natural order; null when it has none. */
  order: Map<string, number> | null;
}

export function dimensionOf(profile: Time | Category): Dimension {
  if (profile.role === 'category') return profile;
  const order = new Map<string, number>();
  const values = profile.values.map((time) => {
    const label = time === null ? '(none)' : dateLabel(time, profile.granularity);
    order.set(label, time ?? Infinity);
    return label;
  });
  return { title: profile.title, field: profile.field, values, distinct: profile.distinct, order };
}

/** One dimension that names rows by several columns together: `Ada Lovelace`, `Paris · France`. */
export function joinedDimension(parts: Dimension[]): Dimension {
  const rowCount = parts[0]?.values.length ?? 0;
  const personName = parts.every(({ title }) => /\b(name|surname)\b/i.test(title));
  const values = Array.from({ length: rowCount }, (_, row) =>
    parts.map((part) => part.values[row] ?? '').join(personName ? ' ' : ' · '),
  );
  return {
    title: listed(parts.map(({ title }, index) => (index === 0 ? title : title.toLowerCase()))),
    field: 'label',
    values,
    distinct: new Set(values).size,
    order: null,
  };
}

/** True when no two rows have the same values in all the given columns. */
export function tellsRowsApart(...columns: { values: (string | number | null)[] }[]): boolean {
  const rowCount = columns[0]?.values.length ?? 0;
  const seen = new Set<string>();
  for (let row = 0; row < rowCount; row += 1) {
    // No label has a control character in it, so none can look like two.
    const key = columns.map(({ values }) => String(values[row])).join('\u0000');
    if (seen.has(key)) return false;
    seen.add(key);
  }
  return true;
}

/**
 * The measures that can share an axis with the first one: of the same kind and within a factor of 25 of its size, five
 * at most. The rest is told in the reason.
 */
export function comparableMeasures(measures: Measure[]): { drawn: Measure[]; left: Measure[] } {
  const [first] = measures;
  if (!first) return { drawn: [], left: [] };
  const size = (measure: Measure) => Math.max(Math.abs(measure.min), Math.abs(measure.max));
  const fits = (measure: Measure) => {
    const ratio = size(measure) / size(first);
    return measure.geo === null && measure.share === first.share && ratio <= 25 && ratio >= 1 / 25;
  };
  const drawn = measures.filter((measure) => measure === first || fits(measure)).slice(0, 5);
  return { drawn, left: measures.filter((measure) => !drawn.includes(measure)) };
}

/** `Revenue, cost and profit`. */
export function namesOf(measures: Measure[]): string {
  return listed(measures.map(({ title }, index) => (index === 0 ? title : midSentence(title))));
}

/** Titles of measures that are drawn as series, numbered where two are the same. */
export function seriesNames(measures: Measure[]): string[] {
  const titles = measures.map(({ title }) => title);
  return titles.map((title, index) => (titles.indexOf(title) === index ? title : `${title} (${index + 1})`));
}

export function leftOutNote(left: Measure[]): string {
  if (left.length === 0) return '';
  return ` ${listed(left.map(({ title }) => title))} ${left.length === 1 ? 'is' : 'are'} not drawn: the scale differs or there are too many.`;
}

// d3 prints SI prefixes, which say G for what people call a billion. The expression is a constant: nothing of the data
// is in it.
export const BILLIONS_LABEL = "datum.value === 0 ? '0' : replace(datum.label, 'G', 'B')";

/** Axis of one or several measures that share it. */
export function measureAxis(measures: Measure[], title: string | null): Record<string, unknown> {
  const largest = Math.max(...measures.map(({ min, max }) => Math.max(Math.abs(min), Math.abs(max))));
  const common = { title, ...(measures.every(({ whole }) => whole) ? { tickMinStep: 1 } : {}) };
  if (measures.every(({ share }) => share)) return { ...common, format: '~%' };
  return largest >= 10_000 ? { ...common, format: '~s', labelExpr: BILLIONS_LABEL } : common;
}

/** Axis of points in time, always in UTC so that a date is the same date everywhere. */
export function timeEncoding(time: Time, maxTicks: number): Record<string, unknown> {
  const present = time.values.filter((value) => value !== null);
  const first = present.reduce((a, b) => Math.min(a, b), Infinity);
  const last = present.reduce((a, b) => Math.max(a, b), -Infinity);
  return {
    field: time.field,
    type: 'temporal',
    scale: { type: 'utc' },
    axis: { title: time.title, labelOverlap: 'greedy', ...timeAxis(first, last, time.granularity, maxTicks) },
  };
}

export function timeCell(time: number | null | undefined): string | null {
  return time === null || time === undefined ? null : isoTime(time);
}

export function tooltipOf(...columns: ({ field: string; title: string } | Measure)[]): Record<string, unknown>[] {
  return columns.map((column) => {
    const { field, title } = column;
    return isMeasure(column)
      ? { field, title, type: 'quantitative', format: fullNumberFormat(column) }
      : { field, title, type: 'nominal' };
  });
}

function isMeasure(column: object): column is Measure {
  return 'role' in column && column.role === 'measure';
}

/** d3 format of a whole value, as a tooltip shows it. */
export function fullNumberFormat(measure: Measure): string {
  if (measure.share) return '.2~%';
  if (measure.whole) return ',d';
  return Math.max(Math.abs(measure.min), Math.abs(measure.max)) < 1 ? '.4~g' : ',.2~f';
}

export function valueLabel(value: number | null | undefined, measure: Measure): string {
  return value === null || value === undefined ? '' : compactNumber(value, measure.share);
}

/** Legend beside the view, or above it when it has few entries. */
export function legendFor(title: string | null, labels: string[]): Record<string, unknown> {
  const longest = Math.max(0, ...labels.map((label) => label.length));
  return labels.length <= 4 && longest <= 18
    ? { title: null, orient: 'top', direction: 'horizontal', offset: 10 }
    : { title, orient: 'right', offset: 14 };
}

/** The distinct labels of a series column, the largest total first, and which of them are drawn. */
export function rankedSeries(series: Dimension, measure: Measure): { drawn: string[]; total: number } {
  const totals = new Map<string, number>();
  for (const [row, label] of series.values.entries()) {
    totals.set(label, (totals.get(label) ?? 0) + Math.abs(measure.values[row] ?? 0));
  }
  const ranked = [...totals].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([label]) => label);
  const drawn = ranked.length > MAX_SERIES ? ranked.slice(0, DRAWN_SERIES) : ranked;
  const order = series.order;
  if (order) drawn.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
  return { drawn, total: ranked.length };
}

/** Every `k`-th row, so that at most `MAX_POINTS` are left; and a sentence that says so. */
export function thinned<T>(rows: T[]): { rows: T[]; note: string } {
  if (rows.length <= MAX_POINTS) return { rows, note: '' };
  const step = Math.ceil(rows.length / MAX_POINTS);
  return {
    rows: rows.filter((_, index) => index % step === 0),
    note: ` Of ${rows.length.toLocaleString('en-US')} points 1 in ${step} is drawn.`,
  };
}
