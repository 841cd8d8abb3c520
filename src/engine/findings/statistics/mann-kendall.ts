/** Whether numbers rise or fall over time, and how fast. */
import { normalTwoSided } from './distributions.js';
import { medianOfSorted } from './order.js';

export interface KendallTest {
  /** Kendall's S: pairs that rise less pairs that fall. */
  s: number;
  /** S with continuity correction over its standard deviation; 0 where nothing varies. */
  z: number;
  pValue: number;
  /** S over the number of pairs, -1 to 1. */
  tau: number;
}

/**
 * The test of Mann (1945) and Kendall (1975) for a monotonic trend, two-sided, with the variance corrected for ties. With
 * `seasons` above 1 each value is compared only with those of its own season (`position` modulo `seasons`), and the
 * statistics of the seasons are added up, so that a repeating pattern is no trend.
 *
 * Sources: H. B. Mann, Nonparametric tests against trend, Econometrica 13 (1945); R. M. Hirsch, J. R. Slack, R. A. Smith,
 * Techniques of trend analysis for monthly water quality data, Water Resources Research 18 (1982).
 *
 * @param points in order of time; `position` counts periods. The normal approximation holds from about 8 of them on
 */
export function mannKendall(points: readonly { position: number; value: number }[], seasons = 1): KendallTest {
  let [s, variance, pairs] = [0, 0, 0];
  for (let season = 0; season < seasons; season += 1) {
    const values = points.filter(({ position }) => position % seasons === season).map(({ value }) => value);
    s += risesLessFalls(values);
    variance += varianceOfS(values);
    pairs += (values.length * (values.length - 1)) / 2;
  }
  const z = s === 0 || variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { s, z, pValue: normalTwoSided(z), tau: pairs === 0 ? 0 : s / pairs };
}

/**
 * The median of the slopes between all pairs of points, per period; with `seasons`, between points of the same season.
 *
 * Source: P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63 (1968), after Theil (1950).
 */
export function theilSenSlope(points: readonly { position: number; value: number }[], seasons = 1): number {
  const slopes = new Float64Array((points.length * (points.length - 1)) / 2);
  let count = 0;
  for (const [index, late] of points.entries()) {
    for (let earlier = 0; earlier < index; earlier += 1) {
      const { position, value } = points[earlier] ?? late;
      const periods = late.position - position;
      if (periods <= 0 || periods % seasons !== 0) continue;
      slopes[count] = (late.value - value) / periods;
      count += 1;
    }
  }
  return count === 0 ? 0 : medianOfSorted(slopes.subarray(0, count).sort());
}

function risesLessFalls(values: readonly number[]): number {
  let s = 0;
  for (const [index, late] of values.entries()) {
    for (let earlier = 0; earlier < index; earlier += 1) s += Math.sign(late - (values[earlier] ?? 0));
  }
  return s;
}

function varianceOfS(values: readonly number[]): number {
  const term = (n: number) => n * (n - 1) * (2 * n + 5);
  const ties = new Map<number, number>();
  for (const value of values) ties.set(value, (ties.get(value) ?? 0) + 1);
  return (term(values.length) - [...ties.values()].reduce((sum, tied) => sum + term(tied), 0)) / 18;
}
