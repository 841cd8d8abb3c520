import { describe, expect, it } from '@jest/globals';
import { readPage } from './page.js';

const rowsOf = (text: string): string | undefined => readPage(Buffer.from(text)).rows?.toString();

describe('a page of Trino', () => {
  it('gives its rows as they are spelled', () => {
    const page = readPage(
      Buffer.from(
        '{"id":"q","nextUri":"http://a/b","columns":[{"name":"x","type":"bigint"}],"data":[[9223372036854775807],["]}"]],"stats":{"state":"RUNNING"}}',
      ),
    );
    expect(page).toMatchObject({ nextUri: 'http://a/b', columns: [{ name: 'x', type: 'bigint' }] });
    expect(page.rows?.toString()).toBe('[9223372036854775807],["]}"]');
  });

  it.each([
    ['{"id":"q"}', undefined],
    ['{"id":"q","data":null}', undefined],
    ['{"id":"q","data":[]}', ''],
    [' { "data" : [ [1] ] , "id" : "q" } ', ' [1] '],
    ['{"id":"a \\"data\\": [1]","data":[[2]]}', '[2]'],
    ['{"stats":{"data":[[1]]},"id":"q"}', undefined],
  ])('has rows only in its own data: %s', (text, rows) => {
    expect(rowsOf(text)).toBe(rows);
  });

  it.each([
    '',
    '[]',
    'null',
    '<html>',
    '{"id":1}',
    '{"id":"q","data":[[1]',
    '{"id":"q","columns":[1]}',
    '{"id":"q","nextUri":5}',
    '{"id":"q","error":{}}',
    '{"a"',
  ])('is refused when it is none: %s', (text) => {
    expect(() => rowsOf(text)).toThrow(expect.objectContaining({ code: 'source_lost' }));
  });
});
