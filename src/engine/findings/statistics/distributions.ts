/** Probabilities of the distributions that the tests of findings refer to. */

/**
 * Two-sided p-value of a standard normal statistic: `erfc(|z| / √2)`. Relative error below 1.2e-7.
 * Source: the Chebyshev fit of Press et al., Numerical Recipes in C, 2nd ed. (1992), § 6.2.
 */
export function normalTwoSided(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + x / 2);
  const series = ERFC_FIT.reduceRight((sum, coefficient) => sum * t + coefficient, 0);
  return Math.min(1, t * Math.exp(-x * x + series));
}

const ERFC_FIT = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
  0.17087277,
];

/** Two-sided p-value of a statistic of Student's t distribution. */
export function studentTwoSided(t: number, degreesOfFreedom: number): number {
  if (!Number.isFinite(t)) return 0;
  return regularisedBeta(degreesOfFreedom / (degreesOfFreedom + t * t), degreesOfFreedom / 2, 0.5);
}

/**
 * Probability that the mean of `n` independent uniform numbers from 0 to 1 is at least `mean`: Irwin–Hall up to 12 of them,
 * the normal approximation beyond, where it differs by less than 0.001.
 */
export function uniformMeanAtLeast(mean: number, n: number): number {
  if (n > 12) {
    const z = (mean - 0.5) * Math.sqrt(12 * n);
    const tail = normalTwoSided(z) / 2;
    return z >= 0 ? tail : 1 - tail;
  }
  // P(sum ≤ x) = Σ (-1)^k C(n, k) (x - k)^n / n! for k ≤ x; the upper tail is the lower one of n - x.
  const x = n - mean * n;
  let [sum, binomial, factorial] = [0, 1, 1];
  for (let k = 1; k <= n; k += 1) factorial *= k;
  for (let k = 0; k <= x; k += 1) {
    sum += (k % 2 === 0 ? 1 : -1) * binomial * (x - k) ** n;
    binomial = (binomial * (n - k)) / (k + 1);
  }
  return Math.min(1, Math.max(0, sum / factorial));
}

/**
 * The regularised incomplete beta function I_x(a, b), by Lentz's evaluation of its continued fraction.
 * Source: Press et al., Numerical Recipes in C, 2nd ed. (1992), § 6.4.
 */
function regularisedBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

const MOST_TERMS = 300;
const TINY = 1e-300;

function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  for (let m = 1; m <= MOST_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return fraction;
}

/** ln Γ(x) for x > 0, by the Lanczos approximation (Numerical Recipes, § 6.1); absolute error below 2e-10. */
function logGamma(x: number): number {
  const base = x + 5.5;
  const series = LANCZOS.reduce((sum, coefficient, index) => sum + coefficient / (x + index + 1), 1.000000000190015);
  return (x + 0.5) * Math.log(base) - base + Math.log((Math.sqrt(2 * Math.PI) * series) / x);
}

const LANCZOS = [
  76.18009172947146, -86.50532032941678, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2,
  -0.5395239384953e-5,
];
