import type { Measure } from '../charts/column-profile.js';
import { capitalised, listed, midSentence } from '../charts/wording.js';
import type { Candidate } from './contract.js';
import { MOST_EXTREMES, type Spread } from './measurements.js';
import { cycleOf, periodOf } from './periods.js';
import { amount, figure, measureName, periodName } from './phrases.js';
import { type EsdTest, type Extreme, generalisedEsd, momentsOf } from './statistics/generalised-esd.js';
import { theilSenSlope } from './statistics/mann-kendall.js';
import { median } from './statistics/order.js';
import { nameOf, type Subject, type WholeSeries, wholeSeries } from './subject.js';

/** Rosner's critical values hold from about 15 values on. */
const LEAST_VALUES = 15;
/** Robust z-scores from which values are outliers (Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993). */
const LEAST_ROBUST_Z = 3.5;
const NAMED = 3;

/**
 * Values that do not belong to the others, by the generalised ESD test and by their robust z-score. In a series they are
 * judged by how far they are from its trend and season, otherwise as they are. Where all values are positive their logarithms
 * must agree, so that the long tail of amounts is not taken for outliers.
 */
export async function outliersOf(subject: Subject, measure: Measure): Promise<Candidate | null> {
  const series = await seriesOfRows(subject, measure);
  const spread = series === undefined ? await subject.measurements.spread(measure) : residuals(series);
  const { plain, logarithms, mad } = spread;
  if (plain.n < LEAST_VALUES || mad === 0) return null;
  const most = Math.min(MOST_EXTREMES, Math.floor(plain.n / 10));
  const tests = [plain, logarithms].flatMap((moments) => (moments === null ? [] : [generalisedEsd(moments, most)]));
  const robustZ = ({ value }: Extreme) => Math.abs((0.6745 * (value - spread.median)) / mad);
  const [byValue, ...others] = tests;
  const found = (byValue?.outliers ?? []).filter(
    (one) =>
      robustZ(one) >= LEAST_ROBUST_Z && others.every(({ outliers }) => outliers.some(({ row }) => row === one.row)),
  );
  const weakest = tests.reduce<EsdTest | undefined>(
    (worst, test) => (worst === undefined || test.pValue > worst.pValue ? test : worst),
    undefined,
  );
  if (weakest === undefined) return null;
  const told = series === undefined ? ofRows(subject, measure, found, spread) : ofSeries(series, measure, found);
  return {
    key: `outlier-${measure.column}`,
    type: 'outlier',
    ...told,
    figures: {
      values: found.map((one) => valueOf(subject, measure, series, one)),
      robust_z: found.map((one) => figure(robustZ(one))),
      median: figure(spread.median),
      count: plain.n,
    },
    test: { test: 'generalised ESD', statistic: figure(weakest.statistic), p_value: weakest.pValue },
    effect:
      found.length === 0 || tests.some(({ heavyTail }) => heavyTail)
        ? null
        : Math.min(1, Math.max(...found.map(robustZ)) / 10),
    rows: found.map(({ row }) => row),
    columns:
      series === undefined ? [nameOf(subject, measure)] : [nameOf(subject, series.time), nameOf(subject, measure)],
  };
}

/** The series whose every period is a row; undefined where the result is none. */
async function seriesOfRows(subject: Subject, measure: Measure): Promise<WholeSeries | undefined> {
  const series = subject.isSeries ? await wholeSeries(subject, measure) : undefined;
  return series?.points.every(({ row }) => row !== null) === true ? series : undefined;
}

type Told = Pick<Candidate, 'title' | 'sentence' | 'keys'>;

function ofSeries(series: WholeSeries, measure: Measure, found: readonly Extreme[]): Told {
  const points = found.flatMap(({ row }) => series.points.find((point) => point.row === row) ?? []);
  const named = points.slice(0, NAMED);
  const name = measureName(measure, series);
  const values = named.map((point) => `${amount(point.value, measure)} in ${periodName(point, series)}`);
  return {
    title: `${capitalised(name)} stands out in ${listed(named.map((point) => periodName(point, series)))}`,
    sentence: `${capitalised(name)} was ${listed(values)}, far from what the other periods lead to expect.`,
    keys: points.map((point) => periodName(point, series)),
  };
}

function ofRows(subject: Subject, measure: Measure, found: readonly Extreme[], spread: Spread): Told {
  const { categories, measurements } = subject;
  const label = categories.find(
    ({ distinct, values }) => distinct === values.length && distinct === measurements.rowCount,
  );
  const nameOfRow = ({ row }: Extreme) => label?.values[row] ?? `row ${row + 1}`;
  const named = found.slice(0, NAMED);
  const name = midSentence(measure.title);
  const values = named.map((one) => `${amount(one.value, measure)} (${nameOfRow(one)})`);
  const more = found.length > named.length ? ` and ${found.length - named.length} more` : '';
  const [noun, verb] = found.length === 1 ? ['value', 'lies'] : ['values', 'lie'];
  return {
    title: `${found.length} ${noun} of ${name} ${found.length === 1 ? 'stands' : 'stand'} out`,
    sentence:
      `${found.length} of ${spread.plain.n.toLocaleString('en-US')} values of ${name} ${verb} far from the others, ` +
      `whose median is ${amount(spread.median, measure)}: ${listed(values)}${more}.`,
    keys: found.map(nameOfRow),
  };
}

/** The value as the result has it; in a series it is its period's. */
function valueOf(subject: Subject, measure: Measure, series: WholeSeries | undefined, one: Extreme) {
  const exact = subject.measurements.exact(measure, one);
  return exact ?? figure(series?.points.find(({ row }) => row === one.row)?.value ?? one.value);
}

/**
 * What is left of a series without its trend and its season; instead of logarithms those
 * of how many times as large as expected the values are.
 */
function residuals(series: WholeSeries): Spread {
  const { points } = series;
  const expected = expectedOf(series);
  const rowOf = (index: number) => points[index]?.row ?? -1;
  const plain = points.map(({ value }, index) => ({ value: value - (expected[index] ?? 0), row: rowOf(index) }));
  const middle = median(plain.map(({ value }) => value));
  const isPositive = points.every(({ value }, index) => value > 0 && (expected[index] ?? 0) > 0);
  const logarithms = points.map(({ value }, index) => ({
    value: Math.log(value / (expected[index] ?? 1)),
    row: rowOf(index),
  }));
  return {
    median: middle,
    mad: median(plain.map(({ value }) => Math.abs(value - middle))),
    plain: momentsOf(plain, MOST_EXTREMES),
    logarithms: isPositive ? momentsOf(logarithms, MOST_EXTREMES) : null,
  };
}

/** The middle of fewer values is too often one of them, which makes the others look far away. */
const CYCLES_FOR_SEASONS = 6;

/** By point, the value on the line of Theil and Sen, moved to the middle of its season where there are enough cycles. */
function expectedOf({ granularity, points }: WholeSeries): number[] {
  const positioned = points.map(({ time, value }) => ({ position: periodOf(time, granularity), value }));
  const cycle = cycleOf(granularity);
  const seasons = cycle > 1 && points.length >= CYCLES_FOR_SEASONS * cycle ? cycle : 1;
  const slope = theilSenSlope(positioned, seasons);
  const usual = Array.from({ length: seasons }, (_, season) =>
    median(
      positioned
        .filter(({ position }) => position % seasons === season)
        .map(({ position, value }) => value - slope * position),
    ),
  );
  return positioned.map(({ position }) => slope * position + (usual[position % seasons] ?? 0));
}
