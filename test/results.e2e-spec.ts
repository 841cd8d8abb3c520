import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, numbers, SHOP } from './support/data.js';
import type { Chart, Query, Rows } from './support/shapes.js';

/** Everything that a CSV writer can get wrong. */
const TRICKY = `id,note
1,"one, two"
2,"say ""yes"""
3,"two
lines"
4,Ærøskøbing 😀 東京
5,
6,' plain '
7,=1+1
`;

describe('results', () => {
  let ada: Account;
  let source: number;
  let folder: string;

  beforeAll(async () => {
    ada = await newAccount();
    folder = await mkdtemp(join(tmpdir(), 'lumiere-results-'));
    ({ id: source } = await newSource(ada.client, { ...SHOP, 'numbers.csv': numbers(1100), 'notes.csv': TRICKY }));
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  const run = async (sql: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source, sql })).body;
  const download = async (id: number, format: string): Promise<Response> =>
    ada.client.raw(`/api/v1/queries/${id}/result?format=${format}`);

  it('gives all rows page by page, none twice and none left out', async () => {
    const query = await run('SELECT n FROM numbers ORDER BY n DESC');
    expect([query.row_count, query.rows.length]).toEqual([1100, 50]);
    const seen: unknown[] = [];
    let next: string | null = '';
    let pages = 0;
    while (next !== null) {
      const cursor: string = next === '' ? '' : `&cursor=${next}`;
      const { body } = await ada.client.get<Rows>(`/queries/${query.id}/result?limit=200${cursor}`);
      expect([body.row_count, body.columns]).toEqual([1100, [{ name: 'n', type: 'integer' }]]);
      seen.push(...body.rows.flat());
      next = body.next_cursor;
      pages += 1;
    }
    expect(pages).toBe(6);
    expect(seen).toEqual(Array.from({ length: 1100 }, (_, index) => 1099 - index));
  });

  it('writes values as JSON can hold them', async () => {
    const { columns, rows } = await run(`
      SELECT 9007199254740993::BIGINT AS large, 42::BIGINT AS small, 1.10::DECIMAL(10, 2) AS exact, 0.5::DOUBLE AS half,
        'NaN'::DOUBLE AS nan, 'Infinity'::DOUBLE AS infinite, DATE '2025-01-02' AS day,
        TIMESTAMP '2025-01-02 03:04:05' AS moment, TIME '03:04:05' AS clock, true AS yes, NULL::VARCHAR AS nothing,
        [1, 2] AS list`);
    const row = Object.fromEntries(columns.map(({ name }, index) => [name, rows[0]?.[index]]));
    expect(row).toEqual({
      large: '9007199254740993',
      small: 42,
      exact: '1.10',
      half: 0.5,
      nan: null,
      infinite: null,
      day: '2025-01-02',
      moment: '2025-01-02T03:04:05',
      clock: '03:04:05',
      yes: true,
      nothing: null,
      list: [1, 2],
    });
  });

  it('streams the whole as CSV that reads back as the same rows', async () => {
    const query = await run('SELECT id, note FROM notes ORDER BY id');
    const response = await download(query.id, 'csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="query-${query.id}.csv"`);
    const csv = await response.text();
    expect(csv.split('\n')[0]).toBe('id,note');
    const { id } = await newSource(ada.client, { 'back.csv': csv });
    const { body } = await ada.client.get<Rows>(`/data-sources/${id}/tables/back/preview`);
    expect(body.rows).toEqual(query.rows);
    expect(query.rows.map((row) => row[1]).slice(0, 4)).toEqual([
      'one, two',
      'say "yes"',
      'two\nlines',
      'Ærøskøbing 😀 東京',
    ]);
  });

  it('gives the whole as Parquet that DuckDB reads', async () => {
    const query = await run('SELECT order_id, ordered_at, amount FROM orders ORDER BY order_id');
    const response = await download(query.id, 'parquet');
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.parquet');
    const path = join(folder, 'result.parquet');
    await writeFile(path, new Uint8Array(await response.arrayBuffer()));
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER, sum(amount)::INTEGER, max(ordered_at)::VARCHAR FROM read_parquet('${path}')`,
    );
    expect(read.getRows()).toEqual([[7, 700, '2025-03-09']]);
    connection.closeSync();
    instance.closeSync();
  });

  it('streams the whole as NDJSON, with the values of its pages', async () => {
    const query = await run('SELECT order_id, ordered_at, amount, [amount] AS list FROM orders ORDER BY order_id');
    const response = await download(query.id, 'ndjson');
    expect(response.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="query-${query.id}.ndjson"`);
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => Object.values(JSON.parse(line) as object))).toEqual(query.rows);
  });

  it('streams the whole as Arrow that reads back as the same rows', async () => {
    const query = await run('SELECT order_id, ordered_at::VARCHAR AS day, status FROM orders ORDER BY order_id');
    const response = await download(query.id, 'arrow');
    expect(response.headers.get('content-type')).toBe('application/vnd.apache.arrow.stream');
    const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()));
    expect(
      table
        .toArray()
        .map((row) => Object.values(row as object).map((value) => (typeof value === 'bigint' ? Number(value) : value))),
    ).toEqual(query.rows);
  });

  it('marks CSV for spreadsheets, and disarms formulas, when asked to', async () => {
    const query = await run('SELECT note FROM notes WHERE id = 7');
    const response = await download(query.id, 'csv&bom=true&escape_formulas=true');
    expect(Buffer.from(await response.arrayBuffer()).toString()).toBe("\uFEFFnote\n'=1+1\n");
    const { status, body } = await ada.client.get<Problem>(`/queries/${query.id}/result?format=csv&bom=perhaps`);
    expect([status, body.errors?.[0]?.field]).toEqual([422, 'bom']);
  });

  it('stops writing for somebody who has gone away', async () => {
    const { id } = await run('SELECT a.n, b.n AS m FROM numbers a, numbers b LIMIT 500000');
    for (const format of ['csv', 'ndjson', 'arrow']) {
      const gone = new AbortController();
      const response = await ada.client.raw(`/api/v1/queries/${id}/result?format=${format}`, { signal: gone.signal });
      const reader = response.body?.getReader();
      expect((await reader?.read())?.value?.length).toBeGreaterThan(0);
      gone.abort();
      await expect(reader?.closed).rejects.toThrow();
    }
    const whole = await (await download(id, 'ndjson')).text();
    expect(whole.split('\n').length).toBe(500_001);
  });

  it('gives a result without rows in every format', async () => {
    const { id, rows, row_count: count } = await run("SELECT name FROM customers WHERE country = 'Atlantis'");
    expect([rows, count]).toEqual([[], 0]);
    expect((await ada.client.get<Rows>(`/queries/${id}/result`)).body).toMatchObject({ rows: [], next_cursor: null });
    expect(await (await download(id, 'csv')).text()).toBe('name\n');
    expect((await download(id, 'parquet')).status).toBe(200);
  });

  it('draws the chart that suits the result, as specification, SVG and PNG', async () => {
    const { id, chart } = await run('SELECT status, sum(amount) AS total FROM orders GROUP BY ALL');
    expect(chart).toMatchObject({ type: 'bar', reason: expect.stringMatching(/\w/) });
    const path = `/api/v1/queries/${id}/chart`;
    const { body: specified } = await ada.client.fetch<Chart>(path, {});
    expect(specified).toEqual(chart);
    expect(specified.spec).toMatchObject({ $schema: expect.stringContaining('vega-lite') });
    const svg = await ada.client.raw(`${path}?format=svg`);
    expect(svg.headers.get('content-type')).toMatch('image/svg+xml');
    const drawing = await svg.text();
    expect(drawing).toMatch(/^<svg[\s>]/);
    expect(drawing).toContain('cancelled');
    expect(drawing).not.toMatch(/<script|<foreignObject|\son\w+=|href="(?!#)/i);
    const png = await ada.client.raw(`${path}?format=png`);
    expect(png.headers.get('content-type')).toBe('image/png');
    const picture = Buffer.from(await png.arrayBuffer());
    expect(picture.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
  });

  it('draws nothing of the data as markup', async () => {
    const { id } = await run(
      `SELECT '<script>alert(1)</script>' AS name, 5 AS value UNION ALL SELECT '"><b onload=x>', 7`,
    );
    const svg = await (await ada.client.raw(`/api/v1/queries/${id}/chart?format=svg&type=bar`)).text();
    expect(svg).toContain('alert(1)');
    expect(svg).not.toMatch(/<script|<b /i);
  });

  it('draws the wished type of chart, and says why when it cannot', async () => {
    const { id } = await run('SELECT status, sum(amount) AS total FROM orders GROUP BY ALL');
    const pie = await ada.client.get<Chart>(`/queries/${id}/chart?type=pie`);
    expect(pie.body.type).toBe('pie');
    const { id: names } = await run('SELECT name FROM customers');
    for (const format of ['vega-lite', 'svg', 'png']) {
      const line = await ada.client.get<Problem>(`/queries/${names}/chart?type=line&format=${format}`);
      expect([line.status, line.body.code]).toEqual([422, 'chart_not_possible']);
      expect(line.body.detail).toMatch(/needs .*Leave the type out/);
    }
    const unknown = await ada.client.get<Problem>(`/queries/${id}/chart?type=zebra`);
    expect([unknown.status, unknown.body.errors?.[0]?.field]).toEqual([422, 'type']);
  });

  it('has no result of a query that failed, and says so', async () => {
    const { id, status } = await run("SELECT 'x'::INTEGER FROM customers");
    expect(status).toBe('failed');
    for (const path of [
      'result',
      'result?format=csv',
      'result?format=arrow',
      'result?format=parquet',
      'chart',
      'chart?format=svg',
    ]) {
      const answer = await ada.client.get<Problem>(`/queries/${id}/${path}`);
      expect([answer.status, answer.body.code]).toEqual([409, 'result_not_ready']);
      expect(answer.body.detail).toBe('This query has no rows: it is failed.');
    }
  });

  it('refuses a format and a cursor that there is not, by name', async () => {
    const { id } = await run('SELECT 1 AS one');
    for (const [query, field] of [
      ['format=xml', 'format'],
      ['cursor=nonsense', 'cursor'],
      ['limit=0', 'limit'],
    ]) {
      const { status, body } = await ada.client.get<Problem>(`/queries/${id}/result?${query}`);
      expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
    }
  });
});
