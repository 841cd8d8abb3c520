import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import { DuckDbFileConnector } from '../duckdb-file-connector.js';
import { readPage } from '../read-page.js';
import { arrowFormat, csvFormat, exportResult, ndjsonFormat } from './index.js';

/** A row of everything, and a row of nothing. */
const EVERYTHING = `
  SELECT * FROM (
    SELECT 1 AS nr, true AS yes, 7::TINYINT AS tiny, 300::SMALLINT AS small, 9007199254740993::BIGINT AS large,
      18446744073709551615::UBIGINT AS huge, sum(2::BIGINT) AS total, 1.10::DECIMAL(10, 2) AS price,
      -12345678901234567890123456789.012345678::DECIMAL(38, 9) AS exact, 0.1::FLOAT AS single, 0.5::DOUBLE AS half,
      'NaN'::DOUBLE AS nan, DATE '2025-01-02' AS day, DATE 'infinity' AS never, TIME '03:04:05.000006' AS clock,
      TIMESTAMP '2025-01-02 03:04:05.123456' AS moment, TIMESTAMPTZ '2025-01-02 03:04:05+01' AS instant,
      TIMESTAMP_NS '2025-01-02 03:04:05.123456789' AS nanos, INTERVAL 3 DAY AS span, 'Ærø 😀' AS text,
      '' AS empty, E'a,"b"\\n' AS tricky, '=1+1' AS formula, '\\x00\\xff'::BLOB AS bytes, [1, NULL, 3] AS list,
      {'a': 1, 'b': DATE '2025-01-02'} AS struct, MAP {'k': 1.5} AS map, '{"j": [1]}'::JSON AS json,
      '00000000-0000-4000-8000-000000000000'::UUID AS id
  ) UNION ALL BY NAME SELECT 2 AS nr ORDER BY nr`;

describe('a stored result that is given out', () => {
  let folder: string;
  let stored = 0;
  const bounds = () => ({ maxMemoryBytes: 256e6, threads: 2, maxSpillBytes: 1e9, scratchDirectory: folder });
  const signal = new AbortController().signal;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-export-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const store = async (sql: string): Promise<string> => {
    stored += 1;
    const resultFile = join(folder, `${stored}.parquet`);
    const limits = { maxRows: 1e6, maxResultBytes: 1e9, maxMemoryBytes: 256e6, timeoutMs: 60_000 };
    await new DuckDbFileConnector({ ...bounds(), tables: [] }).run({ sql, resultFile, limits, signal });
    return resultFile;
  };
  const whole = async (file: string, format: Parameters<typeof exportResult>[0]['format']): Promise<Buffer> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of exportResult({ file, format, bounds: bounds(), signal })) pieces.push(piece);
    return Buffer.concat(pieces);
  };

  it('is the CSV that DuckDB itself would write', async () => {
    const file = await store(EVERYTHING);
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    await connection.run(`SET TimeZone = 'UTC'; COPY (FROM '${file}') TO '${file}.csv' (FORMAT csv, HEADER)`);
    connection.closeSync();
    instance.closeSync();
    expect((await whole(file, csvFormat())).toString()).toBe(await readFile(`${file}.csv`, 'utf8'));
  });

  it('begins with a byte order mark and disarms formulas only when asked to', async () => {
    const file = await store(`SELECT '=1+1' AS "=head", '-1' AS text, -1 AS number, '@a,b' AS both`);
    expect((await whole(file, csvFormat())).toString()).toBe('=head,text,number,both\n=1+1,-1,-1,"@a,b"\n');
    expect((await whole(file, csvFormat({ bom: true, escapeFormulas: true }))).toString()).toBe(
      `\uFEFF'=head,text,number,both\n'=1+1,'-1,-1,"'@a,b"\n`,
    );
  });

  it('is one JSON object for every row, with the values of a page', async () => {
    const file = await store(EVERYTHING);
    const { columns, rows } = await readPage({ file, offset: 0, limit: 10, bounds: bounds(), signal });
    const lines = (await whole(file, ndjsonFormat)).toString().trimEnd().split('\n');
    expect(lines.map((line) => Object.values(JSON.parse(line) as object))).toEqual(rows);
    expect(Object.keys(JSON.parse(lines[1] ?? '') as object)).toEqual(columns.map(({ name }) => name));
  });

  it('is Arrow with the same values in types of its own', async () => {
    const table = tableFromIPC(await whole(await store(EVERYTHING), arrowFormat));
    const types = Object.fromEntries(table.schema.fields.map(({ name, type }) => [name, String(type)]));
    expect(types).toMatchObject({
      nr: 'Int32',
      yes: 'Bool',
      tiny: 'Int8',
      large: 'Int64',
      huge: 'Uint64',
      total: 'Decimal[38e0]',
      price: 'Decimal[10e+2]',
      single: 'Float32',
      half: 'Float64',
      day: 'Date32<DAY>',
      clock: 'Time64<MICROSECOND>',
      moment: 'Timestamp<MICROSECOND>',
      instant: 'Timestamp<MICROSECOND, UTC>',
      nanos: 'Timestamp<NANOSECOND>',
      text: 'Utf8',
      bytes: 'Binary',
      list: 'Utf8',
      struct: 'Utf8',
      id: 'Utf8',
    });
    const raw = (name: string): unknown => table.getChild(name)?.data[0]?.values;
    expect(table.numRows).toBe(2);
    expect(table.getChild('large')?.get(0)).toBe(9007199254740993n);
    expect(raw('moment')).toEqual(new BigInt64Array([1735787045123456n, 0n]));
    expect(raw('instant')).toEqual(new BigInt64Array([1735783445000000n, 0n]));
    expect(raw('nanos')).toEqual(new BigInt64Array([1735787045123456789n, 0n]));
    expect(raw('day')).toEqual(new Int32Array([20090, 0]));
    expect(table.getChild('never')?.get(0)).toBeNull();
    expect(Number.isNaN(table.getChild('nan')?.get(0))).toBe(true);
    expect(String(table.getChild('exact')?.get(0))).toBe('-12345678901234567890123456789012345678');
    expect(['text', 'tricky', 'list', 'struct', 'json'].map((name) => table.getChild(name)?.get(0) as unknown)).toEqual(
      ['Ærø 😀', 'a,"b"\n', '[1,null,3]', '{"a":1,"b":"2025-01-02"}', '{"j": [1]}'],
    );
    expect(table.getChild('bytes')?.get(0)).toEqual(new Uint8Array([0, 255]));
    expect(table.schema.fields.map(({ name }) => table.getChild(name)?.get(1) as unknown)).toEqual([
      2,
      ...table.schema.fields.slice(1).map(() => null),
    ]);
    expect(table.schema.fields.find(({ name }) => name === 'list')?.metadata.get('lumiere.type')).toBe('list');
  });

  it('keeps every row in its order, over many pieces', async () => {
    const file = await store(`SELECT i, repeat('x', i % 500) AS pad FROM range(50000) t(i)`);
    const numbers = Array.from({ length: 50_000 }, (_, index) => index);
    const csv = (await whole(file, csvFormat())).toString().trimEnd().split('\n').slice(1);
    expect(csv.map((line) => Number.parseInt(line, 10))).toEqual(numbers);
    expect([...(tableFromIPC(await whole(file, arrowFormat)).getChild('i') ?? [])].map(Number)).toEqual(numbers);
  });

  it('without rows is a header, nothing, or a schema', async () => {
    const file = await store('SELECT 1 AS a, NULL::VARCHAR AS b WHERE false');
    expect((await whole(file, csvFormat())).toString()).toBe('a,b\n');
    expect((await whole(file, ndjsonFormat)).toString()).toBe('');
    const table = tableFromIPC(await whole(file, arrowFormat));
    expect([table.numRows, table.schema.names]).toEqual([0, ['a', 'b']]);
  });

  it('is read no further than it is taken, and lets go of the file when it is not wanted any more', async () => {
    const file = await store('SELECT i, hash(i) AS h FROM range(1000000) t(i)');
    const abort = new AbortController();
    const pieces = exportResult({ file, format: ndjsonFormat, bounds: bounds(), signal: abort.signal });
    expect((await pieces.next()).done).toBe(false);
    abort.abort();
    await expect(
      (async () => {
        for (;;) if ((await pieces.next()).done === true) return;
      })(),
    ).rejects.toMatchObject({
      code: 'query_cancelled',
    });
    const left = exportResult({ file, format: csvFormat(), bounds: bounds(), signal });
    await left.next();
    await left.return();
    expect((await readdir(folder)).filter((name) => name.startsWith('spill'))).toEqual([]);
  });

  it('that is gone is an error before the first byte', async () => {
    const pieces = exportResult({ file: join(folder, 'gone.parquet'), format: csvFormat(), bounds: bounds(), signal });
    await expect(pieces.next()).rejects.toMatchObject({ code: 'query_failed' });
  });
});
