import { describe, expect, it } from '@jest/globals';
import { type AlertCondition, judge, robustScore, type WatchedRows } from './alert-condition.js';

const CONDITION: AlertCondition = {
  query_id: 1,
  type: 'threshold',
  column: 'n',
  aggregate: 'last',
  operator: '>',
  value: 10,
  unit: 'percent',
  consecutive: 1,
  schedule: null,
  timezone: 'UTC',
};

function result(...values: (number | string | null)[]): WatchedRows {
  return { queryId: 1, columns: [{ name: 'n', type: 'integer' }], rows: values.map((value) => [value]) };
}

describe('conditions of alerts', () => {
  it.each([
    ['>', 10, false],
    ['>', 10.1, true],
    ['>=', 10, true],
    ['<', 10, false],
    ['<=', 10, true],
    ['=', 10, true],
    ['!=', 10, false],
  ] as const)('compare by %s at the edge', (operator, figure, met) => {
    expect(judge({ ...CONDITION, operator }, result(figure), []).met).toBe(met);
  });

  it('read decimals that came as text, and skip what is empty', () => {
    expect(judge(CONDITION, result('10.5', null), [])).toMatchObject({ met: true, value: 10.5 });
    expect(judge(CONDITION, result(null), [])).toMatchObject({ met: false, value: null });
  });

  it('compare one figure with what it was at earlier evaluations', () => {
    const change = { ...CONDITION, type: 'change' as const, operator: null, value: 20 };
    expect(judge(change, result(100), []).met).toBe(false);
    expect(judge(change, result(119), [100]).met).toBe(false);
    expect(judge(change, result(120), [100]).met).toBe(true);
    expect(judge({ ...change, unit: 'absolute' }, result(79), [100]).met).toBe(true);
    expect(judge(change, result(5), [0]).met).toBe(true);
  });

  it('call nothing unusual before there is enough to compare with', () => {
    const anomaly = { ...CONDITION, type: 'anomaly' as const, operator: null, value: null };
    const usual = [10, 11, 9, 10, 12, 9, 11];
    expect(judge(anomaly, result(99), usual)).toMatchObject({ met: false, value: 99 });
    expect(judge(anomaly, result(99), [...usual, 10]).met).toBe(true);
    expect(judge(anomaly, result(11), [...usual, 10]).met).toBe(false);
  });

  it('measure by the median absolute deviation, and by the mean where more than half are the same', () => {
    // Median 3, deviations 2 1 0 1 2, their median 1.
    expect(robustScore(7, [1, 2, 3, 4, 5])).toEqual({ centre: 3, score: 4 * 0.6745 });
    expect(robustScore(9, [5, 5, 5, 5, 9]).score).toBeCloseTo(4 / (0.8 * 1.253314), 6);
    expect(robustScore(6, [5, 5, 5]).score).toBe(Infinity);
  });
});
