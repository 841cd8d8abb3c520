/** Lines and areas: measures over time, or over a category that has an order of its own. */
import type { Measure, ProfiledTable, Time } from '../column-profile.js';
import { midSentence } from '../wording.js';
import {
  comparableMeasures,
  dimensionOf,
  leftOutNote,
  legendFor,
  measureAxis,
  MAX_POINTS,
  namesOf,
  rankedSeries,
  seriesNames,
  tellsRowsApart,
  thinned,
  timeCell,
  timeEncoding,
  tooltipOf,
  type Dimension,
  type Drawing,
  type NotDrawable,
  type Row,
} from './drawing.js';

const MAX_TICKS = 9;
/** Up to this many points are marked on their line. */
const MAX_MARKED_POINTS = 80;

/** One line for each measure or for each value of a second column. */
export function drawLines(table: ProfiledTable, type: 'line' | 'area' = 'line'): Drawing | NotDrawable {
  const needs = {
    needs: `${type === 'line' ? 'a line' : 'an area'} chart needs a date column with one row for each date (or date and series), and a number column.`,
  };
  const along = axisOf(table);
  if (!along || table.measures.length === 0) return needs;
  const others = table.categories.filter((category) => category !== along.source);
  if (tellsRowsApart(along)) return folded(table, along, type);
  const [series] = others;
  if (!series || !tellsRowsApart(along, series)) return needs;
  return bySeries(table, along, series, type);
}

interface Along {
  source: unknown;
  title: string;
  field: string;
  values: (string | number | null)[];
  distinct: number;
  /** What a row's place on the axis is written as in the data. */
  place: (row: number) => Row;
  /** The field of `place` that a tooltip shows. */
  labelField: string;
  encoding: Record<string, unknown>;
  /** Rows from the first to the last, without those that have no place on the axis. */
  rows: number[];
}

function axisOf(table: ProfiledTable): Along | null {
  const [time] = table.times;
  if (time) return timeAlong(time);
  const category = table.categories.find(({ order }) => order !== null);
  return category ? labelsAlong(dimensionOf(category), category) : null;
}

function timeAlong(time: Time): Along {
  const rows = time.values.map((_, row) => row).filter((row) => time.values[row] !== null);
  rows.sort((a, b) => (time.values[a] ?? 0) - (time.values[b] ?? 0));
  // The tooltip shows a label of its own: Vega-Lite would write the date in the time zone of the reader's browser.
  const labels = dimensionOf(time).values;
  const place = (row: number) => ({ [time.field]: timeCell(time.values[row]), label: labels[row] ?? '' });
  return { ...time, source: time, rows, place, labelField: 'label', encoding: timeEncoding(time, MAX_TICKS) };
}

function labelsAlong(dimension: Dimension, source: unknown): Along {
  const position = (row: number) => dimension.order?.get(dimension.values[row] ?? '') ?? Number.MAX_VALUE;
  const rows = dimension.values.map((_, row) => row).sort((a, b) => position(a) - position(b));
  const place = (row: number) => ({ [dimension.field]: dimension.values[row] ?? '' });
  const encoding = {
    field: dimension.field,
    type: 'ordinal',
    sort: null,
    axis: { title: dimension.title, labelAngle: 0, labelOverlap: 'greedy' },
  };
  return { ...dimension, source, rows, place, labelField: dimension.field, encoding };
}

function folded(table: ProfiledTable, along: Along, type: 'line' | 'area'): Drawing | NotDrawable {
  const { drawn, left } = comparableMeasures(table.measures);
  const [first, ...others] = drawn;
  if (!first) return { needs: 'a number column.' };
  if (type === 'area' && others.length > 0 && !stackable(drawn)) return notStackable();
  const { rows, note } = thinned(along.rows);
  const title = `${namesOf(drawn)} by ${midSentence(along.title)}`;
  const reason = `${first.title} over ${midSentence(along.title)}, in order.${leftOutNote(left)}${note}`;
  if (others.length === 0) {
    const data = rows.map((row) => ({ ...along.place(row), [first.field]: first.values[row] ?? null }));
    return drawing({ type, title, reason, along, measures: [first], valueField: first.field, data, series: null });
  }
  const names = seriesNames(drawn);
  const data = rows.flatMap((row) =>
    drawn.map((measure, nth) => ({
      ...along.place(row),
      series: names[nth] ?? '',
      value: measure.values[row] ?? null,
    })),
  );
  return drawing({
    type,
    title,
    reason,
    along,
    measures: drawn,
    valueField: 'value',
    data,
    series: { field: 'series', title: null, names },
  });
}

function bySeries(
  table: ProfiledTable,
  along: Along,
  category: Dimension,
  type: 'line' | 'area',
): Drawing | NotDrawable {
  const [measure, ...left] = table.measures;
  if (!measure) return { needs: 'a number column.' };
  if (type === 'area' && !stackable([measure])) return notStackable();
  const { drawn, total } = rankedSeries(category, measure);
  const shown = new Set(drawn);
  const { rows, note } = thinned(along.rows.filter((row) => shown.has(category.values[row] ?? '')));
  const data = rows.map((row) => ({
    ...along.place(row),
    [category.field]: category.values[row] ?? '',
    [measure.field]: measure.values[row] ?? null,
  }));
  const cut = total > drawn.length ? ` The ${drawn.length} largest of ${total.toLocaleString('en-US')} are drawn.` : '';
  return drawing({
    type,
    title: `${measure.title} by ${midSentence(along.title)} and ${midSentence(category.title)}`,
    reason: `${measure.title} over ${midSentence(along.title)}, one ${type} for each ${midSentence(category.title)}.${cut}${leftOutNote(left)}${note}`,
    along,
    measures: [measure],
    valueField: measure.field,
    data,
    series: { field: category.field, title: category.title, names: drawn },
  });
}

function stackable(measures: Measure[]): boolean {
  return measures.every((measure) => measure.additive && measure.min >= 0);
}

function notStackable(): NotDrawable {
  return {
    needs: 'an area chart of several series needs amounts that add up and are not negative; a line chart shows these.',
  };
}

function drawing(parts: {
  type: 'line' | 'area';
  title: string;
  reason: string;
  along: Along;
  measures: Measure[];
  valueField: string;
  data: Row[];
  series: { field: string; title: string | null; names: string[] } | null;
}): Drawing {
  const { type, along, measures, valueField, series, data } = parts;
  const [measure] = measures;
  const value = {
    field: valueField,
    type: 'quantitative',
    axis: measureAxis(measures, series?.title === null ? null : (measure?.title ?? null)),
    ...(type === 'area' ? { stack: series ? 'zero' : null } : { scale: { zero: startsAtZero(measures) } }),
  };
  const colour = series && {
    field: series.field,
    type: 'nominal',
    sort: null,
    scale: { domain: series.names },
    legend: legendFor(series.title, series.names),
  };
  const marks = type === 'line' && data.length <= MAX_MARKED_POINTS ? { point: { size: 34 } } : {};
  return {
    type,
    title: parts.title,
    reason: parts.reason,
    height: null,
    rows: data.slice(0, MAX_POINTS),
    view: {
      mark: {
        type,
        ...marks,
        ...(type === 'area' ? (series ? { fillOpacity: 0.85, line: false } : { fillOpacity: 0.18 }) : {}),
      },
      encoding: {
        x: along.encoding,
        y: value,
        ...(colour ? { color: colour } : {}),
        tooltip: [
          ...tooltipOf({ field: along.labelField, title: along.title }),
          ...(series ? tooltipOf({ field: series.field, title: series.title ?? 'Measure' }) : []),
          ...(measure
            ? tooltipOf({
                ...measure,
                field: valueField,
                title: series && series.title === null ? 'Value' : measure.title,
              })
            : []),
        ],
      },
    },
  };
}

/** Lines that stay far from zero are drawn from near their lowest value, so that their movement can be seen. */
function startsAtZero(measures: Measure[]): boolean {
  const min = Math.min(...measures.map((measure) => measure.min));
  const max = Math.max(...measures.map((measure) => measure.max));
  return min >= 0 ? min < max * 0.6 : true;
}
