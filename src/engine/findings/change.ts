import type { Measure } from '../charts/column-profile.js';
import { capitalised } from '../charts/wording.js';
import type { Candidate } from './contract.js';
import { periodOf } from './periods.js';
import { amount, distance, figure, measureName, percent, periodName } from './phrases.js';
import { studentTwoSided } from './statistics/distributions.js';
import { nameOf, type Subject, wholeSeries } from './subject.js';

/** Changes between earlier periods that a change is judged by, at least. */
const LEAST_EARLIER = 8;

/**
 * Whether the last whole period differs from the one before by more than periods usually do: the last of the differences
 * against the prediction interval that the earlier ones give, t = (d - mean) / (s √(1 + 1/m)) with m - 1 degrees of freedom
 * (Hahn and Meeker, Statistical Intervals, 1991, § 4.7). Where all values are positive their logarithms must agree.
 */
export async function changeOf(subject: Subject, measure: Measure): Promise<Candidate | null> {
  const series = await wholeSeries(subject, measure);
  const [before, last] = series?.points.slice(-2) ?? [];
  if (series === undefined || before === undefined || last === undefined) return null;
  const { points, granularity, time } = series;
  if (periodOf(last.time, granularity) - periodOf(before.time, granularity) !== 1) return null;
  if (points.length < LEAST_EARLIER + 2) return null;
  const difference = last.value - before.value;
  const values = points.map(({ value }) => value);
  const { t, pValue, deviation } = lastDifference(values);
  if (deviation === 0) return null;
  const pOfLogarithms = Math.min(...values) > 0 ? lastDifference(values.map(Math.log)).pValue : 0;
  const relative = before.value === 0 ? null : difference / Math.abs(before.value);
  const name = measureName(measure, series);
  const verb = difference > 0 ? 'rose' : 'fell';
  const by = relative === null || measure.share ? distance(difference, measure) : percent(relative);
  const [then, now] = [periodName(before, series), periodName(last, series)];
  const partial = series.lastIsPartial ? ` The ${granularity} after it is not complete and was left out.` : '';
  return {
    key: `change-${time.column}-${measure.column}`,
    type: 'change',
    title: `${capitalised(name)} ${verb} in ${now}`,
    sentence:
      `From ${then} to ${now}, ${name} ${verb} by ${by}, from ${amount(before.value, measure)} to ` +
      `${amount(last.value, measure)}; it usually changes by about ${distance(deviation, measure)}.${partial}`,
    figures: {
      before: figure(before.value),
      after: figure(last.value),
      difference: figure(difference),
      relative_change: relative === null ? null : figure(relative),
      usual_change: figure(deviation),
      period: granularity,
      last_period_left_out: series.lastIsPartial,
    },
    test: {
      test: 't, prediction of the next difference',
      statistic: figure(t),
      p_value: Math.max(pValue, pOfLogarithms),
    },
    effect: difference === 0 ? null : Math.min(1, Math.abs(relative ?? 1)),
    rows: [before, last].flatMap(({ row }) => (row === null ? [] : [row])),
    keys: [then, now],
    columns: [nameOf(subject, time), nameOf(subject, measure)],
  };
}

/** The last difference between neighbours, as the earlier ones would predict it; `deviation` is theirs. */
function lastDifference(values: readonly number[]): { t: number; pValue: number; deviation: number } {
  const differences = values.slice(1).map((value, index) => value - (values[index] ?? 0));
  const earlier = differences.slice(0, -1);
  const m = earlier.length;
  const mean = earlier.reduce((sum, one) => sum + one, 0) / m;
  const deviation = Math.sqrt(earlier.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (m - 1));
  if (deviation === 0) return { t: 0, pValue: 1, deviation };
  const t = ((differences.at(-1) ?? 0) - mean) / (deviation * Math.sqrt(1 + 1 / m));
  return { t, pValue: studentTwoSided(t, m - 1), deviation };
}
