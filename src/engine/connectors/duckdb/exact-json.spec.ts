import { describe, expect, it } from '@jest/globals';
import { parseExactly } from './exact-json.js';

describe('JSON with exact numbers', () => {
  it('keeps numbers that a double holds as numbers', () => {
    const text = '[0, -0.0, 1.10, 0.1, 9007199254740991, 1e3, 2.5E-7, 123456789012345.5, 0.30000000000000004]';
    expect(parseExactly(text)).toEqual([
      0, -0, 1.1, 0.1, 9007199254740991, 1000, 2.5e-7, 123456789012345.5, 0.30000000000000004,
    ]);
  });

  it('gives others as they are written, wherever they stand', () => {
    const text = '{"a": 9007199254740993, "b": [-12345678901234567890.5, {"c": 1e999}], "d": 0.12345678901234567890}';
    expect(parseExactly(text)).toEqual({
      a: '9007199254740993',
      b: ['-12345678901234567890.5', { c: '1e999' }],
      d: '0.12345678901234567890',
    });
  });

  it('leaves texts and keys alone, also those that look like numbers', () => {
    const text = '{"12345678901234567890": "say \\"12345678901234567890\\", \\\\", "n": 12345678901234567890}';
    expect(parseExactly(text)).toEqual({
      '12345678901234567890': 'say "12345678901234567890", \\',
      n: '12345678901234567890',
    });
  });

  it('makes no JSON of what is none', () => {
    const texts = ['12345678901234567890 1', '012345678901234567890', '{12345678901234567890: 1}', ''];
    for (const text of texts) expect(() => parseExactly(text)).toThrow(SyntaxError);
  });

  it('reads a very long text', () => {
    const long = `${'x'.repeat(20_000_000)}1234567890123456`;
    expect(parseExactly(JSON.stringify([long]))).toEqual([long]);
  });
});
