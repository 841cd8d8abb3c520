import { describe, expect, it } from '@jest/globals';
import { JsonRows } from './json-rows.js';

function staged(text: string | Buffer, columns = 2, changes: { staysJson?: boolean; maxRows?: number } = {}) {
  const { staysJson = false, maxRows = 100 } = changes;
  let output = '';
  const rows = new JsonRows({
    staysJson: Array<boolean>(columns).fill(staysJson),
    maxRows,
    sink: (piece) => {
      output += piece.toString('latin1');
    },
  });
  const input = Buffer.from(text);
  const read = rows.take(input);
  return { output, rest: input.subarray(read).toString(), rows: rows.rows, truncated: rows.truncated };
}

describe('rows in JSON', () => {
  it.each([
    ['[1,"a"]\n[-2.50,"b"]\n', '1\ta\n-2.50\tb\n'],
    ['[1,"a"],[2,"b"]', '1\ta\n2\tb\n'],
    [' [ 1 , "a" ] ,\r\n[2,"b"]', '1\ta\n2\tb\n'],
    ['[null,"null"]', '\\N\tnull\n'],
    [
      '[9223372036854775807,170141183460469231731687303715884105727]',
      '9223372036854775807\t170141183460469231731687303715884105727\n',
    ],
    ['[true,""]', 'true\t\n'],
    ['["\\"\\/",0]', '"/\t0\n'],
    ['["\\\\N","\\b\\f\\n\\r\\t"]', '\\\\N\t\\b\\f\\n\\r\\t\n'],
    ['["\\u0000\\u0001\\u000b\\u005c\\u0009",0]', '\0\x01\\v\\\\\\t\t0\n'],
    ['[[1,["],["]],{"a":"}\\"\\\\"}]', '[1,["],["]]\t{"a":"}\\\\"\\\\\\\\"}\n'],
  ])('become text of the stage: %j', (text, output) => {
    expect(staged(text)).toMatchObject({ output, rest: '' });
  });

  it('keep their characters', () => {
    const { output } = staged('["é\\u00e9☃\\u2603","😀\\ud83d\\ude00"]');
    expect(Buffer.from(output, 'latin1').toString()).toBe('éé☃☃\t😀😀\n');
  });

  it('of one column get a second, so that no row is an empty line', () => {
    expect(staged('[""][null]', 1).output).toBe('\t0\n\\N\t0\n');
  });

  it('keep the quotes of texts in columns that stay JSON', () => {
    expect(staged('["a\\n",5]', 2, { staysJson: true }).output).toBe('"a\\\\n"\t5\n');
  });

  it('that are too many are dropped and told of', () => {
    expect(staged('[1,2][3,4][5,6]', 2, { maxRows: 2 })).toMatchObject({
      rows: 2,
      truncated: true,
      output: '1\t2\n3\t4\n',
    });
    expect(staged('[1,2][3,4]', 2, { maxRows: 2 })).toMatchObject({ rows: 2, truncated: false });
  });

  it('end where something stands that is no row', () => {
    expect(staged('[1,2]\nCode: 1. DB::Exception').rest).toBe('Code: 1. DB::Exception');
  });

  it.each([
    '[1]',
    '[1,2,3]',
    '[1,2',
    '[1,"a]',
    '[,1]',
    '[1 2]',
    '[nil,1]',
    '["a\nb",1]',
    '["\\x41",1]',
    '["\\u12",1]',
    '[{"a":1,2]',
    '[[1,2]',
    '["\t",1]',
  ])('are refused where they are none: %j', (text) => {
    expect(() => staged(text)).toThrow(expect.objectContaining({ code: 'source_lost' }));
  });

  it.each(['["\\ud83d",1]', '["\\ude00",1]', '["\\ud83dxx",1]'])('are refused with half a character: %s', (text) => {
    expect(() => staged(text)).toThrow(expect.objectContaining({ code: 'source_data_invalid' }));
  });

  it('are refused when one is too long to be held in memory', () => {
    expect(() => staged(`["${'x'.repeat(33_000_000)}",1]`)).toThrow(
      expect.objectContaining({ code: 'query_result_too_large' }),
    );
  });
});
