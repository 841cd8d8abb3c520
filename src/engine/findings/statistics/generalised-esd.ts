/** Whether a few values lie too far from the others to belong to them. */
import { studentTwoSided } from './distributions.js';

export interface Extreme {
  value: number;
  /** Index of the row. */
  row: number;
}

/** What the test needs to know of numbers: their moments, and those at both ends. */
export interface Moments {
  n: number;
  mean: number;
  /** Sum of the squared differences from the mean. */
  squares: number;
  /** Smallest first. */
  lowest: readonly Extreme[];
  /** Largest first. */
  highest: readonly Extreme[];
}

export interface EsdTest {
  /** The values that do not belong, the farthest first; none when the test finds none. */
  outliers: Extreme[];
  /** R of the last outlier, or of the farthest value when there is none. */
  statistic: number;
  /** Of the hypothesis that there is no outlier: the smallest of the steps', step i weighing 2⁻ⁱ (weighted Bonferroni). */
  pValue: number;
  /** Even the last value that was tried is too far out: the tail is heavy, and there are no few outliers to name. */
  heavyTail: boolean;
}

/**
 * The generalised extreme Studentised deviate test: the farthest value is taken away, and the next tested among the others,
 * up to `most` times; the outliers are all up to the last step that is significant, so that they cannot mask each other.
 *
 * Source: B. Rosner, Percentage points for a generalized ESD many-outlier procedure, Technometrics 25 (1983); the p-value of
 * a step is his critical value (NIST/SEMATECH e-Handbook of Statistical Methods, § 1.3.5.17.3) solved for its level.
 *
 * @param level that a step must reach for its values to be named
 */
export function generalisedEsd({ n, mean, squares, lowest, highest }: Moments, most: number, level = 0.01): EsdTest {
  const test: EsdTest = { outliers: [], statistic: 0, pValue: 1, heavyTail: false };
  const removed: Extreme[] = [];
  let [low, high, left, centre, spread] = [0, 0, n, mean, squares];
  for (let step = 1; step <= most && left > 2 && spread > 0; step += 1) {
    const [bottom, top] = [lowest[low], highest[high]];
    if (bottom === undefined || top === undefined) break;
    const far = top.value - centre >= centre - bottom.value ? top : bottom;
    if (far === top) high += 1;
    else low += 1;
    const statistic = Math.abs(far.value - centre) / Math.sqrt(spread / (left - 1));
    const pValue = pOfStep(statistic, left);
    removed.push(far);
    if (step === 1) test.statistic = statistic;
    if (pValue <= level) {
      test.outliers = [...removed];
      test.statistic = statistic;
      test.heavyTail = step === most;
    }
    test.pValue = Math.min(test.pValue, pValue * 2 ** step);
    // The moments without the value that was taken away.
    const without = centre - (far.value - centre) / (left - 1);
    spread = Math.max(0, spread - (far.value - centre) * (far.value - without));
    centre = without;
    left -= 1;
  }
  return test;
}

/** Rosner's λ = (n-1) t / √(n (n - 2 + t²)) solved for t, whose level is shared among `n` values. */
function pOfStep(statistic: number, n: number): number {
  const rest = (n - 1) ** 2 - n * statistic ** 2;
  if (rest <= 0) return 0;
  const t = statistic * Math.sqrt((n * (n - 2)) / rest);
  return Math.min(1, n * studentTwoSided(t, n - 2));
}

/** The moments of numbers with their rows, keeping `most` of both ends. */
export function momentsOf(values: readonly Extreme[], most: number): Moments {
  const n = values.length;
  const mean = values.reduce((sum, { value }) => sum + value, 0) / Math.max(1, n);
  const squares = values.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  const sorted = [...values].sort((a, b) => a.value - b.value);
  return { n, mean, squares, lowest: sorted.slice(0, most), highest: sorted.slice(-most).reverse() };
}
