/** A measure for every pair of two categories, as a grid of coloured cells. */
import type { ProfiledTable } from '../column-profile.js';
import { DIVERGING_COLOURS, INK, SEQUENTIAL_COLOURS } from '../theme.js';
import { midSentence } from '../wording.js';
import {
  dimensionOf,
  leftOutNote,
  measureAxis,
  tellsRowsApart,
  tooltipOf,
  valueLabel,
  type Dimension,
  type Drawing,
  type NotDrawable,
} from './drawing.js';

const MAX_COLUMNS = 31;
const MAX_ROWS = 30;

export function drawHeatmap(table: ProfiledTable): Drawing | NotDrawable {
  const [first, second] = [...table.times, ...table.categories].map(dimensionOf);
  const [measure, ...left] = table.measures;
  if (!first || !second || !measure || !tellsRowsApart(first, second)) {
    return { needs: 'a heatmap needs two columns that together name each row once, and a number column.' };
  }
  // The longer side goes across, unless its labels are names that need the room of the vertical axis.
  const [x, y] = acrossAndDown(first, second);
  const columns = sortedLabels(x);
  const lines = sortedLabels(y);
  const shown = { columns: new Set(columns.slice(0, MAX_COLUMNS)), lines: new Set(lines.slice(0, MAX_ROWS)) };
  const labelled = shown.columns.size <= 14;
  const rows = x.values
    .map((_, row) => row)
    .filter((row) => shown.columns.has(x.values[row] ?? '') && shown.lines.has(y.values[row] ?? ''))
    .map((row) => ({
      [x.field]: x.values[row] ?? '',
      [y.field]: y.values[row] ?? '',
      [measure.field]: measure.values[row] ?? null,
      ...(labelled ? { value_label: valueLabel(measure.values[row], measure) } : {}),
    }));
  const cut = columns.length > MAX_COLUMNS || lines.length > MAX_ROWS;
  const cells = {
    mark: { type: 'rect', cornerRadius: 2 },
    encoding: {
      color: {
        field: measure.field,
        type: 'quantitative',
        scale:
          measure.min < 0
            ? { range: DIVERGING_COLOURS, domainMid: 0 }
            : { range: SEQUENTIAL_COLOURS, zero: measure.min <= measure.max * 0.3 },
        legend: legend(measureAxis([measure], measure.title)),
      },
      tooltip: tooltipOf(x, y, measure),
    },
  };
  const dark =
    measure.min < 0 ? Math.max(measure.max, -measure.min) * 0.62 : measure.min + (measure.max - measure.min) * 0.55;
  const onDark = {
    or: [{ field: measure.field, gte: dark }, ...(measure.min < 0 ? [{ field: measure.field, lte: -dark }] : [])],
  };
  const labels = {
    mark: { type: 'text', fontSize: 10.5 },
    encoding: {
      text: { field: 'value_label', type: 'nominal' },
      color: { condition: { test: onDark, value: '#ffffff' }, value: INK },
    },
  };
  return {
    type: 'heatmap',
    title: `${measure.title} by ${midSentence(x.title)} and ${midSentence(y.title)}`,
    reason: [
      `${measure.title} for each pair of ${midSentence(x.title)} and ${midSentence(y.title)}, darker for more.`,
      cut ? ` The first ${MAX_COLUMNS} columns and ${MAX_ROWS} lines are drawn.` : '',
      leftOutNote(left),
    ].join(''),
    height: Math.max(160, 70 + shown.lines.size * 26),
    rows,
    view: {
      encoding: { x: band(x, [...shown.columns], true), y: band(y, [...shown.lines], false) },
      layer: labelled ? [cells, labels] : [cells],
    },
  };
}

function acrossAndDown(first: Dimension, second: Dimension): [Dimension, Dimension] {
  const longest = (dimension: Dimension) =>
    dimension.values.reduce((length, label) => Math.max(length, label.length), 0);
  if (first.order && second.order) return first.distinct >= second.distinct ? [first, second] : [second, first];
  const firstAcross = first.order !== null || (second.order === null && longest(first) <= longest(second));
  return firstAcross ? [first, second] : [second, first];
}

function sortedLabels(dimension: Dimension): string[] {
  const labels = [...new Set(dimension.values)];
  const order = dimension.order;
  return order
    ? labels.sort((a, b) => (order.get(a) ?? Number.MAX_VALUE) - (order.get(b) ?? Number.MAX_VALUE))
    : labels;
}

function band(dimension: Dimension, domain: string[], across: boolean): Record<string, unknown> {
  const longest = Math.max(...domain.map((label) => label.length));
  const tight = across && domain.length * (longest * 6.3 + 8) > 520;
  return {
    field: dimension.field,
    type: 'nominal',
    sort: null,
    scale: { domain, paddingInner: 0.04, paddingOuter: 0 },
    axis: {
      title: dimension.title,
      domain: false,
      labelAngle: tight ? -45 : 0,
      labelOverlap: 'greedy',
      ...(tight ? { labelLimit: 110 } : {}),
    },
  };
}

function legend(axis: Record<string, unknown>): Record<string, unknown> {
  const { tickMinStep: _, ...shared } = axis;
  return { ...shared, orient: 'right', offset: 14, gradientThickness: 12, gradientLength: 160 };
}
