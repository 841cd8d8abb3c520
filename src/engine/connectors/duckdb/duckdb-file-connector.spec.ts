import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import type { CellValue } from '../../charts/contract.js';
import type { RunLimits, RunSummary } from '../connector.js';
import { DuckDbFileConnector } from './duckdb-file-connector.js';
import type { EngineBounds } from './engine-bounds.js';
import { readPage } from './read-page.js';

let folder: string;
let bounds: EngineBounds;
let connector: DuckDbFileConnector;
const signal = new AbortController().signal;
const limits: RunLimits = {
  maxRows: 1_000,
  maxResultBytes: 10_000_000,
  maxMemoryBytes: 100_000_000,
  timeoutMs: 10_000,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-connector-'));
  bounds = { maxMemoryBytes: 100_000_000, threads: 2, maxSpillBytes: 50_000_000, scratchDirectory: folder };
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`
    COPY (SELECT i AS id, 'name ' || i AS name, i % 7 AS kind FROM range(5000) t(i)) TO '${join(folder, 'things.parquet')}';
    COPY (SELECT i AS kind_id, 'kind ' || i AS label FROM range(7) t(i)) TO '${join(folder, 'kinds.parquet')}'`);
  connection.closeSync();
  instance.closeSync();
  connector = new DuckDbFileConnector({
    ...bounds,
    tables: [
      { name: 'things', file: join(folder, 'things.parquet') },
      { name: 'odd "name"', file: join(folder, 'kinds.parquet') },
    ],
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let runs = 0;
async function run(
  sql: string,
  changes: Partial<RunLimits> = {},
  abort: AbortSignal = signal,
): Promise<RunSummary & { file: string }> {
  const file = join(folder, `result-${(runs += 1)}.parquet`);
  const summary = await connector.run({ sql, resultFile: file, limits: { ...limits, ...changes }, signal: abort });
  return { ...summary, file };
}

async function rowsOf(sql: string, changes: Partial<RunLimits> = {}): Promise<CellValue[][]> {
  const { file } = await run(sql, changes);
  return (await readPage({ file, offset: 0, limit: 100, bounds, signal })).rows;
}

async function oneValue(expression: string): Promise<CellValue | undefined> {
  return (await rowsOf(`SELECT ${expression} AS value`))[0]?.[0];
}

/** A query with nobody to stop it but its limits. */
const ENDLESS = 'SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range + b.range < 0';

describe('running a statement', () => {
  it('stores the result and describes it', async () => {
    const summary = await run('SELECT kind, count(*) AS n FROM things GROUP BY kind ORDER BY kind');
    expect(summary).toMatchObject({
      columns: [
        { name: 'kind', type: 'integer' },
        { name: 'n', type: 'integer' },
      ],
      rowCount: 7,
      truncated: false,
    });
    expect(summary.bytes).toBeGreaterThan(0);
  });

  it.each([
    [999, 999, true],
    [1000, 1000, false],
    [1001, 1000, false],
  ])('with at most %i rows of 1000 keeps %i and says cut: %s', async (maxRows, rowCount, truncated) => {
    const sql = 'SELECT id FROM things WHERE id < 1000 ORDER BY id DESC';
    const summary = await run(sql, { maxRows });
    expect(summary).toMatchObject({ rowCount, truncated });
    const page = await readPage({ file: summary.file, offset: 0, limit: 2, bounds, signal });
    expect(page.rows).toEqual([[999], [998]]);
  });

  // More rows than one thread would write by itself, and more than DuckDB expects of the second statement.
  it.each([
    ['SELECT a.id * 5000 + b.id AS id FROM things a, things b WHERE a.id < 40 ORDER BY 1', 200_000],
    ['SELECT id FROM (SELECT unnest(range(id * 40, id * 40 + 40)) AS id FROM things) ORDER BY id', 200_000],
  ])('knows of a large result exactly whether it was cut, and keeps its order: %s', async (sql, rows) => {
    for (const [maxRows, truncated] of [
      [rows - 1, true],
      [rows, false],
      [rows + 1, false],
    ] as const) {
      const summary = await run(sql, { maxRows });
      expect(summary).toMatchObject({ rowCount: Math.min(rows, maxRows), truncated });
      const page = await readPage({ file: summary.file, offset: 150_000, limit: 2, bounds, signal });
      expect(page.rows).toEqual([[150_000], [150_001]]);
      const last = await readPage({ file: summary.file, offset: maxRows - 2, limit: 9, bounds, signal });
      expect(last.rows.at(-1)).toEqual([summary.rowCount - 1]);
    }
  });

  it('refuses a text that is too long to be written, and leaves nothing of it behind', async () => {
    const before = await readdir(folder);
    await expect(run(`SELECT id, repeat('x', 32000001) AS text FROM things LIMIT 1`)).rejects.toMatchObject({
      code: 'query_result_too_large',
    });
    expect(await readdir(folder)).toEqual(before);
  });

  it('hands back the first rows of what it stored', async () => {
    const sql = 'SELECT id, sum(id) OVER (ORDER BY id) AS total FROM things ORDER BY id';
    const request = { sql, resultFile: join(folder, 'first-rows.parquet'), limits, signal };
    const { rows, columns } = await connector.run({ ...request, firstRows: 3 });
    expect(rows).toEqual([
      [0, 0],
      [1, 1],
      [2, 3],
    ]);
    const page = await readPage({ file: request.resultFile, offset: 0, limit: 3, bounds, signal });
    expect(page).toEqual({ columns, rows });
  });

  it('hands back fewer first rows where they are long, and one in any case', async () => {
    const first = async (sql: string, file: string): Promise<number> => {
      const request = { sql, resultFile: join(folder, file), limits, signal, firstRows: 1_000 };
      return (await connector.run(request)).rows.length;
    };
    const long = `SELECT repeat('x', 9992) || (range + 1000) AS text FROM range(1000)`;
    expect(await first(long, 'long.parquet')).toBe(799);
    expect(await first(`SELECT repeat('x', 9000000) AS text FROM range(2)`, 'longest.parquet')).toBe(1);
    const page = { file: join(folder, 'long.parquet'), offset: 0, limit: 1_000, bounds, signal };
    expect((await readPage({ ...page, maxBytes: 1_000_000 })).rows).toHaveLength(99);
    expect((await readPage({ ...page, limit: 200 })).rows).toHaveLength(200);
  });

  it('stores a plan, and a PIVOT whose values come from the data', async () => {
    expect((await rowsOf('EXPLAIN SELECT kind FROM things'))[0]?.[0]).toBe('physical_plan');
    const pivoted = await rowsOf(
      'SELECT * FROM (PIVOT (SELECT kind, id % 2 AS odd FROM things WHERE kind < 2) ON odd USING count(*)) ORDER BY kind',
      { maxRows: 1_000_000 },
    );
    expect(pivoted).toEqual([
      [0, 358, 357],
      [1, 357, 358],
    ]);
  });

  it('ends a cross join of 10^12 rows at the row limit', async () => {
    const summary = await run('SELECT a.range AS x FROM range(1000000) a, range(1000000) b');
    expect(summary).toMatchObject({ rowCount: 1_000, truncated: true });
  });

  it('makes repeated names of columns different', async () => {
    const { columns } = await run('SELECT id, id, name AS "ID" FROM things');
    expect(columns.map(({ name }) => name)).toEqual(['id', 'id_1', 'ID_2']);
  });

  it('reads a table whose name needs quotes', async () => {
    expect(await rowsOf('SELECT count(*) FROM "odd ""name"""')).toEqual([[7]]);
  });

  it.each([
    ['sum(range) FROM range(10)', 45],
    ['9007199254740993', '9007199254740993'],
    ['sum(9007199254740993) FROM range(10)', '90071992547409930'],
    ['1.50::DECIMAL(10,2)', '1.50'],
    [`'nan'::DOUBLE`, null],
    [`'-infinity'::DOUBLE`, null],
    ['0.1::FLOAT', 0.1],
    [`DATE '2024-05-01'`, '2024-05-01'],
    [`TIMESTAMP '2024-05-01 10:00:00.5'`, '2024-05-01T10:00:00.5'],
    [`TIMESTAMPTZ '2024-05-01 10:00:00+02'`, '2024-05-01T08:00:00Z'],
    [`TIMESTAMP_S '2024-05-01 10:00:00'`, '2024-05-01T10:00:00'],
    [`'10:00:00+02'::TIMETZ`, '10:00:00+02'],
    ['INTERVAL 1 MICROSECOND', '00:00:00.000001'],
    [`'abc'::BLOB`, 'YWJj'],
    ['[1, NULL, 2]', [1, null, 2]],
    [`{'a': 1, 'b': ['x']}`, { a: 1, b: ['x'] }],
    ['row(1, 2)', { field_1: 1, field_2: 2 }],
    [`MAP {'k': 1}`, { k: 1 }],
    [`'{"a": [1]}'::JSON`, { a: [1] }],
    [`'b'::ENUM('a', 'b')`, 'b'],
    ['union_value(n := 2)', '2'],
    [`'101'::BIT`, '101'],
    ['NULL', null],
  ])('keeps %s without loss', async (expression, expected) => {
    expect(await oneValue(expression)).toEqual(expected);
  });
});

describe('the limits of a run', () => {
  it.each([
    ['a timeout', 'query_timeout', ENDLESS, { timeoutMs: 200 }],
    ['memory', 'query_out_of_memory', `SELECT list(range::VARCHAR || repeat('x', 100)) FROM range(3000000)`, {}],
    [
      'the size of the result',
      'query_result_too_large',
      'SELECT md5(range::VARCHAR) AS x FROM range(200000)',
      { maxRows: 1e6, maxResultBytes: 100_000 },
    ],
    ['an unknown column', 'query_failed', 'SELECT nam FROM things', {}],
    ['a value that cannot be converted', 'query_failed', 'SELECT name::INTEGER FROM things', {}],
    ['another file', 'query_failed', `SELECT * FROM read_csv('/etc/passwd')`, {}],
    ['another setting', 'query_failed', `SET memory_limit = '1TB'`, {}],
  ])('%s ends it with %3$s and without a file', async (_what, code, sql, changes) => {
    const before = await readdir(folder);
    await expect(run(sql, changes)).rejects.toMatchObject({ code });
    expect(await readdir(folder)).toEqual(before);
  });

  it('is cancelled by its signal, before it starts and while it runs', async () => {
    await expect(run(ENDLESS, {}, AbortSignal.abort())).rejects.toMatchObject({ code: 'query_cancelled' });
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 100);
    await expect(run(ENDLESS, {}, abort.signal)).rejects.toMatchObject({ code: 'query_cancelled' });
  });

  it('leaves the event loop free', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 10);
    await expect(run(ENDLESS, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'query_timeout' });
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(10);
  });

  it('speaks of the nearest names and never of values or paths', async () => {
    const message = async (sql: string): Promise<string> => run(sql).then(String, (error: unknown) => String(error));
    expect(await message('SELECT nam FROM things')).toContain('"name"');
    expect(await message('SELECT name::INTEGER FROM things')).not.toMatch(/name \d/);
    expect(await message(`SELECT * FROM read_csv('/etc/passwd')`)).not.toContain('passwd');
  });
});

describe('a stored result', () => {
  it('gives any page of its rows', async () => {
    const { file } = await run('SELECT id FROM things ORDER BY id', { maxRows: 5_000 });
    const page = await readPage({ file, offset: 4_998, limit: 10, bounds, signal });
    expect(page.rows).toEqual([[4998], [4999]]);
  });

  it('that is gone is an error and nothing else', async () => {
    const file = join(folder, 'gone.parquet');
    await expect(readPage({ file, offset: 0, limit: 1, bounds, signal })).rejects.toMatchObject({
      code: 'query_failed',
    });
    expect(existsSync(file)).toBe(false);
  });
});

describe('a source of files', () => {
  it('is tested by opening every table', async () => {
    expect(await connector.test()).toMatchObject({ ok: true });
    const missing = new DuckDbFileConnector({ ...bounds, tables: [{ name: 'x', file: join(folder, 'x.parquet') }] });
    await expect(missing.test()).rejects.toMatchObject({ code: 'query_failed' });
  });

  it('shows rows of a table', async () => {
    const page = await connector.previewTable({ table: 'things', offset: 2, limit: 2, signal });
    expect(page.rows).toEqual([
      [2, 'name 2', 2],
      [3, 'name 3', 3],
    ]);
    const request = { table: 'nothing', offset: 0, limit: 1, signal };
    await expect(connector.previewTable(request)).rejects.toMatchObject({ code: 'query_failed' });
  });
});
