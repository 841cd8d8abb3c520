/** In which order bars stand. */
import type { Measure } from '../column-profile.js';
import type { Dimension } from './drawing.js';

/** The measure that the result is sorted by comes first: it is the one that was asked about. */
export function leadingFirst(measures: Measure[]): Measure[] {
  const sorted =
    measures.length > 1 ? measures.find(({ values, distinct }) => distinct > 1 && direction(values) !== 0) : undefined;
  return sorted ? [sorted, ...measures.filter((measure) => measure !== sorted)] : measures;
}

/**
 * The order of the bars. A result that is sorted keeps its order; otherwise months, hours and dates follow the calendar
 * and everything else goes by size.
 */
export function barOrder(dimension: Dimension, measure: Measure): { rows: number[]; sorted: boolean } {
  const rows = dimension.values.map((_, row) => row).filter((row) => measure.values[row] !== null);
  const bySize = direction(rows.map((row) => measure.values[row] ?? null));
  if (bySize !== 0 && measure.distinct > 1) return { rows, sorted: bySize < 0 };
  const order = dimension.order;
  if (order) {
    const place = (row: number) => order.get(dimension.values[row] ?? '') ?? Infinity;
    return { rows: rows.sort((a, b) => compare(place(a), place(b)) || a - b), sorted: false };
  }
  if (measure.distinct <= 1 || alphabetical(rows.map((row) => dimension.values[row] ?? '')))
    return { rows, sorted: false };
  return { rows: rows.sort((a, b) => compare(measure.values[b] ?? 0, measure.values[a] ?? 0) || a - b), sorted: true };
}

/** The groups of a divided bar chart in their natural order, in that of the result, or by their total. */
export function groupOrder(dimension: Dimension, measure: Measure): string[] {
  const totals = new Map<string, number>();
  for (const [row, label] of dimension.values.entries()) {
    totals.set(label, (totals.get(label) ?? 0) + (measure.values[row] ?? 0));
  }
  const labels = [...totals.keys()];
  const order = dimension.order;
  if (order) return labels.sort((a, b) => compare(order.get(a) ?? Infinity, order.get(b) ?? Infinity));
  if (alphabetical(labels) || direction(measure.values) !== 0) return labels;
  return labels.sort((a, b) => compare(totals.get(b) ?? 0, totals.get(a) ?? 0));
}

/** 1 when the values never fall, -1 when they never rise, 0 when they do both. */
function direction(values: (number | null)[]): -1 | 0 | 1 {
  const pairs = values.slice(1).map((value, index) => compare(value ?? 0, values[index] ?? 0));
  if (pairs.every((sign) => sign <= 0)) return -1;
  return pairs.every((sign) => sign >= 0) ? 1 : 0;
}

function alphabetical(labels: string[]): boolean {
  const signs = labels.slice(1).map((label, index) => label.localeCompare(labels[index] ?? '', 'en'));
  return labels.length > 3 && (signs.every((sign) => sign >= 0) || signs.every((sign) => sign <= 0));
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
