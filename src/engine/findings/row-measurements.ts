/** Measures a result whose rows are all in memory. */
import type { Category, Measure, Time } from '../charts/column-profile.js';
import type { CellValue, ResultTable } from '../charts/contract.js';
import type { Granularity } from '../charts/calendar.js';
import {
  type Group,
  type Measurements,
  MOST_EXTREMES,
  MOST_GROUPS,
  MOST_POINTS,
  type Point,
  type Series,
  type Spread,
} from './measurements.js';
import { coarser, periodOf, startOf } from './periods.js';
import { type Correlation, correlationOf } from './statistics/correlation.js';
import { type Extreme, momentsOf } from './statistics/generalised-esd.js';
import { ascending, median, medianOfSorted } from './statistics/order.js';

export class RowMeasurements implements Measurements {
  readonly rowCount: number;

  constructor(private readonly table: ResultTable) {
    this.rowCount = table.rows.length;
  }

  series(time: Time, measure: Measure): Promise<Series | undefined> {
    let granularity: Granularity | undefined = time.granularity;
    while (granularity !== undefined) {
      const points = pointsOf(time, measure, granularity);
      if (points.length <= MOST_POINTS) {
        const moments = ascending(time.values.filter((at) => at !== null));
        const [begin, end] = [moments.at(0) ?? 0, moments.at(-1) ?? 0];
        const coarsened = granularity !== time.granularity;
        return Promise.resolve({ granularity, points, begin, end, coarsened });
      }
      granularity = coarser(granularity);
    }
    return Promise.resolve(undefined);
  }

  groups(category: Category, measure: Measure): Promise<Group[] | undefined> {
    const totals = new Map<string, number>();
    for (const [row, name] of category.values.entries()) {
      totals.set(name, (totals.get(name) ?? 0) + (measure.values[row] ?? 0));
    }
    if (measure.min < 0 || totals.size > MOST_GROUPS) return Promise.resolve(undefined);
    const groups = [...totals].map(([name, total]) => ({ name, total }));
    return Promise.resolve(groups.sort((a, b) => b.total - a.total));
  }

  correlation(one: Measure, other: Measure): Promise<Correlation> {
    const [xs, ys]: [number[], number[]] = [[], []];
    for (const [row, x] of one.values.entries()) {
      const y = other.values[row] ?? null;
      if (x === null || y === null) continue;
      xs.push(x);
      ys.push(y);
    }
    return Promise.resolve(correlationOf(xs, ys));
  }

  spread(measure: Measure): Promise<Spread> {
    const values = measure.values.flatMap((value, row): Extreme[] => (value === null ? [] : [{ value, row }]));
    const middle = medianOfSorted(ascending(values.map(({ value }) => value)));
    const logarithms = values.map(({ value, row }) => ({ value: Math.log(value), row }));
    return Promise.resolve({
      median: middle,
      mad: median(values.map(({ value }) => Math.abs(value - middle))),
      plain: momentsOf(values, MOST_EXTREMES),
      logarithms: measure.min > 0 ? momentsOf(logarithms, MOST_EXTREMES) : null,
    });
  }

  exact(measure: Measure, { row }: Extreme): CellValue {
    return this.table.rows[row]?.[measure.column] ?? null;
  }
}

function pointsOf(time: Time, measure: Measure, granularity: Granularity): Point[] {
  const periods = new Map<number, { sum: number; count: number; row: number }>();
  for (const [row, at] of time.values.entries()) {
    const value = measure.values[row] ?? null;
    if (at === null || value === null) continue;
    const period = periodOf(at, granularity);
    const known = periods.get(period);
    if (known === undefined) periods.set(period, { sum: value, count: 1, row });
    else {
      known.sum += value;
      known.count += 1;
    }
  }
  return [...periods]
    .sort(([a], [b]) => a - b)
    .map(([period, { sum, count, row }]) => ({
      time: startOf(period, granularity),
      value: measure.additive ? sum : sum / count,
      row: count === 1 ? row : null,
    }));
}
