import { describe, expect, it } from '@jest/globals';
import { conditionKindsOf, isValueOf, printColumnCondition } from './column-condition.js';

describe('a condition with chosen values', () => {
  it('is printed with literals of the dialect, whatever is in the values', () => {
    const values = [`O'Brien`, `'; DROP TABLE x; --`, String.raw`a\' OR 1=1`];
    const condition = { column: 'region', type: 'text', values } as const;
    expect(printColumnCondition('postgres', condition)).toBe(
      String.raw`region IN ('O''Brien', '''; DROP TABLE x; --', 'a\'' OR 1=1')`,
    );
    expect(printColumnCondition('mysql', condition)).toBe(
      String.raw`region IN ('O''Brien', '''; DROP TABLE x; --', 'a\\'' OR 1=1')`,
    );
    expect(printColumnCondition('duckdb', { column: 'a"b', type: 'integer', values: ['7', '-8'] })).toBe(
      `"a""b" IN (7, -8)`,
    );
    expect(printColumnCondition('trino', { column: 'paid', type: 'boolean', values: ['true'] })).toBe('paid IN (TRUE)');
  });

  it('counts both ends of a range, and a day to its end', () => {
    const range = { from: '2024-02-01', to: '2024-02-29' };
    expect(printColumnCondition('duckdb', { column: 'at', type: 'timestamp', ...range })).toBe(
      `"at" >= DATE '2024-02-01' AND "at" < DATE '2024-03-01'`,
    );
    expect(printColumnCondition('duckdb', { column: 'price', type: 'decimal', to: '9.50' })).toBe('price <= 9.50');
  });

  it('takes only values of the type of the column', () => {
    expect(isValueOf('integer', '1e9')).toBe(false);
    expect(isValueOf('float', '1 OR 1=1')).toBe(false);
    expect(isValueOf('date', '2023-02-29')).toBe(false);
    expect(isValueOf('date', '2024-02-29')).toBe(true);
    expect(isValueOf('date', '9999-12-31')).toBe(false);
    expect(isValueOf('boolean', 'TRUE')).toBe(false);
    expect(isValueOf('text', '\ud800')).toBe(false);
    expect(isValueOf('binary', 'x')).toBe(false);
    expect(() => printColumnCondition('duckdb', { column: 'n', type: 'integer', values: ['x'] })).toThrow('no value');
    expect([conditionKindsOf('text'), conditionKindsOf('date'), conditionKindsOf('binary')]).toEqual([
      ['values'],
      ['range'],
      [],
    ]);
  });
});
