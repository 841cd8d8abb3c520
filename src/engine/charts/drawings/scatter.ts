/** A point for each row: two measures against each other, places on a map grid, or a measure over time. */
import type { Category, Measure, ProfiledTable, Time } from '../column-profile.js';
import { midSentence } from '../wording.js';
import {
  dimensionOf,
  legendFor,
  measureAxis,
  rankedSeries,
  tellsRowsApart,
  thinned,
  timeCell,
  timeEncoding,
  tooltipOf,
  type Drawing,
  type NotDrawable,
} from './drawing.js';

export function drawScatter(table: ProfiledTable): Drawing | NotDrawable {
  const axes = chooseAxes(table);
  if (!axes || table.rowCount < 2)
    return { needs: 'a scatter chart needs two number columns, or a date and a number column, and at least two rows.' };
  const { x, y } = axes;
  const group = table.categories.find(
    (category) => !category.identifier && category.distinct > 1 && category.distinct <= 10 && !tellsRowsApart(category),
  );
  const name = table.categories.find((category) => category !== group);
  const all = y.values.map((_, row) => row).filter((row) => x.values[row] !== null && y.values[row] !== null);
  const { rows, note } = thinned(all);
  const groups = group ? rankedSeries(group, y).drawn : [];
  const dates = x.role === 'time' ? dimensionOf(x).values : [];
  return {
    type: 'scatter',
    title: x.role === 'time' ? `${y.title} over ${midSentence(x.title)}` : `${y.title} against ${midSentence(x.title)}`,
    reason: `One point for each row${group ? `, coloured by ${midSentence(group.title)}` : ''}.${note}`,
    height: null,
    rows: rows.map((row) => ({
      [x.field]: x.role === 'time' ? timeCell(x.values[row]) : (x.values[row] ?? null),
      [y.field]: y.values[row] ?? null,
      ...(x.role === 'time' ? { label: dates[row] ?? '' } : {}),
      ...(group ? { [group.field]: group.values[row] ?? '' } : {}),
      ...(name ? { [name.field]: name.values[row] ?? '' } : {}),
    })),
    view: {
      mark: {
        type: 'point',
        filled: true,
        // A description of every point would be most of the picture's size.
        aria: rows.length <= 300,
        size: rows.length > 1000 ? 18 : 46,
        opacity: rows.length > 200 ? 0.45 : 0.75,
      },
      encoding: {
        x: x.role === 'time' ? timeEncoding(x, 9) : quantity(x),
        y: quantity(y),
        ...(group ? { color: colour(group, groups) } : {}),
        tooltip: tooltipOf(
          ...(name ? [name] : []),
          x.role === 'time' ? { field: 'label', title: x.title } : x,
          y,
          ...(group ? [group] : []),
        ),
      },
    },
  };
}

function chooseAxes(table: ProfiledTable): { x: Measure | Time; y: Measure } | null {
  const longitude = table.measures.find(({ geo }) => geo === 'longitude');
  const latitude = table.measures.find(({ geo }) => geo === 'latitude');
  if (longitude && latitude) return { x: longitude, y: latitude };
  const [first, second] = table.measures;
  if (first && second) return { x: first, y: second };
  const [time] = table.times;
  return time && first ? { x: time, y: first } : null;
}

function quantity(measure: Measure): Record<string, unknown> {
  const span = measure.max - measure.min;
  const nearZero = measure.min >= 0 ? measure.min <= span * 0.5 : measure.max >= 0;
  return {
    field: measure.field,
    type: 'quantitative',
    scale: { zero: measure.geo === null && nearZero },
    axis: measureAxis([measure], measure.title),
  };
}

function colour(group: Category, labels: string[]): Record<string, unknown> {
  return {
    field: group.field,
    type: 'nominal',
    sort: null,
    scale: { domain: labels },
    legend: legendFor(group.title, labels),
  };
}
