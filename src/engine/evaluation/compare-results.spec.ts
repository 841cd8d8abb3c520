import { describe, expect, it } from '@jest/globals';
import type { CellValue } from '../charts/contract.js';
import { equalsAny } from './compare-results.js';
import type { ExpectedResult, Unstable } from './suite.js';

function result(rows: CellValue[][], more: Partial<ExpectedResult> = {}): ExpectedResult {
  return { columns: (rows[0] ?? []).map((_, index) => `c${index}`), rows, ordered: false, ...more };
}

const equal = (rows: CellValue[][], expected: ExpectedResult, unstable: Unstable | null = null): boolean =>
  equalsAny(rows, [expected], unstable);

describe('comparing results', () => {
  it.each<[CellValue, CellValue, boolean]>([
    [1, 1.0000001, true],
    [1, 1.00001, false],
    ['12.50', 12.5, true],
    ['007', '7', true],
    [true, 1, true],
    [false, 'F', false],
    ['a', 'A', false],
    [null, null, true],
    [null, '', false],
    ['2024-01-05', '2024-01-05T00:00:00', true],
    ['2024-01-05T10:30:00Z', '2024-01-05 10:30:00.000', true],
    ['2024-01-05T10:30:00.5', '2024-01-05 10:30:00', false],
    [['a'], ['a'], true],
  ])('%j and %j: %s', (one, other, expected) => {
    expect(equal([[one]], result([[other]]))).toBe(expected);
  });

  it('takes rows as a multiset', () => {
    expect(equal([['b'], ['a'], ['a']], result([['a'], ['b'], ['a']]))).toBe(true);
    expect(equal([['b'], ['b'], ['a']], result([['a'], ['b'], ['a']]))).toBe(false);
    expect(equal([['a']], result([['a'], ['a']]))).toBe(false);
  });

  it('keeps to the order where there is one that ties do not change', () => {
    const ordered = result([['a'], ['b']], { ordered: true });
    expect(equal([['b'], ['a']], ordered)).toBe(false);
    expect(equal([['b'], ['a']], ordered, 'order')).toBe(true);
  });

  it('wants the columns in their places, and no others', () => {
    expect(equal([['a', 1]], result([[1, 'a']]))).toBe(false);
    expect(equal([['a', 1]], result([['a']]))).toBe(false);
  });

  it('is content with some columns of a group, but with one at least', () => {
    const either = result([['Ada', 7, 3]], { any_of: [[0, 1]] });
    expect(equal([['Ada', 3]], either)).toBe(true);
    expect(equal([[7, 3]], either)).toBe(true);
    expect(equal([['Ada', 7, 3]], either)).toBe(true);
    expect(equal([[3]], either)).toBe(false);
  });

  it('accepts any of several results', () => {
    expect(equalsAny([[2]], [result([[1]]), result([[2]])])).toBe(true);
    expect(equalsAny([[2]], [])).toBe(false);
  });
});
