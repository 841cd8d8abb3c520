/** How unevenly a total is shared. */
import { uniformMeanAtLeast } from './distributions.js';

export interface ConcentrationTest {
  /** 0 when all parts are equal, towards 1 when one part has all; with the factor n/(n-1) for few parts. */
  gini: number;
  /** Sum of the squared shares: 1/n when all are equal, 1 when one part has all. */
  herfindahl: number;
  /** How likely a total that is divided at random is shared as unevenly as this. */
  pValue: number;
}

/**
 * Gini coefficient and Herfindahl–Hirschman index of the parts of a total, tested against a total that is broken at random
 * places: its parts are exponential, and their Gini coefficient is the mean of n - 1 uniform numbers.
 *
 * Source: M. H. Gail, J. L. Gastwirth, A scale-free goodness-of-fit test for the exponential distribution based on the Gini
 * statistic, Journal of the Royal Statistical Society B 40 (1978).
 *
 * @param parts none of them negative, at least two, not all 0
 */
export function concentrationOf(parts: readonly number[]): ConcentrationTest {
  const n = parts.length;
  const sorted = [...parts].sort((a, b) => a - b);
  const total = sorted.reduce((sum, part) => sum + part, 0);
  const weighted = sorted.reduce((sum, part, index) => sum + (2 * (index + 1) - n - 1) * part, 0);
  const gini = weighted / ((n - 1) * total);
  const herfindahl = sorted.reduce((sum, part) => sum + (part / total) ** 2, 0);
  return { gini, herfindahl, pValue: uniformMeanAtLeast(gini, n - 1) };
}
