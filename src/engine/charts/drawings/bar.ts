/** Bars: a measure for each category; several measures, or a second category, side by side or stacked. */
import type { Measure, ProfiledTable } from '../column-profile.js';
import { NEGATIVE_COLOUR, PRIMARY_COLOUR } from '../theme.js';
import { midSentence } from '../wording.js';
import { barOrder, groupOrder, leadingFirst } from './bar-order.js';
import {
  comparableMeasures,
  dimensionOf,
  joinedDimension,
  leftOutNote,
  legendFor,
  measureAxis,
  namesOf,
  rankedSeries,
  seriesNames,
  tellsRowsApart,
  tooltipOf,
  valueLabel,
  type Dimension,
  type Drawing,
  type NotDrawable,
  type Row,
} from './drawing.js';

const MAX_BARS = 30;
/** The most parts that a bar is divided into by a second category. */
export const MAX_PARTS = 6;
const NEEDS = 'a bar chart needs a column that names each row once, and a number column.';

/** Bars for the table, in the way its dimensions ask for. */
export function drawBars(table: ProfiledTable): Drawing | NotDrawable {
  const dimensions = [...table.times, ...table.categories].map(dimensionOf);
  const [first, second, third] = dimensions;
  if (!first || table.measures.length === 0) return { needs: NEEDS };
  const unique = dimensions.find((dimension) => tellsRowsApart(dimension));
  if (second && !third && tellsRowsApart(first, second)) {
    const [along, parts] = second.distinct <= first.distinct ? [first, second] : [second, first];
    if (parts.distinct <= MAX_PARTS) return divided(along, parts, table.measures);
  }
  if (unique) return simple(unique, table.measures);
  if (second && tellsRowsApart(first, second)) return simple(joinedDimension([first, second]), table.measures);
  return { needs: NEEDS };
}

function simple(dimension: Dimension, measures: Measure[]): Drawing {
  const { drawn, left } = comparableMeasures(leadingFirst(measures));
  const [first, ...others] = drawn;
  if (!first) throw new Error('a bar drawing was asked for without a measure');
  const order = barOrder(dimension, first);
  const rows = order.rows.slice(0, MAX_BARS);
  const labels = rows.map((row) => dimension.values[row] ?? '');
  const reason = [
    `One bar for each ${midSentence(dimension.title)}${order.sorted ? ', the largest first' : ''}.`,
    order.rows.length > MAX_BARS
      ? ` The first ${MAX_BARS} of ${order.rows.length.toLocaleString('en-US')} are drawn.`
      : '',
    leftOutNote(left),
  ].join('');
  const title = `${namesOf(drawn)} by ${midSentence(dimension.title)}`;
  return others.length > 0
    ? sideBySide({ dimension, measures: drawn, rows, labels, title, reason })
    : single({ dimension, measure: first, rows, labels, title, reason });
}

interface Bars {
  dimension: Dimension;
  rows: number[];
  labels: string[];
  title: string;
  reason: string;
}

function single({ dimension, measure, rows, labels, title, reason }: Bars & { measure: Measure }): Drawing {
  const horizontal = liesDown(labels, 1);
  const position = categoryEncoding(dimension, horizontal, labels);
  const size = {
    field: measure.field,
    type: 'quantitative',
    axis: measureAxis([measure], measure.title),
    ...(measure.min < 0 ? { scale: { domain: roomForLabels(rows.map((row) => measure.values[row] ?? 0)) } } : {}),
  };
  const labelled = rows.length <= (horizontal ? MAX_BARS : 14);
  const colour = {
    condition: { test: { field: measure.field, lt: 0 }, value: NEGATIVE_COLOUR },
    value: PRIMARY_COLOUR,
  };
  const bars = {
    mark: { type: 'bar', cornerRadiusEnd: 2, ...barWidth(rows.length, horizontal) },
    encoding: { ...(measure.min < 0 ? { color: colour } : {}), tooltip: tooltipOf(dimension, measure) },
  };
  return {
    type: 'bar',
    title,
    reason,
    height: horizontal ? barsHeight(rows.length) : null,
    rows: rows.map((row, index) => ({
      [dimension.field]: labels[index] ?? '',
      [measure.field]: measure.values[row] ?? null,
      ...(labelled ? { value_label: valueLabel(measure.values[row], measure) } : {}),
    })),
    view: {
      encoding: horizontal ? { y: position, x: size } : { x: position, y: size },
      layer: labelled ? [bars, ...valueLabels(measure, horizontal)] : [bars],
    },
  };
}

/** Labels of negative bars would run into those of the categories: the axis goes a tenth further on both sides. */
function roomForLabels(values: number[]): [number, number] {
  const [min, max] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (max - min) * 0.1;
  return [min < 0 ? min - room : 0, max > 0 ? max + room : 0];
}

/** The value at the end of each bar, on the far side of the axis. */
function valueLabels(measure: Measure, horizontal: boolean): Record<string, unknown>[] {
  const text = { field: 'value_label', type: 'nominal' };
  const above = horizontal
    ? { align: 'left', baseline: 'middle', dx: 5 }
    : { align: 'center', baseline: 'bottom', dy: -4 };
  const below = horizontal
    ? { align: 'right', baseline: 'middle', dx: -5 }
    : { align: 'center', baseline: 'top', dy: 5 };
  const layer = (place: Record<string, unknown>, filter: Record<string, unknown>) => ({
    transform: [{ filter: { field: measure.field, ...filter } }],
    mark: { type: 'text', ...place },
    encoding: { text },
  });
  return measure.min < 0 ? [layer(above, { gte: 0 }), layer(below, { lt: 0 })] : [layer(above, { gte: 0 })];
}

function sideBySide({ dimension, measures, rows, labels, title, reason }: Bars & { measures: Measure[] }): Drawing {
  const horizontal = liesDown(labels, measures.length);
  const names = seriesNames(measures);
  const data = rows.flatMap((row, index) =>
    measures.map((measure, nth) => ({
      [dimension.field]: labels[index] ?? '',
      series: names[nth] ?? '',
      value: measure.values[row] ?? null,
    })),
  );
  const size = { field: 'value', type: 'quantitative', axis: measureAxis(measures, null) };
  const [first] = measures;
  return {
    type: 'bar',
    title,
    reason,
    height: horizontal ? barsHeight(rows.length * measures.length, 14) : null,
    rows: data,
    view: {
      mark: { type: 'bar', cornerRadiusEnd: 1 },
      encoding: {
        ...along(horizontal, categoryEncoding(dimension, horizontal, labels), size, 'series', names),
        color: {
          field: 'series',
          type: 'nominal',
          sort: null,
          scale: { domain: names },
          legend: legendFor(null, names),
        },
        tooltip: tooltipOf(
          dimension,
          { field: 'series', title: 'Measure' },
          ...(first ? [{ ...first, field: 'value', title: 'Value' }] : []),
        ),
      },
    },
  };
}

/** Each bar divided by a second category: stacked when the parts make a whole, side by side when not. */
function divided(dimension: Dimension, parts: Dimension, measures: Measure[]): Drawing {
  const [measure, ...left] = leadingFirst(measures);
  if (!measure) throw new Error('a bar drawing was asked for without a measure');
  const series = rankedSeries(parts, measure).drawn;
  const groups = groupOrder(dimension, measure);
  const drawn = new Set(groups.slice(0, MAX_BARS));
  const stacked = measure.additive && measure.min >= 0;
  const rows: Row[] = [];
  for (const group of drawn) {
    for (const [row, label] of dimension.values.entries()) {
      if (label !== group) continue;
      rows.push({
        [dimension.field]: label,
        [parts.field]: parts.values[row] ?? '',
        [measure.field]: measure.values[row] ?? null,
      });
    }
  }
  const labels = [...drawn];
  const horizontal = liesDown(labels, stacked ? 1 : series.length);
  const size = {
    field: measure.field,
    type: 'quantitative',
    stack: stacked ? 'zero' : null,
    axis: measureAxis([measure], measure.title),
  };
  const position = categoryEncoding(dimension, horizontal, labels);
  const split = stacked
    ? horizontal
      ? { y: position, x: size }
      : { x: position, y: size }
    : along(horizontal, position, size, parts.field, series);
  const how = stacked ? 'One bar for each' : 'Bars side by side for each';
  return {
    type: 'bar',
    title: `${measure.title} by ${midSentence(dimension.title)} and ${midSentence(parts.title)}`,
    reason: [
      `${how} ${midSentence(dimension.title)}, ${stacked ? 'divided' : 'coloured'} by ${midSentence(parts.title)}.`,
      groups.length > drawn.size ? ` The first ${MAX_BARS} of ${groups.length.toLocaleString('en-US')} are drawn.` : '',
      leftOutNote(left),
    ].join(''),
    height: horizontal ? barsHeight(labels.length * (stacked ? 1 : series.length), stacked ? 24 : 14) : null,
    rows,
    view: {
      mark: { type: 'bar', ...(stacked ? barWidth(labels.length, horizontal) : { cornerRadiusEnd: 1 }) },
      encoding: {
        ...split,
        color: {
          field: parts.field,
          type: 'nominal',
          sort: null,
          scale: { domain: series },
          legend: legendFor(parts.title, series),
        },
        tooltip: tooltipOf(dimension, parts, measure),
      },
    },
  };
}

function along(
  horizontal: boolean,
  position: Record<string, unknown>,
  size: Record<string, unknown>,
  seriesField: string,
  names: string[],
): Record<string, unknown> {
  const offset = { field: seriesField, type: 'nominal', scale: { domain: names } };
  return horizontal ? { y: position, x: size, yOffset: offset } : { x: position, y: size, xOffset: offset };
}

function categoryEncoding(dimension: Dimension, horizontal: boolean, labels: string[]): Record<string, unknown> {
  return {
    field: dimension.field,
    type: 'nominal',
    sort: null,
    axis: { title: dimension.title, labelAngle: 0, labelOverlap: 'greedy' },
    scale: { domain: labels, paddingInner: horizontal ? 0.28 : 0.35, paddingOuter: horizontal ? 0.2 : 0.3 },
  };
}

/** A few upright bars are not spread over the whole width. */
function barWidth(bars: number, horizontal: boolean): Record<string, unknown> {
  return !horizontal && bars <= 4 ? { width: 76 } : {};
}

function barsHeight(bars: number, each = 26): number {
  return Math.max(90, 46 + bars * each);
}

/** Bars lie down when their labels would not stand side by side under upright ones. */
function liesDown(labels: string[], marksPerLabel: number): boolean {
  const longest = Math.max(0, ...labels.map(displayWidth));
  return labels.length * Math.max(longest * 6.3 + 10, marksPerLabel * 10) > 620 || labels.length > 24;
}

/** Width of a text in average Latin letters: ideographs and emoji take two. */
function displayWidth(text: string): number {
  return [...text].reduce(
    (width, character) =>
      width +
      (/[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFF00-\uFF60]|\p{Extended_Pictographic}/u.test(character)
        ? 2
        : 1),
    0,
  );
}
