/** Results as files to take away. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tableFromIPC } from 'apache-arrow';
import { readXlsx } from 'hucre/xlsx';
import { extractText } from 'unpdf';
import { type Account, Client, newAccount, type Problem } from './support/client.js';
import { newSource, numbers, SHOP } from './support/data.js';
import { follow } from './support/events.js';
import { eventually } from './support/patience.js';
import type { Page, Query, Rows } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Export {
  id: number;
  query_id: number | null;
  format: string;
  raw: boolean;
  status: string;
  progress: number;
  size_bytes: number;
  notes: string[];
  error: { code: string; detail: string } | null;
  download_url: string | null;
  completed_at: string | null;
  expires_at: string | null;
}

const HOSTILE = ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '\rx', '=HYPERLINK("http://evil.example","x")'];

describe('exports', () => {
  let ada: Account;
  let bob: Account;
  let source: number;
  let stored: Stored;

  beforeAll(async () => {
    [ada, bob] = [await newAccount(), await newAccount()];
    ({ id: source } = await newSource(ada.client, { ...SHOP, 'numbers.csv': numbers(1000) }));
    stored = await Stored.open();
  });
  afterAll(() => stored.close());

  const run = async (sql: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries?wait=30', { data_source_id: source, sql })).body;
  const make = (query: number, format: string, more: object = {}, { client } = ada) =>
    client.post<Export & Problem>('/exports?wait=30', { query_id: query, format, ...more });
  const download = (id: number, { client } = ada): Promise<Response> => client.raw(`/api/v1/exports/${id}/download`);
  const file = async (sql: string, format: string, more: object = {}): Promise<Buffer> => {
    const { status, body } = await make((await run(sql)).id, format, more);
    expect([status, body.status, body.error]).toEqual([201, 'succeeded', null]);
    return Buffer.from(await (await download(body.id)).arrayBuffer());
  };
  const folders = (): Promise<string[]> => readdir(join(process.env['LUMIERE_TEST_DATA_DIR'] ?? '', 'exports'));

  it('are made of a result in the background, listed, taken, and removed', async () => {
    const query = await run('SELECT order_id, amount FROM orders ORDER BY order_id');
    const { status, body, headers } = await make(query.id, 'csv');
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/exports/${body.id}`);
    expect(body).toMatchObject({ query_id: query.id, format: 'csv', raw: false, status: 'succeeded', progress: 1 });
    expect(Date.parse(body.expires_at ?? '')).toBeGreaterThan(Date.now() + 6 * 86_400_000);
    const response = await download(body.id);
    expect([response.status, response.headers.get('content-type'), response.headers.get('content-length')]).toEqual([
      200,
      'text/csv; charset=utf-8',
      String(body.size_bytes),
    ]);
    expect(response.headers.get('content-disposition')).toBe(`attachment; filename="query-${query.id}.csv"`);
    expect(await response.text()).toBe('order_id,amount\n1,120\n2,80\n3,40\n4,60\n5,250\n6,100\n7,50\n');
    const { body: page } = await ada.client.get<Page<Export>>(`/exports?query_id=${query.id}&status=succeeded`);
    expect(page.items.map(({ id }) => id)).toEqual([body.id]);
    expect(await folders()).toContain(String(body.id));
    expect((await ada.client.delete(`/exports/${body.id}`)).status).toBe(204);
    expect((await ada.client.get(`/exports/${body.id}`)).status).toBe(404);
    expect(await folders()).not.toContain(String(body.id));
  });

  it('answer at once when nobody waits, and go on', async () => {
    const query = await run('SELECT order_id FROM orders');
    const { status, body } = await ada.client.post<Export>('/exports?wait=0', { query_id: query.id, format: 'xlsx' });
    expect(status).toBe(202);
    const seen = await eventually(
      async () => (await ada.client.get<Export>(`/exports/${body.id}`)).body,
      ({ status: now }) => now === 'succeeded',
    );
    expect(seen.download_url).toBe(`/api/v1/exports/${body.id}/download`);
  });

  it('repeat nothing for the same idempotency key', async () => {
    const query = await run('SELECT order_id FROM orders');
    const ask = () =>
      ada.client.post<Export>('/exports?wait=30', { query_id: query.id, format: 'csv' }, { 'idempotency-key': 'once' });
    const [first, second] = [await ask(), await ask()];
    expect(second.body.id).toBe(first.body.id);
  });

  it('make what looks like a formula inert in CSV, and leave it on request; numbers stay numbers', async () => {
    const texts = HOSTILE.map(
      (text) => `('${text.replace('\t', "' || chr(9) || '").replace('\r', "' || chr(13) || '")}')`,
    );
    const sql = `SELECT t AS "=head", -5 AS number FROM (VALUES ${texts.join(', ')}) v(t)`;
    const inert = (await file(sql, 'csv')).toString();
    expect(inert.split('\n')[0]).toBe("'=head,number");
    for (const text of HOSTILE) expect(inert).toContain(`'${text.replaceAll('"', '""')}`);
    expect(inert.match(/,-5$/gm)).toHaveLength(HOSTILE.length);
    expect(inert).not.toMatch(/^["]?[=+@\t\r-]/m);
    const raw = (await file(sql, 'csv', { raw: true })).toString();
    expect(raw.startsWith('=head,number\n=1+1,-5\n+1,-5\n')).toBe(true);
  });

  it('keep every value of a workbook in a cell of its kind, and no formula among them', async () => {
    const sql = `SELECT 42 AS whole, 9007199254740993 AS large, 1.25::DECIMAL(10,2) AS price,
      12345678901234567.89::DECIMAL(30,2) AS exact, 0.5::DOUBLE AS half, true AS yes, DATE '2025-01-02' AS day,
      TIMESTAMP '2025-01-02 03:04:05' AS moment, TIME '06:00:00' AS clock, DATE '1850-05-06' AS early, '=1+1' AS text,
      repeat('x', 40000) AS long, [1, 2] AS list, NULL::VARCHAR AS nothing, 'Ærø 😀 <&>' AS signs`;
    const { body } = await make((await run(sql)).id, 'xlsx');
    expect([body.status, body.notes]).toEqual([
      'succeeded',
      ['1 texts were cut at 32,767 characters, the most of a cell.'],
    ]);
    const response = await download(body.id);
    expect(response.headers.get('content-type')).toBe(
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    );
    const bytes = new Uint8Array(await response.arrayBuffer());
    const [sheet] = (await readXlsx(bytes)).sheets;
    const [names = [], values = []] = sheet?.rows ?? [];
    const cells = Object.fromEntries(names.map((name, index) => [String(name), values[index] ?? null]));
    expect(cells).toMatchObject({
      whole: 42,
      large: '9007199254740993',
      price: 1.25,
      exact: '12345678901234567.89',
      half: 0.5,
      yes: true,
      day: new Date('2025-01-02T00:00:00Z'),
      moment: new Date('2025-01-02T03:04:05Z'),
      early: '1850-05-06',
      text: '=1+1',
      list: '[1,2]',
      nothing: null,
      signs: 'Ærø 😀 <&>',
    });
    expect(String(cells['long'])).toHaveLength(32_767);
    expect(Object.values(sheet?.cells ?? {}).some((cell) => 'formula' in cell && cell.formula !== undefined)).toBe(
      false,
    );
    // And as our own reader sees it.
    const { id } = await newSource(ada.client, { 'back.xlsx': bytes });
    const { body: back } = await ada.client.get<Rows>(`/data-sources/${id}/tables/back/preview`);
    const types = Object.fromEntries(back.columns.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({ whole: 'integer', price: 'float', yes: 'boolean', day: 'date', moment: 'timestamp' });
  });

  it('hold the same rows in every format of data', async () => {
    const sql = 'SELECT order_id, status FROM orders ORDER BY order_id';
    const { rows } = await run(sql);
    const lines = (await file(sql, 'ndjson')).toString().trimEnd().split('\n');
    expect(lines.map((line) => Object.values(JSON.parse(line) as object))).toEqual(rows);
    const arrow = tableFromIPC(await file(sql, 'arrow'));
    expect([arrow.numRows, arrow.schema.names]).toEqual([7, ['order_id', 'status']]);
    const { body } = await make((await run(sql)).id, 'parquet');
    const path = join(process.env['LUMIERE_TEST_DATA_DIR'] ?? '', 'exports', String(body.id), 'file');
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    const read = await connection.runAndReadAll(`SELECT count(*)::INTEGER FROM read_parquet('${path}')`);
    expect(read.getRows()).toEqual([[7]]);
    connection.closeSync();
    instance.closeSync();
  });

  it('draw the chart as PNG and SVG, or say that there is none', async () => {
    const sql = 'SELECT status, sum(amount) AS total FROM orders GROUP BY ALL';
    expect((await file(sql, 'png')).subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect((await file(sql, 'svg')).toString()).toMatch(/^<svg[\s>]/);
    const { body } = await make((await run('SELECT name FROM customers')).id, 'png');
    expect([body.status, body.error?.code]).toEqual(['failed', 'chart_not_possible']);
    const refused = await ada.client.get<Problem>(`/exports/${body.id}/download`);
    expect([refused.status, refused.body.code]).toEqual([409, 'export_not_ready']);
  });

  it('write a page that needs nothing else and in which no data is markup', async () => {
    const page = (
      await file(`SELECT '<script>alert(1)</script>' AS "<b>name", 5 AS value UNION ALL SELECT 'x', 7`, 'html')
    ).toString();
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toMatch(/<script|<b>|(?:src|href)="(?!#)|url\((?!#)|@import/i);
    expect(page).toMatch(/Data as of \d{4}-\d\d-\d\d \d\d:\d\d UTC/);
  });

  it('write a PDF with title, chart, table over pages, and numbered pages', async () => {
    const { body } = await make((await run('SELECT n, n * 2 AS twice FROM numbers ORDER BY n')).id, 'pdf');
    const bytes = new Uint8Array(await (await download(body.id)).arrayBuffer());
    const { text, totalPages } = await extractText(bytes);
    expect(totalPages).toBeGreaterThan(10);
    expect(text[0]).toContain('twice');
    expect(text.at(-1)).toContain('1998');
    expect(text.at(-1)).toContain(`${totalPages} / ${totalPages}`);
    expect(text.join(' ')).toMatch(/Data as of \d{4}/);
  });

  it('write a moment that is the beginning of a day as a date, where all of its column are', async () => {
    const sql = `SELECT TIMESTAMP '2025-01-01 00:00:00' AS month, TIMESTAMP '2025-01-01 08:30:00' AS seen, 'x' AS x
      UNION ALL SELECT TIMESTAMP '2025-02-01 00:00:00', TIMESTAMP '2025-02-01 00:00:00', 'y'`;
    const { text } = await extractText(new Uint8Array(await file(sql, 'pdf')));
    const page = (await file(sql, 'html')).toString().replaceAll(/<[^>]+>/g, ' ');
    for (const told of [text.join(' '), page]) {
      expect(told).toMatch(/2025-01-01\s+2025-01-01 08:30:00/);
      expect(told).toMatch(/2025-02-01\s+2025-02-01 00:00:00/);
    }
  });

  it('say of a PDF that it holds the beginning only, when there is more', async () => {
    const sql = 'SELECT a.n, b.n AS m FROM numbers a, numbers b LIMIT 2001';
    const { text } = await extractText(new Uint8Array(await file(sql, 'pdf')));
    expect(text.join(' ')).toContain('The first 2,000 of 2,001 rows.');
  });

  it('show charts and dashboards as who takes them may see them, until that changes', async () => {
    const { id: own } = await newSource(ada.client, SHOP);
    const sql = 'SELECT status, sum(amount) AS total FROM orders GROUP BY ALL';
    const { body: query } = await ada.client.post<Query>('/queries', { data_source_id: own, sql });
    const { body: dashboard } = await ada.client.post<{ id: number }>('/dashboards', { name: 'Orders' });
    const { body: chart } = await ada.client.post<{ id: number }>(`/dashboards/${dashboard.id}/charts`, {
      query_id: query.id,
      name: 'Orders by status',
    });
    const of = { chart_id: chart.id, dashboard_id: dashboard.id };
    for (const [field, id] of Object.entries(of)) {
      for (const format of ['png', 'svg', 'html', 'pdf']) {
        const { status, body } = await ada.client.post<Export>('/exports?wait=30', { [field]: id, format });
        expect([status, body.status, body.error]).toEqual([201, 'succeeded', null]);
      }
      const theirs = await bob.client.post<Problem>('/exports', { [field]: id, format: 'pdf' });
      expect(theirs.status).toBe(404);
    }
    const rows = await ada.client.post<Problem>('/exports', { dashboard_id: dashboard.id, format: 'csv' });
    expect([rows.status, rows.body.errors?.[0]?.field]).toEqual([422, 'format']);
    const { body: made } = await ada.client.post<Export>('/exports?wait=30', {
      dashboard_id: of.dashboard_id,
      format: 'pdf',
    });
    const taken = await download(made.id);
    expect(taken.headers.get('content-disposition')).toBe(`attachment; filename="dashboard-${dashboard.id}.pdf"`);
    const { text } = await extractText(new Uint8Array(await taken.arrayBuffer()));
    expect(text.join(' ')).toMatch(/Orders by status.*Data as of/s);
    const rules = [{ table: 'orders', predicate: `status = 'paid'`, roles: ['analyst', 'admin'] }];
    expect((await ada.client.put(`/data-sources/${own}/rules`, { rules })).status).toBe(200);
    const refused = await ada.client.get<Problem>(`/exports/${made.id}/download`);
    expect([refused.status, refused.body.code]).toEqual([409, 'result_outdated']);
    const both = await ada.client.post<Problem>('/exports', { ...of, format: 'pdf' });
    expect([both.status, both.body.errors?.[0]?.field]).toEqual([422, 'query_id']);
  });

  it('hold the rows behind a chart as who takes them may see them: the columns that it shows, with the presets of its dashboard', async () => {
    const { id: own } = await newSource(ada.client, SHOP, { name: 'Charted shop' });
    const sql = 'SELECT status, order_id, amount FROM orders ORDER BY order_id';
    const { body: query } = await ada.client.post<Query>('/queries', { data_source_id: own, sql });
    const { body: dashboard } = await ada.client.post<{ id: number }>('/dashboards', { name: 'Orders' });
    const chartOf = async (config: object): Promise<number> =>
      (
        await ada.client.post<{ id: number }>(`/dashboards/${dashboard.id}/charts`, {
          query_id: query.id,
          name: 'Orders',
          config,
        })
      ).body.id;
    const rowsOf = async (chartId: number, format: string, { client } = ada): Promise<Buffer> => {
      const { body } = await client.post<Export>('/exports?wait=30', { chart_id: chartId, format });
      expect([body.status, body.error]).toEqual(['succeeded', null]);
      return Buffer.from(await (await client.raw(`/api/v1/exports/${body.id}/download`)).arrayBuffer());
    };
    const [whole, part] = [await chartOf({}), await chartOf({ columns: ['amount', 'order_id'] })];
    expect((await rowsOf(whole, 'csv')).toString()).toMatch(/^status,order_id,amount\npaid,1,120\n/);
    expect((await rowsOf(part, 'csv')).toString()).toMatch(/^amount,order_id\n120,1\n80,2\n/);
    expect((await rowsOf(part, 'parquet')).subarray(0, 4).toString()).toBe('PAR1');
    const sheet = (await readXlsx(await rowsOf(part, 'xlsx'))).sheets[0]?.rows ?? [];
    expect([sheet.length, sheet[1]]).toEqual([8, [120, 1]]);
    // Bob has the dashboard and not the source.
    await ada.client.post(`/dashboards/${dashboard.id}/shares`, { user_id: bob.id, permission: 'view' });
    const status = { name: 'status', data_source_id: own, table: 'orders', column: 'status', kind: 'values' };
    await ada.client.patch(`/dashboards/${dashboard.id}`, { filters: [{ ...status, presets: ['paid'] }] });
    expect((await rowsOf(part, 'ndjson', bob)).toString().trim().split('\n')).toHaveLength(4);
    const gone = await chartOf({ columns: ['nothing'] });
    const { body: failed } = await ada.client.post<Export>('/exports?wait=30', { chart_id: gone, format: 'csv' });
    expect([failed.status, failed.error?.code]).toEqual(['failed', 'chart_not_possible']);
  });

  it('are followed while they are made, and not again when that was all', async () => {
    const query = await run('SELECT a.n, b.n AS m FROM numbers a, numbers b LIMIT 300000');
    const { body } = await ada.client.post<Export>('/exports?wait=0', { query_id: query.id, format: 'xlsx' });
    const path = `/exports/${body.id}/events`;
    const { events, ended } = await follow(ada.client, path);
    await ended;
    const last = events.at(-1);
    expect(last).toMatchObject({ event: 'finished', data: { id: body.id, status: 'succeeded', progress: 1 } });
    expect(events.slice(0, -1).every(({ event }) => event === 'progress')).toBe(true);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
    expect((await follow(ada.client, path, last?.id)).status).toBe(204);
    expect((await bob.client.get(path)).status).toBe(404);
  });

  it('are for keys and people who may look at what they are of', async () => {
    const query = await run('SELECT order_id FROM orders');
    const { body: made } = await make(query.id, 'csv');
    const { body: dashboard } = await ada.client.post<{ id: number }>('/dashboards', { name: 'Orders' });
    const { body: key } = await ada.client.post<{ key: string }>('/api-keys', {
      name: 'exports only',
      scopes: ['exports:read', 'exports:write'],
    });
    const client = new Client(ada.client.url, undefined, key.key);
    for (const subject of [{ query_id: query.id }, { dashboard_id: dashboard.id }]) {
      const refused = await client.post<Problem>('/exports', { ...subject, format: 'pdf' });
      expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    }
    expect((await client.get<Problem>(`/exports/${made.id}/download`)).status).toBe(403);
  });

  it("are nobody else's, and are made of nobody else's queries", async () => {
    const query = await run('SELECT order_id FROM orders');
    const { body } = await make(query.id, 'csv');
    for (const path of [`/exports/${body.id}`, `/exports/${body.id}/download`]) {
      expect((await bob.client.get<Problem>(path)).status).toBe(404);
    }
    expect((await bob.client.delete(`/exports/${body.id}`)).status).toBe(404);
    expect((await make(query.id, 'csv', {}, bob)).status).toBe(404);
    const { items } = (await bob.client.get<Page<Export>>('/exports')).body;
    expect(items.map(({ id }) => id)).not.toContain(body.id);
  });

  it('are refused of a query without a result, of two things, and in a format that there is not', async () => {
    const { id } = await run("SELECT 'x'::INTEGER FROM customers");
    const none = await make(id, 'csv');
    expect([none.status, none.body.code]).toEqual([409, 'result_not_ready']);
    for (const [body, field] of [
      [{ query_id: id, format: 'docx' }, 'format'],
      [{ format: 'csv' }, 'query_id'],
      [{ query_id: 'seven', format: 'csv' }, 'query_id'],
    ] as const) {
      const refused = await ada.client.post<Problem>('/exports', body);
      expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([422, field]);
    }
  });

  it('hold what the access rules let through, and are not given out any more when those have changed', async () => {
    const { id: own } = await newSource(ada.client, SHOP, { name: 'Ruled shop' });
    const rules = (status: string) =>
      ada.client.put(`/data-sources/${own}/rules`, {
        rules: [{ table: 'orders', predicate: `status = '${status}'`, roles: ['analyst', 'admin'] }],
      });
    expect((await rules('paid')).status).toBe(200);
    const { body: query } = await ada.client.post<Query>('/queries', {
      data_source_id: own,
      sql: 'SELECT order_id FROM orders ORDER BY order_id',
    });
    const { body } = await make(query.id, 'csv');
    expect(await (await download(body.id)).text()).toBe('order_id\n1\n2\n5\n6\n');
    await rules('shipped');
    const refused = await ada.client.get<Problem>(`/exports/${body.id}/download`);
    expect([refused.status, refused.body.code]).toEqual([409, 'result_outdated']);
    expect((await make(query.id, 'csv')).status).toBe(409);
  });

  it('are gone with their query', async () => {
    const query = await run('SELECT order_id FROM orders');
    const { body } = await make(query.id, 'csv');
    await ada.client.delete(`/queries/${query.id}`);
    const refused = await ada.client.get<Problem>(`/exports/${body.id}/download`);
    expect([refused.status, refused.body.code]).toEqual([409, 'result_outdated']);
  });

  it('are kept for their time, and then given out no more', async () => {
    const { body } = await make((await run('SELECT order_id FROM orders')).id, 'csv');
    await stored.rows(`UPDATE exports SET expires_at = now() - interval '1 second' WHERE id = $1`, [body.id]);
    const over = await ada.client.get<Problem>(`/exports/${body.id}/download`);
    expect([over.status, over.body.code]).toEqual([410, 'export_expired']);
  });

  it('are as many for one person at the same time as may be', async () => {
    const eve = await newAccount();
    const { id } = await newSource(eve.client, { 'numbers.csv': numbers(1000) });
    const { body: query } = await eve.client.post<Query>('/queries', {
      data_source_id: id,
      sql: 'SELECT n FROM numbers',
    });
    for (let count = 0; count < 4; count += 1) {
      await stored.rows(
        `INSERT INTO exports (user_id, query_id, format, status, job_id) VALUES ($1, $2, 'csv', 'running', gen_random_uuid())`,
        [eve.id, query.id],
      );
    }
    const refused = await make(query.id, 'csv', {}, eve);
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
      429,
      'rate_limited',
      '10',
    ]);
    await stored.rows(
      'DELETE FROM exports WHERE user_id = $1 AND id = (SELECT max(id) FROM exports WHERE user_id = $1)',
      [eve.id],
    );
    expect((await make(query.id, 'csv', {}, eve)).status).toBe(201);
  });

  it('leave nothing behind when they are removed while they are being made', async () => {
    const query = await run(`SELECT a.n, b.n AS m, md5(b.n::VARCHAR) AS h FROM numbers a, numbers b LIMIT 300000`);
    const { body } = await ada.client.post<Export>('/exports?wait=0', { query_id: query.id, format: 'xlsx' });
    await eventually(
      async () => (await ada.client.get<Export>(`/exports/${body.id}`)).body,
      ({ status }) => status === 'running',
    );
    expect((await ada.client.delete(`/exports/${body.id}`)).status).toBe(204);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await folders()).not.toContain(String(body.id));
  });
});
