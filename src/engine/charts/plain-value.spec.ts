import { describe, expect, it } from '@jest/globals';
import { plainNumber, plainValue } from './plain-value.js';

describe('a value in words', () => {
  it('has no traces of adding doubles', () => {
    expect(48534.48500000001).not.toBe(48534.485);
    expect(plainNumber(48534.48500000001)).toBe('48534.485');
    expect(plainNumber(0.1 + 0.2)).toBe('0.3');
    expect(plainNumber(-1.5)).toBe('-1.5');
  });

  it('keeps whole numbers, and what is no number, as they are', () => {
    expect(plainNumber(9007199254740991)).toBe('9007199254740991');
    expect(plainNumber(Number.NaN)).toBe('NaN');
    expect(plainValue('9007199254740993')).toBe('9007199254740993');
    expect(plainValue(true)).toBe('true');
    expect(plainValue(['a', 1])).toBe('["a",1]');
  });

  it('is a day where a moment is midnight', () => {
    expect(plainValue('2025-01-01T00:00:00')).toBe('2025-01-01');
    expect(plainValue('2025-01-01T07:30:00Z')).toBe('2025-01-01 07:30:00Z');
    expect(plainValue('no moment, T00:00:00')).toBe('no moment, T00:00:00');
  });
});
