import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { eventually } from './support/patience.js';
import { startPostgres } from './support/postgres.mjs';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query, Rows, Schema } from './support/shapes.js';

const SHOP = `
  CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, country text, email text);
  CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customers, ordered_at date NOT NULL,
    amount numeric(10,2) NOT NULL, status text NOT NULL);
  COMMENT ON TABLE orders IS 'What people bought';
  CREATE SCHEMA sales;
  CREATE TABLE sales.targets (year integer PRIMARY KEY, amount numeric(12,2));
  INSERT INTO customers VALUES (1, 'Ada', 'UK', 'ada@example.com'), (2, 'Bob', 'US', 'bob@example.com');
  INSERT INTO orders SELECT i, 1 + i % 2, DATE '2024-01-01' + i, i, CASE WHEN i % 3 = 0 THEN 'open' ELSE 'paid' END
  FROM generate_series(1, 100) AS i;
  INSERT INTO sales.targets VALUES (2024, 5000);
  CREATE ROLE reader LOGIN PASSWORD 'reads only';
  GRANT USAGE ON SCHEMA sales TO reader;
  GRANT SELECT ON ALL TABLES IN SCHEMA public, sales TO reader;
  ANALYZE`;

describe('a PostgreSQL database as a source', () => {
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let server: TestServer;
  let admin: pg.Client;
  let ada: Account;
  let source: UploadedSource & Record<string, unknown>;
  let address: { host: string; port: number; database_name: string; username: string; password: string };

  beforeAll(async () => {
    database = await startPostgres();
    const url = new URL(await database.createDatabase('shop'));
    admin = new pg.Client(url.href);
    await admin.connect();
    await admin.query(SHOP);
    server = await startServer({ SOURCE_NETWORKS: 'loopback' });
    await newAccount(server.url);
    ada = await newAccount(server.url);
    address = {
      host: url.hostname,
      port: Number(url.port),
      database_name: 'shop',
      username: 'reader',
      password: 'reads only',
    };
    const { status, body } = await ada.client.post<typeof source>('/data-sources', {
      name: 'Shop',
      type: 'postgres',
      ...address,
    });
    expect([status, body]).toEqual([201, expect.objectContaining({ name: 'Shop' })]);
    source = body;
  }, 120_000);

  afterAll(async () => {
    await admin.end();
    await server.stop();
    await removeDataDir(server);
    await database.stop();
  });

  const ask = async (question: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source.id, question })).body;
  const run = async (sql: string, more: object = {}) =>
    ada.client.post<Query & Problem>('/queries', { data_source_id: source.id, sql, ...more });

  it('is tried and read before it is stored, and its password is never told', async () => {
    expect(source).toMatchObject({
      type: 'postgres',
      status: 'ready',
      tables_count: 3,
      host: address.host,
      username: 'reader',
    });
    expect(JSON.stringify(source)).not.toContain('reads only');
    const { rows } = await new Promise<pg.QueryResult<{ password_encrypted: string }>>((resolve, reject) => {
      const own = new pg.Client({ host: server.dataDir, port: 5432, user: 'postgres', database: 'postgres' });
      own
        .connect()
        .then(() => own.query<{ password_encrypted: string }>('SELECT password_encrypted FROM data_sources'))
        .then(resolve, reject)
        .finally(() => void own.end());
    });
    expect(rows[0]?.password_encrypted).toMatch(/^v1\./);
    expect(server.output()).not.toContain('reads only');
  });

  it('has the tables, types, comments and keys of the database', async () => {
    const { body } = await ada.client.get<Schema>(`/data-sources/${source.id}/schema`);
    expect(body.tables.map(({ name }) => name).sort()).toEqual(['customers', 'orders', 'sales.targets']);
    const orders = body.tables.find(({ name }) => name === 'orders');
    expect(orders?.description).toBe('What people bought');
    expect(orders?.columns.map(({ type }) => type)).toEqual(['integer', 'integer', 'date', 'decimal', 'text']);
    expect(body.relationships).toContainEqual(
      expect.objectContaining({
        from: { table: 'orders', column: 'customer_id' },
        to: { table: 'customers', column: 'id' },
        origin: 'declared',
      }),
    );
  });

  it('answers questions in plain language', async () => {
    expect((await ask('How many orders are there?')).rows).toEqual([[100]]);
    const byCountry = await ask('Total amount by country');
    expect(byCountry).toMatchObject({ status: 'succeeded', error: null });
    expect(byCountry.rows).toEqual(
      expect.arrayContaining([
        ['UK', '2550.00'],
        ['US', '2500.00'],
      ]),
    );
    const byMonth = await ask('Number of orders per month');
    expect(byMonth.rows[0]).toEqual([expect.stringMatching(/^2024-01-01/), 30]);
    expect(byMonth.chart?.type).toBe('line');
    expect(await ask('How many targets are there?')).toMatchObject({ status: 'succeeded', rows: [[1]] });
  });

  it('runs a statement of one’s own, and nothing that does more than read', async () => {
    expect((await run('SELECT t.amount FROM sales.targets AS t')).body.rows).toEqual([['5000.00']]);
    for (const sql of ['DELETE FROM orders', 'SELECT pg_sleep(10)', 'SELECT * FROM pg_shadow', 'SELECT 1; SELECT 2']) {
      expect([sql, (await run(sql)).status]).toEqual([sql, 422]);
    }
    expect((await admin.query('SELECT count(*)::integer AS n FROM orders')).rows).toEqual([{ n: 100 }]);
  });

  it('is only asked for its plan when a query is a dry run, or over its budget', async () => {
    const scans = async (): Promise<number> => {
      const { rows } = await admin.query<{ scans: string }>(
        `SELECT seq_scan + coalesce(idx_scan, 0) AS scans FROM pg_stat_user_tables WHERE relname = 'orders'`,
      );
      return Number(rows[0]?.scans);
    };
    const sql = 'SELECT id, status FROM orders';
    const before = await scans();
    const dry = await run(sql, { dry_run: true });
    expect(dry.body.receipt?.estimate).toMatchObject({ rows: 100, of: 'result', cost: expect.any(Number) });
    for (const cap of [{ max_estimated_rows: 99 }, { max_estimated_bytes: 100 }, { max_estimated_cost: 0.5 }]) {
      const { status, body } = await run(sql, cap);
      expect([status, body.code]).toEqual([422, 'query_over_budget']);
      expect(body).toMatchObject({ estimate: { rows: 100, of: 'result' } });
    }
    expect(await scans()).toBe(before);
    const enough = await run(sql, { max_estimated_rows: 100, max_estimated_cost: 1e6 });
    expect(enough.body).toMatchObject({ status: 'succeeded', row_count: 100 });
    expect(enough.body.receipt?.checks).toContainEqual(expect.objectContaining({ name: 'budget', ok: true }));
    await eventually(scans, (count) => count > before);
  });

  it('stores what it answered, as every source', async () => {
    const { body } = await run('SELECT id, ordered_at, amount FROM orders ORDER BY id', { max_rows: 60 });
    expect(body).toMatchObject({ row_count: 60, truncated: true });
    const page = await ada.client.get<Rows>(`/queries/${body.id}/result?limit=2`);
    expect(page.body.rows).toEqual([
      [1, '2024-01-02', '1.00'],
      [2, '2024-01-03', '2.00'],
    ]);
    const csv = await ada.client.get<string>(`/queries/${body.id}/result?format=csv`);
    expect(csv.body.split('\n')[1]).toBe('1,2024-01-02,1.00');
  });

  it('shows rows of a table', async () => {
    const { body } = await ada.client.get<Rows>(`/data-sources/${source.id}/tables/sales.targets/preview`);
    expect(body.rows).toEqual([[2024, '5000.00']]);
    const page = await ada.client.get<Rows>(`/data-sources/${source.id}/tables/orders/preview?limit=2`);
    expect(page.body.rows.map(([id]) => id)).toEqual([1, 2]);
  });

  it('lets access rules hold', async () => {
    const rules = [
      { table: 'orders', predicate: `status = 'paid'`, roles: ['analyst'] },
      { table: 'customers', column: 'email', mask: 'partial', roles: [] },
    ];
    expect((await ada.client.put(`/data-sources/${source.id}/rules`, { rules })).status).toBe(200);
    expect((await ask('How many orders are there?')).rows).toEqual([[67]]);
    expect(
      (await run('SELECT count(*) FROM orders o, LATERAL (SELECT * FROM orders) AS x WHERE x.id = o.id')).body.rows,
    ).toEqual([[67]]);
    const { body } = await run('SELECT email FROM customers ORDER BY id');
    expect(body.rows[0]?.[0]).toMatch(/^a\*\*\*/);
    expect(JSON.stringify(body.rows)).not.toContain('ada@');
    const preview = await ada.client.get<Rows>(`/data-sources/${source.id}/tables/customers/preview`);
    expect(JSON.stringify(preview.body.rows)).not.toContain('ada@');
    expect(JSON.stringify(body.receipt)).not.toMatch(/\*\*\*|CASE|OFFSET 0/);
    expect(body.receipt?.rules_applied).toEqual(['email of customers is masked.']);
  });

  it('takes nothing behind a dot for a function, which could read whatever it likes', async () => {
    for (const sql of [
      `SELECT ('SELECT to_tsvector(''simple'', email) FROM public.customers'::text).ts_stat`,
      `SELECT q.ts_stat FROM unnest(ARRAY['SELECT to_tsvector(''simple'', email) FROM public.customers']) AS q`,
      `SELECT (1).pg_sleep`,
      `SELECT c.pg_sleep FROM customers AS c`,
    ]) {
      const { status, body } = await run(sql);
      expect([sql, status, body.code]).toEqual([sql, 422, expect.stringMatching(/^sql_/)]);
    }
  });

  it('closes a table rather than show it without the rules that were made for it', async () => {
    await admin.query('ALTER TABLE customers RENAME COLUMN email TO mail');
    const refused = await ada.client.post<Problem>(`/data-sources/${source.id}/refresh`);
    expect([refused.status, refused.body.code, refused.body.detail]).toEqual([
      409,
      'conflict',
      expect.stringContaining('customers.email'),
    ]);
    expect((await run('SELECT * FROM customers')).body).toMatchObject({ status: 'failed', rows: [] });
    await admin.query('ALTER TABLE customers RENAME COLUMN mail TO email');
    expect((await ada.client.post(`/data-sources/${source.id}/refresh`)).status).toBe(200);
    expect(JSON.stringify((await run('SELECT * FROM customers')).body.rows)).not.toContain('ada@');
    await ada.client.put(`/data-sources/${source.id}/rules`, { rules: [] });
  });

  it('goes on after statements that fail in the middle of much data', async () => {
    const failing = (at: number): string =>
      `SELECT repeat('x', 1000) || (1 / (${at} - g))::text FROM generate_series(1, 100000) AS g`;
    for (let at = 3984; at < 4000; at += 1) {
      expect((await run(failing(at))).body).toMatchObject({ status: 'failed', error: { code: 'query_failed' } });
    }
    expect((await run('SELECT 1 AS one')).body.rows).toEqual([[1]]);
    expect(
      (await readdir(join(server.dataDir, 'tmp'), { recursive: true })).filter((name) => /pipe/.test(name)),
    ).toEqual([]);
  });

  it('cancels a run at the database, and ends one that takes too long', async () => {
    const endless = `SELECT count(*) FROM orders a, orders b, orders c, orders d, orders e, orders f`;
    const started = await ada.client.post<Query>('/queries?wait=0', { data_source_id: source.id, sql: endless });
    const active = async (): Promise<number> => {
      const { rows } = await admin.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'`,
      );
      return rows[0]?.n ?? -1;
    };
    const until = async (wanted: (n: number) => boolean): Promise<void> => {
      for (let tries = 0; tries < 600 && !wanted(await active()); tries += 1)
        await new Promise((r) => setTimeout(r, 50));
    };
    await until((n) => n > 0);
    expect(await active()).toBe(1);
    await ada.client.post(`/queries/${started.body.id}/cancel`);
    await until((n) => n === 0);
    expect(await active()).toBe(0);
    expect((await ada.client.get<Query>(`/queries/${started.body.id}`)).body.status).toBe('cancelled');
    const { body } = await run(endless, { timeout_ms: 500 });
    expect(body).toMatchObject({ status: 'failed', error: { code: 'query_timeout' } });
    await until((n) => n === 0);
    expect(await active()).toBe(0);
  });

  it('says when its schema has changed, and which kept queries that breaks', async () => {
    const { body: kept } = await run('SELECT sum(amount) FROM orders');
    await ada.client.patch(`/data-sources/${source.id}/schema`, {
      tables: [{ name: 'orders', columns: [{ name: 'status', synonyms: ['state'] }] }],
    });
    const own = new pg.Client({ host: server.dataDir, port: 5432, user: 'postgres', database: 'postgres' });
    await own.connect();
    await own.query(
      `INSERT INTO verified_queries (data_source_id, query_id, question, sql) VALUES ($1, $2, 'All of it', 'x')`,
      [source.id, kept.id],
    );
    await own.end();
    await admin.query(`
      ALTER TABLE orders ALTER COLUMN amount TYPE double precision; ALTER TABLE customers DROP COLUMN email;
      ALTER TABLE orders ADD COLUMN note text; CREATE TABLE invoices (id integer); GRANT SELECT ON invoices TO reader;
      DROP TABLE sales.targets`);
    const { status, body } = await ada.client.post<object>(`/data-sources/${source.id}/refresh`);
    expect([status, body]).toEqual([
      200,
      {
        added_tables: ['invoices'],
        removed_tables: ['sales.targets'],
        added_columns: [{ table: 'orders', column: 'note' }],
        removed_columns: [{ table: 'customers', column: 'email' }],
        retyped_columns: [{ table: 'orders', column: 'amount', from: 'numeric(10,2)', to: 'double precision' }],
        broken_queries: [{ id: kept.id, title: 'SELECT sum(amount) FROM orders', missing: ['orders.amount'] }],
        broken_charts: [],
      },
    ]);
    const schema = await ada.client.get<Schema>(`/data-sources/${source.id}/schema`);
    const columns = schema.body.tables.find(({ name }) => name === 'orders')?.columns;
    expect(columns?.find(({ name }) => name === 'status')?.synonyms).toEqual(['state']);
    expect(columns?.map(({ name }) => name)).toContain('note');
    expect((await ada.client.post<object>(`/data-sources/${source.id}/refresh`)).body).toMatchObject({
      added_tables: [],
      broken_queries: [],
    });
  });

  it('is refused when it cannot be reached, says no, or is where nobody may connect to', async () => {
    const connect = (change: object) =>
      ada.client.post<Problem>('/data-sources', { name: 'Other', type: 'postgres', ...address, ...change });
    const codes: [object, number, string][] = [
      [{ password: 'wrong' }, 201, ''],
      [{ username: 'nobody_here' }, 422, 'source_refused'],
      [{ database_name: 'nothing' }, 422, 'source_refused'],
      [{ port: 1 }, 503, 'source_unreachable'],
      [{ host: 'no-such-host.invalid' }, 503, 'source_unreachable'],
      [{ host: '169.254.169.254' }, 422, 'source_address_not_allowed'],
      [{ host: '10.0.0.1' }, 422, 'source_address_not_allowed'],
      [{ host: '/tmp' }, 422, 'source_address_not_allowed'],
      [{ ssl_mode: 'require' }, 422, 'source_tls_failed'],
      [{ options: { options: '-c x=y' } }, 422, 'source_option_not_allowed'],
      [{ type: 'oracle' }, 422, 'validation_failed'],
      [{ name: 'shop' }, 409, 'conflict'],
    ];
    for (const [change, status, code] of codes.slice(1)) {
      const answer = await connect(change);
      expect([change, answer.status, answer.body.code]).toEqual([change, status, code]);
      expect(JSON.stringify(answer.body)).not.toContain('reads only');
    }
    expect((await ada.client.get<{ items: object[] }>('/data-sources')).body.items).toHaveLength(1);
  });

  it('sends its kept password nowhere else', async () => {
    const elsewhere = await ada.client.put<Problem>(`/data-sources/${source.id}/connection`, { host: 'localhost' });
    expect([elsewhere.status, elsewhere.body.errors?.[0]?.field]).toEqual([422, 'password']);
    const again = await ada.client.put<{ host: string }>(`/data-sources/${source.id}/connection`, {
      host: 'localhost',
      password: 'reads only',
    });
    expect([again.status, again.body.host]).toEqual([200, 'localhost']);
    expect((await ask('How many orders are there?')).rows).toEqual([[100]]);
  });

  it('is nobody else’s', async () => {
    const eve = await newAccount(server.url);
    for (const path of ['/refresh', '/test']) {
      expect((await eve.client.post(`/data-sources/${source.id}${path}`)).status).toBe(404);
    }
    expect((await eve.client.put(`/data-sources/${source.id}/connection`, { password: 'x' })).status).toBe(404);
  });
});
