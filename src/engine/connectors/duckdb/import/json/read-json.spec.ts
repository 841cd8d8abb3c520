import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Importing, type Loaded } from '../importing.fixture.js';
import { MAX_DEPTH } from './scan-json.js';

describe('importing JSON', () => {
  let importing: Importing;

  beforeAll(async () => {
    importing = await Importing.inNewFolder();
  });
  afterAll(() => importing.close());

  const columns = ({ columns: all }: Loaded): string[][] => all.map(({ name, type }) => [name, type]);

  it('makes a table of a list of objects, whose keys may differ', async () => {
    const table = await importing.loadOne(
      'people.json',
      '[{"id": 1, "name": "Ada"},\n {"id": 2, "born": "1906-12-09"}]',
    );
    expect(table.name).toBe('people');
    expect(columns(table)).toEqual([
      ['id', 'integer'],
      ['name', 'text'],
      ['born', 'date'],
    ]);
    expect(table.rows).toEqual([
      [1, 'Ada', null],
      [2, null, '1906-12-09'],
    ]);
  });

  it('makes columns of the objects inside, and keeps lists', async () => {
    const table = await importing.loadOne(
      'x.json',
      '[{"at": {"city": "Oslo", "geo": {"lat": 59.9}}, "tags": ["a", {"b": 1}]}]',
    );
    expect(columns(table)).toEqual([
      ['at_city', 'text'],
      ['at_geo_lat', 'float'],
      ['tags', 'json'],
    ]);
    expect(table.rows).toEqual([['Oslo', 59.9, ['a', { b: 1 }]]]);
  });

  it('finds the one list of objects in an object', async () => {
    const content = '{"count": 2, "ids": [1, 2], "data": [{"a": "]}\\""}, {"a": "y"}], "next": null}';
    expect((await importing.loadOne('x.json', content)).rows).toEqual([[']}"'], ['y']]);
    const several = '{"a": [{"x": 1}], "b": [{"x": 1}]}';
    expect(await importing.refusal('x.json', several)).toMatchObject({ details: { problem: 'several_lists' } });
  });

  it('reads an object per line, and objects one after the other', async () => {
    for (const [name, content] of [
      ['x.ndjson', '{"a": 1}\n\n{"a": 2}'],
      ['x.json', '{"a": 1}\n{"a": 2}\n'],
      ['x.json', '{\n"a": 1}\n{\n"a": 2}\n'],
    ] as const) {
      expect((await importing.loadOne(name, content)).rows).toEqual([[1], [2]]);
    }
  });

  it.each([
    [
      'whole numbers beyond 64 bits',
      '[{"n": 12345678901234567890123}, {"n": 1}]',
      'decimal',
      '12345678901234567890123',
    ],
    ['fractions', '[{"n": 1.5}, {"n": 2}]', 'float', 1.5],
    ['numbers beyond every range, as text', '[{"n": 1e400}, {"n": 1.5}]', 'text', '1e400'],
    ['truth', '[{"n": true}, {"n": null}]', 'boolean', true],
    ['moments in UTC', '[{"n": "2024-05-01T10:00:00Z"}]', 'timestamptz', '2024-05-01T10:00:00Z'],
    ['moments of another offset, as text', '[{"n": "2024-05-01T10:00:00+02:00"}]', 'text', '2024-05-01T10:00:00+02:00'],
    ['digits that are a text', '[{"n": "00123"}]', 'text', '00123'],
    ['a mixture, as text', '[{"n": 1}, {"n": "x"}]', 'text', '1'],
  ])('keeps %s', async (_what, content, type, value) => {
    const table = await importing.loadOne('x.json', content);
    expect([columns(table)[0]?.[1], table.rows[0]?.[0]]).toEqual([type, value]);
  });

  it('reads UTF-16, and UTF-8 with a mark', async () => {
    const content = '\ufeff[{"a": "é"}]';
    for (const bytes of [Buffer.from(content), Buffer.from(content, 'utf16le')]) {
      expect((await importing.loadOne('x.json', bytes)).rows).toEqual([['é']]);
    }
  });

  it('leaves out lines that are no objects when it is told to, and tells which', async () => {
    const content = '{"a": 1}\n{"a": \n3\n{"a": 2}\n';
    expect(await importing.refusal('x.ndjson', content)).toMatchObject({
      code: 'file_malformed',
      details: { line: 3 },
    });
    const table = await importing.loadOne('x.ndjson', content, { on_bad_lines: 'skip' });
    expect(table.rows).toEqual([[1], [2]]);
    expect(table.rejects).toEqual({
      count: 2,
      lines: [
        { line: 2, reason: 'is not JSON' },
        { line: 3, reason: 'holds no object' },
      ],
    });
  });

  it('does what the caller says about types', async () => {
    const table = await importing.loadOne('x.json', '[{"zip": 123, "at": {"n": 1}}]', {
      types: { zip: 'text', at_n: 'float' },
    });
    expect(columns(table)).toEqual([
      ['zip', 'text'],
      ['at_n', 'float'],
    ]);
    const refused = await importing.refusal('x.json', '[{"a": "x"}]', { types: { a: 'integer' } });
    expect(refused).toMatchObject({ code: 'file_malformed', details: { problem: 'type', column: 'a' } });
  });

  it.each([
    ['values that are no objects', '[1, 2]', { problem: 'not_an_object', record: 1 }],
    ['a value among objects', '[{"a": 1}, 2]', { problem: 'not_an_object', record: 2 }],
    ['a list without its end', '[{"a": 1}', { problem: 'cut_off' }],
    ['brackets that do not match', '[{"a": 1}}', { problem: 'json', record: 2 }],
    ['a comma too many', '[{"a": 1},]', { problem: 'json' }],
    ['a key twice', '[{"a": 1, "a": 2}]', { problem: 'json', record: 1 }],
    ['a key twice inside', '[{"b": {"a": 1, "a": 2}}]', { problem: 'duplicate_key' }],
    ['keys that differ by case only', '[{"id": 1, "ID": 2}]', { problem: 'similar_keys' }],
    ['text that is not UTF-8', Buffer.from('[{"a": "\xe9"}]', 'latin1'), { problem: 'json', record: 1 }],
    ['a million brackets', `[{"a": ${'['.repeat(1_000_000)}`, { problem: 'too_deep', record: 1 }],
    [
      'one bracket too deep',
      `[{"a": ${'['.repeat(MAX_DEPTH - 1)}${']'.repeat(MAX_DEPTH - 1)}}]`,
      { problem: 'too_deep', record: 1 },
    ],
    ['a text of 30 MB', `[{"a": 1}, {"a": "${'x'.repeat(30_000_000)}"}]`, { problem: 'record_too_large', record: 2 }],
    [
      'too many keys',
      JSON.stringify(Array.from({ length: 5_000 }, (_, n) => ({ [`k${n}`]: 1 }))),
      { problem: 'columns' },
    ],
  ])('refuses %s', async (_what, content, details) => {
    expect(await importing.refusal('x.json', content)).toMatchObject({ code: 'file_malformed', details });
  });

  it.each(['[]', '{}', '[{}]'])('finds no records in %s', async (content) => {
    expect(await importing.refusal('x.json', content)).toMatchObject({ code: 'file_empty' });
  });
});
