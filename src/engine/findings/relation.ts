import type { Measure } from '../charts/column-profile.js';
import { capitalised, midSentence } from '../charts/wording.js';
import type { Candidate } from './contract.js';
import { periodOf } from './periods.js';
import { figure } from './phrases.js';
import { type Correlation, correlationOf, correlationPValue } from './statistics/correlation.js';
import { nameOf, type Subject, type WholeSeries, wholeSeries } from './subject.js';

const LEAST_PAIRS = 10;
/** Weaker relations say nothing useful, however significant they are. */
const LEAST_COEFFICIENT = 0.3;
/** Columns that are computed from each other, such as net and gross: nothing was found. */
const SAME_THING = 0.9999;

/**
 * Whether two measures move together: both coefficients, Pearson's and Spearman's, must say so. In a series it is their
 * changes from period to period that are compared, because any two things that grow would seem related.
 */
export async function relationOf(subject: Subject, one: Measure, other: Measure): Promise<Candidate | null> {
  const inSeries = subject.isSeries;
  const relation = inSeries
    ? ofChanges(await wholeSeries(subject, one), await wholeSeries(subject, other))
    : await subject.measurements.correlation(one, other);
  const { n, pearson, spearman } = relation;
  if (n < LEAST_PAIRS || Math.abs(pearson) >= SAME_THING) return null;
  const weaker = Math.min(Math.abs(pearson), Math.abs(spearman));
  const agree = Math.sign(pearson) === Math.sign(spearman);
  const pValue = agree ? correlationPValue(weaker, n) : 1;
  const [a, b] = [midSentence(one.title), midSentence(other.title)];
  const [larger, direction] = inSeries ? ['rises', 'rise'] : ['is higher', 'be higher'];
  const opposite = inSeries ? 'fall' : 'be lower';
  return {
    key: `correlation-${one.column}-${other.column}`,
    type: 'correlation',
    title: `${capitalised(a)} and ${b} move ${pearson > 0 ? 'together' : 'in opposite directions'}`,
    sentence:
      `Where ${a} ${larger}, ${b} tends to ${pearson > 0 ? direction : opposite} ` +
      `(correlation ${pearson.toFixed(2).replace('-', '−')} over ${n.toLocaleString('en-US')} ` +
      `${inSeries ? 'changes' : 'rows'}); this does not say that one causes the other.`,
    figures: { pearson: figure(pearson), spearman: figure(spearman), pairs: n, of_changes: inSeries },
    test: {
      test: Math.abs(pearson) <= Math.abs(spearman) ? 'Pearson' : 'Spearman',
      statistic: figure(weaker * Math.sign(pearson)),
      p_value: pValue,
    },
    effect: weaker < LEAST_COEFFICIENT || !agree ? null : weaker,
    rows: [],
    keys: [],
    columns: [nameOf(subject, one), nameOf(subject, other)],
  };
}

function ofChanges(one: WholeSeries | undefined, other: WholeSeries | undefined): Correlation {
  const changes = changesOf(one);
  const others = changesOf(other);
  const both = [...changes.keys()].filter((period) => others.has(period));
  return correlationOf(
    both.map((period) => changes.get(period) ?? 0),
    both.map((period) => others.get(period) ?? 0),
  );
}

/** By period, how much more than in the period before. */
function changesOf(series: WholeSeries | undefined): Map<number, number> {
  const values = new Map(series?.points.map(({ time, value }) => [periodOf(time, series.granularity), value]));
  return new Map(
    [...values].flatMap(([period, value]): [number, number][] => {
      const before = values.get(period - 1);
      return before === undefined ? [] : [[period, value - before]];
    }),
  );
}
