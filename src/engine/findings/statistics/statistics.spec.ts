/** The statistics against published results. */
import { describe, expect, it } from '@jest/globals';
import { concentrationOf } from './concentration.js';
import { correlationOf, correlationPValue } from './correlation.js';
import { normalTwoSided, studentTwoSided, uniformMeanAtLeast } from './distributions.js';
import { generalisedEsd, momentsOf } from './generalised-esd.js';
import { holm } from './holm.js';
import { mannKendall, theilSenSlope } from './mann-kendall.js';
import { randomNumbers } from '../random.fixture.js';

const series = (values: number[]) => values.map((value, position) => ({ position, value }));

describe('the distributions', () => {
  // Critical values as any table has them, such as NIST/SEMATECH e-Handbook, § 1.3.6.7.
  it.each([
    [1.959964, 0.05],
    [-2.575829, 0.01],
    [3.290527, 0.001],
  ])('give the normal p-value of z = %d', (z, p) => expect(normalTwoSided(z)).toBeCloseTo(p, 6));

  it.each([
    [12.7062, 1, 0.05],
    [2.2281, 10, 0.05],
    [-2.8453, 20, 0.01],
    [1.984, 100, 0.05],
  ])('give the p-value of t = %d with %d degrees of freedom', (t, degrees, p) =>
    expect(studentTwoSided(t, degrees)).toBeCloseTo(p, 4),
  );

  it('give the tail of the mean of uniform numbers, on both sides of where the approximation begins', () => {
    expect(uniformMeanAtLeast(0.75, 2)).toBeCloseTo(1 / 8, 12);
    expect(uniformMeanAtLeast(2 / 3, 3)).toBeCloseTo(1 / 6, 12);
    expect(uniformMeanAtLeast(0.5, 12)).toBeCloseTo(0.5, 9);
    expect(uniformMeanAtLeast(0.65, 12)).toBeCloseTo(uniformMeanAtLeast(0.65, 13) * 1.1, 2);
  });
});

describe('a trend', () => {
  // Five years of cloud seeding: Hollander and Wolfe, Nonparametric Statistical Methods, 2nd ed. (1999), examples 9.1 and 9.2.
  const SEEDED = series([1.26, 1.27, 1.12, 1.16, 1.03]);

  it('has the S and the slope of the textbook', () => {
    expect(mannKendall(SEEDED).s).toBe(-6);
    expect(theilSenSlope(SEEDED)).toBeCloseTo(-0.056, 3);
  });

  it('has its variance corrected for ties', () => {
    // (10 · 9 · 25 - 3 · 2 · 11 - 2 · 1 · 9) / 18 for ten values of which three and two are equal; S is counted by hand.
    const tied = series([1, 2, 2, 2, 3, 4, 5, 5, 6, 7]);
    const { s, z, tau } = mannKendall(tied);
    expect(s).toBe(41);
    expect(z).toBeCloseTo(40 / Math.sqrt((10 * 9 * 25 - 3 * 2 * 11 - 2 * 9) / 18), 9);
    expect(tau).toBeCloseTo(41 / 45, 9);
  });

  it('is not seen in seasons, and is seen through them', () => {
    const season = (position: number) => Math.round(40 * Math.sin((position * Math.PI) / 6));
    const flat = Array.from({ length: 36 }, (_, position) => ({ position, value: 100 + season(position) }));
    const risen = flat.map(({ position, value }) => ({ position, value: value + position / 2 }));
    expect(mannKendall(flat, 12).pValue).toBe(1);
    expect(mannKendall(risen).pValue).toBeGreaterThan(0.05);
    expect(mannKendall(risen, 12).pValue).toBeLessThan(1e-4);
    expect(theilSenSlope(risen, 12)).toBeCloseTo(0.5, 9);
  });
});

describe('outliers', () => {
  // Rosner's data of 1983, worked through in NIST/SEMATECH e-Handbook, § 1.3.5.17.3: three outliers of at most ten at 5 %.
  const ROSNER =
    `-0.25 0.68 0.94 1.15 1.20 1.26 1.26 1.34 1.38 1.43 1.49 1.49 1.55 1.56 1.58 1.65 1.69 1.70 1.76 1.77 1.81
    1.91 1.94 1.96 1.99 2.06 2.09 2.10 2.14 2.15 2.23 2.24 2.26 2.35 2.37 2.40 2.47 2.54 2.62 2.64 2.90 2.92 2.92 2.93 3.21
    3.26 3.30 3.59 3.68 4.30 4.64 5.34 5.42 6.01`
      .split(/\s+/)
      .map((text, row) => ({ value: Number(text), row }));

  it('are those of Rosner, although they hide each other', () => {
    const moments = momentsOf(ROSNER, 10);
    const { outliers, statistic } = generalisedEsd(moments, 10, 0.05);
    expect(outliers.map(({ value }) => value)).toEqual([6.01, 5.42, 5.34]);
    expect(statistic).toBeCloseTo(3.179, 3);
    // R of the first step is below its critical value, 3.158.
    expect(generalisedEsd(moments, 1, 0.05)).toMatchObject({ outliers: [], statistic: expect.closeTo(3.1189, 4) });
    expect(generalisedEsd(moments, 1).pValue).toBeGreaterThan(0.05);
  });
});

describe('a correlation', () => {
  // F. J. Anscombe, Graphs in statistical analysis, The American Statistician 27 (1973): r = 0.816 in each of the four.
  const X = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
  const ANSCOMBE: [number[], number[], number][] = [
    [X, [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68], 0.818],
    [X, [9.14, 8.14, 8.74, 8.77, 9.26, 8.1, 6.13, 3.1, 9.13, 7.26, 4.74], 0.691],
    [X, [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73], 0.991],
    [[8, 8, 8, 8, 8, 8, 8, 19, 8, 8, 8], [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.5, 5.56, 7.91, 6.89], 0.5],
  ];

  it.each(ANSCOMBE)('is that of Anscombe’s quartet', (xs, ys, spearman) => {
    const relation = correlationOf(xs, ys);
    expect(relation.pearson).toBeCloseTo(0.816, 2);
    expect(relation.spearman).toBeCloseTo(spearman, 3);
    expect(correlationPValue(relation.pearson, 11)).toBeCloseTo(0.0022, 4);
  });
});

describe('concentration', () => {
  it('is 0 among equals, and 1 where one has all', () => {
    expect(concentrationOf([3, 3, 3, 3])).toMatchObject({ gini: 0, herfindahl: 0.25, pValue: 1 });
    const one = concentrationOf([0, 0, 0, 7]);
    expect([one.gini, one.herfindahl]).toEqual([1, 1]);
    expect(concentrationOf([1, 2, 3, 4, 5]).gini).toBeCloseTo(1 / 3, 12);
  });

  it('is found in one of twenty totals that are divided at random', () => {
    const random = randomNumbers(7);
    for (const parts of [6, 30]) {
      const found = Array.from({ length: 2000 }, () =>
        concentrationOf(Array.from({ length: parts }, () => -Math.log(1 - random()))),
      ).filter(({ pValue }) => pValue <= 0.05);
      expect(found.length / 2000).toBeCloseTo(0.05, 1.5);
    }
  });
});

it('corrects several p-values together, in the order that they came in', () => {
  const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
  expect(adjusted.map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
});
