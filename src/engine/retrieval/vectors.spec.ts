import { describe, expect, it } from '@jest/globals';
import { fused } from './fusion.js';
import { cosine, quantised } from './vectors.js';

describe('vectors as bytes', () => {
  it('keep the angle between them', () => {
    const [one, other] = [
      [0.3, -0.5, 0.81],
      [0.9, 0.1, 0.42],
    ] as const;
    const exact = (0.27 - 0.05 + 0.3402) / (Math.hypot(...one) * Math.hypot(...other));
    expect(cosine(quantised(one), quantised(other))).toBeCloseTo(exact, 2);
    expect(cosine(quantised(one), quantised(one.map((value) => value * 1000)))).toBeCloseTo(1, 10);
    expect(cosine(quantised(one), quantised(one.map((value) => -value)))).toBeCloseTo(-1, 10);
  });

  it('have no direction when there is nothing in them', () => {
    expect(cosine(quantised([0, 0]), quantised([1, 2]))).toBe(0);
  });
});

describe('rankings', () => {
  it('are fused by places, whatever their scores', () => {
    const [a, b, c] = [1, 2, 3].map((id) => ({ id, score: 1000 / id }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three are needed');
    const all = fused([
      [a, b],
      [b, c],
    ]);
    expect(all.map(({ id }) => id)).toEqual([2, 1, 3]);
    expect(all[0]?.score).toBeCloseTo(1 / 62 + 1 / 61, 12);
  });
});
