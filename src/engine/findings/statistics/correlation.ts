/** Whether two columns of numbers move together. */
import { studentTwoSided } from './distributions.js';
import { ranks } from './order.js';

export interface Correlation {
  /** Pairs of which both numbers are there. */
  n: number;
  /** Of the numbers: how near they lie to a line. */
  pearson: number;
  /** Of their ranks: how far the order of one is that of the other. */
  spearman: number;
}

/** The coefficients of Pearson and Spearman over the pairs; 0 where a side does not vary. */
export function correlationOf(xs: readonly number[], ys: readonly number[]): Correlation {
  return { n: xs.length, pearson: pearson(xs, ys), spearman: pearson(ranks(xs), ranks(ys)) };
}

/**
 * Two-sided p-value of a coefficient over `n` pairs, by t = r √((n-2) / (1-r²)) with n-2 degrees of freedom: exact for
 * Pearson's and normal data, the usual approximation for Spearman's from n = 10 on.
 */
export function correlationPValue(coefficient: number, n: number): number {
  if (n < 3) return 1;
  return studentTwoSided(coefficient * Math.sqrt((n - 2) / (1 - coefficient ** 2)), n - 2);
}

function pearson(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  let [xy, xx, yy] = [0, 0, 0];
  for (const [index, x] of xs.entries()) {
    const [dx, dy] = [x - meanX, (ys[index] ?? 0) - meanY];
    xy += dx * dy;
    xx += dx * dx;
    yy += dy * dy;
  }
  const scale = Math.sqrt(xx * yy);
  return scale === 0 ? 0 : Math.max(-1, Math.min(1, xy / scale));
}
