import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { newSource } from './support/data.js';
import { generatedStatements } from './support/generated-statements.js';
import { startPostgres } from './support/postgres.mjs';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query, Rows, Schema } from './support/shapes.js';

const ORDERS = 3000;

const SHOP = `
  CREATE SCHEMA sales;
  CREATE TABLE sales.orders (id integer PRIMARY KEY, customer_id integer, ordered_at date, paid_at timestamp,
    placed_at timestamptz, amount numeric(10,2), status text, code char(6), weight double precision, urgent boolean);
  CREATE TABLE regions (id integer PRIMARY KEY, name text, secret text);
  INSERT INTO sales.orders SELECT i, CASE WHEN i % 10 = 0 THEN NULL ELSE 1 + i % 4 END, DATE '2024-01-01' + i % 700,
    TIMESTAMP '2024-01-01' + i * interval '5 hours', TIMESTAMPTZ '2024-01-01 00:00+00' + i * interval '5 hours', i * 1.25,
    (ARRAY['paid', 'Paid', 'open', 'shipped', 'it''s', 'öre', NULL])[1 + i % 7], 'c' || i % 5, i / 7.0, i % 3 = 0
  FROM generate_series(1, ${ORDERS}) AS i;
  INSERT INTO regions VALUES (1, 'north', 's-north'), (2, 'south', 's-south'), (3, 'NORTH', 's-upper');
  CREATE ROLE reader LOGIN PASSWORD 'reads only';
  GRANT USAGE ON SCHEMA sales TO reader;
  GRANT SELECT ON ALL TABLES IN SCHEMA public, sales TO reader;
  ANALYZE`;

const CUSTOMERS = `id,name,region
1,Ada,north
2,Bob,south
3,Eve,north
4,Kim,west
5,Zoe,east
`;

interface Source extends UploadedSource {
  version: number;
  members: { name: string; missing: boolean }[];
}

describe('files combined with a PostgreSQL database', () => {
  let database: Awaited<ReturnType<typeof startPostgres>>;
  let server: TestServer;
  let address: string;
  let admin: pg.Client;
  let ada: Account;
  let shop: UploadedSource;
  let crm: UploadedSource;
  let combined: Source;

  beforeAll(async () => {
    database = await startPostgres();
    const url = new URL(await database.createDatabase('shop'));
    address = url.href;
    admin = new pg.Client(address);
    // The server is stopped while this is connected, to see what happens then.
    admin.on('error', () => undefined);
    await admin.connect();
    await admin.query(SHOP);
    server = await startServer({
      SOURCE_NETWORKS: 'loopback',
      COMBINED_MAX_FETCH_ROWS: String(ORDERS + 100),
    });
    await newAccount(server.url);
    ada = await newAccount(server.url);
    const connected = await ada.client.post<UploadedSource>('/data-sources', {
      name: 'Shop',
      type: 'postgres',
      host: url.hostname,
      port: Number(url.port),
      database_name: 'shop',
      username: 'reader',
      password: 'reads only',
    });
    expect([connected.status, connected.body]).toEqual([201, expect.objectContaining({ name: 'Shop' })]);
    shop = connected.body;
    crm = await newSource(ada.client, { 'customers.csv': CUSTOMERS }, { name: 'CRM' });
    const made = await ada.client.post<Source>('/data-sources', {
      name: 'Everything',
      type: 'combined',
      tables: [
        { data_source_id: crm.id, table: 'customers' },
        { data_source_id: shop.id, table: 'sales.orders' },
        { data_source_id: shop.id, table: 'regions' },
      ],
    });
    expect([made.status, made.body.members.map(({ name }) => name)]).toEqual([201, ['customers', 'orders', 'regions']]);
    combined = made.body;
  }, 120_000);

  afterAll(async () => {
    await admin.end().catch(() => undefined);
    await server.stop();
    await removeDataDir(server);
    await database.stop();
  });

  const run = async (sql: string, more: object = {}): Promise<Query & Problem> =>
    (await ada.client.post<Query & Problem>('/queries', { data_source_id: combined.id, sql, ...more })).body;
  const ask = async (question: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: combined.id, question })).body;
  const setRules = async (source: { id: number }, rules: object[]): Promise<void> => {
    const { status, body } = await ada.client.put(`/data-sources/${source.id}/rules`, { rules });
    expect([status, body]).toEqual([200, expect.anything()]);
  };
  const countOf = async (condition: string): Promise<number> => {
    const { rows } = await admin.query<{ n: number }>(
      `SELECT count(*)::integer AS n FROM sales.orders WHERE ${condition}`,
    );
    return rows[0]?.n ?? -1;
  };

  it('joins them, and says what was fetched', async () => {
    const query = await run(`
      SELECT c.region, sum(o.amount) AS amount FROM customers c JOIN orders o ON o.customer_id = c.id
      WHERE o.status = 'paid' AND o.ordered_at >= DATE '2025-01-01' GROUP BY c.region ORDER BY c.region`);
    const { rows } = await admin.query<{ region: string; amount: string }>(`
      SELECT region, sum(amount)::text AS amount FROM sales.orders
      JOIN (VALUES (1, 'north'), (2, 'south'), (3, 'north'), (4, 'west')) AS c(id, region) ON c.id = customer_id
      WHERE status = 'paid' AND ordered_at >= '2025-01-01' GROUP BY region ORDER BY region`);
    expect(query.rows).toEqual(rows.map(({ region, amount }) => [region, amount]));
    expect(query.receipt).toMatchObject({
      tables: ['customers', 'orders'],
      fetched: [
        {
          data_source_id: shop.id,
          table: 'sales.orders',
          columns: ['customer_id', 'ordered_at', 'amount', 'status'],
          filters: [`status = 'paid'`, `ordered_at >= DATE '2025-01-01'`],
          rows: await countOf(`status = 'paid' AND ordered_at >= '2025-01-01'`),
          bytes: expect.any(Number),
        },
      ],
    });
  });

  it('relates them, and answers questions in plain language', async () => {
    const { body } = await ada.client.get<Schema>(`/data-sources/${combined.id}/schema`);
    expect(body.relationships).toContainEqual(
      expect.objectContaining({
        from: { table: 'orders', column: 'customer_id' },
        to: { table: 'customers', column: 'id' },
        origin: 'inferred',
      }),
    );
    const query = await ask('Number of orders by customer name');
    expect(query).toMatchObject({ status: 'succeeded', error: null });
    expect(query.rows).toHaveLength(4);
    expect(query.receipt?.fetched.map(({ table }) => table)).toEqual(['sales.orders']);
  });

  it('fetches no more columns and rows than it must', async () => {
    const fetchedBy = async (sql: string, more: object = {}) => {
      const query = await run(sql, more);
      expect([sql, query.status, query.error]).toEqual([sql, 'succeeded', null]);
      return query.receipt?.fetched.map(({ columns, filters, rows }) => [columns.join(), filters.join(' & '), rows]);
    };
    expect(await fetchedBy('SELECT count(*) FROM orders')).toEqual([['id', '', ORDERS]]);
    expect(await fetchedBy('SELECT id FROM orders LIMIT 5 OFFSET 2')).toEqual([['id', '', 7]]);
    expect(await fetchedBy('SELECT id, status FROM orders', { max_rows: 10 })).toEqual([['id,status', '', 11]]);
    expect(await fetchedBy('SELECT id FROM orders ORDER BY id LIMIT 5')).toEqual([['id', '', ORDERS]]);
    expect(await fetchedBy('SELECT name FROM customers')).toEqual([]);
    expect(await fetchedBy('SELECT name FROM regions WHERE id IN (1, 2)')).toEqual([['id,name', 'id IN (1, 2)', 2]]);
    expect(
      await fetchedBy('SELECT a.id FROM orders a JOIN orders b ON a.id = b.id WHERE a.id < 5 AND b.id < 9'),
    ).toEqual([['id', '(id < 5) OR (id < 9)', 8]]);
    expect(
      (await run(`SELECT * FROM customers c LEFT JOIN regions r ON r.name = c.region AND r.id < 2`)).receipt
        ?.fetched[0],
    ).toMatchObject({
      columns: ['id', 'name', 'secret'],
      filters: ['id < 2'],
      rows: 1,
    });
  });

  it('runs what it fetched anew, because the database may have changed', async () => {
    const sql = 'SELECT max(id) FROM regions';
    await run(sql);
    await admin.query(`INSERT INTO regions VALUES (9, 'new', 'x')`);
    expect(await run(sql)).toMatchObject({ rows: [[9]], receipt: { cache_hit: false } });
    await admin.query('DELETE FROM regions WHERE id = 9');
  });

  it('shows rows of a table in the order of its key', async () => {
    const { body } = await ada.client.get<Rows>(`/data-sources/${combined.id}/tables/orders/preview?limit=2`);
    expect(body.rows.map(([id]) => id)).toEqual([1, 2]);
    expect(body.row_count).toBe(ORDERS);
  });

  it('lets the rules of both members hold, and its own', async () => {
    await setRules(shop, [
      { table: 'regions', predicate: 'id <= 2', roles: [] },
      { table: 'regions', column: 'secret', mask: 'partial', roles: [] },
    ]);
    await setRules(crm, [{ table: 'customers', predicate: `name <> 'Eve'`, roles: ['analyst'] }]);
    const sql =
      'SELECT r.name, r.secret, c.name FROM regions r JOIN customers c ON c.region = r.name ORDER BY r.id, c.id';
    const query = await run(sql);
    expect(query.rows).toEqual([
      ['north', 's***', 'Ada'],
      ['south', 's***', 'Bob'],
    ]);
    expect(query.receipt).toMatchObject({ fetched: [{ table: 'regions', rows: 2 }] });
    expect(query.receipt?.rules_applied).toContain('secret of regions is masked.');
    // Compared is what can be seen, at the source as well.
    expect((await run(`SELECT id FROM regions WHERE secret = 's-north'`)).rows).toEqual([]);
    expect((await run(`SELECT id FROM regions WHERE secret = 's***'`)).rows).toEqual([[1], [2]]);

    await setRules(combined, [
      { table: 'regions', predicate: `id > 1`, roles: [] },
      { table: 'regions', column: 'name', mask: 'hide', roles: [] },
    ]);
    expect((await run('SELECT id, name, secret FROM regions')).rows).toEqual([[2, null, 's***']]);
    const preview = await ada.client.get<Rows>(`/data-sources/${combined.id}/tables/regions/preview`);
    expect(preview.body.rows).toEqual([[2, null, 's***']]);
    // How much was fetched does not tell what is hidden: it is the same whatever is looked for.
    const looked = await Promise.all([1, 2, 7].map((id) => run(`SELECT count(*) FROM regions WHERE id = ${id}`)));
    expect(
      looked.map(({ rows, receipt }) => [rows[0]?.[0], receipt?.fetched[0]?.rows, receipt?.fetched[0]?.filters]),
    ).toEqual([
      [0, null, []],
      [1, null, []],
      [0, null, []],
    ]);
    const schema = JSON.stringify((await ada.client.get(`/data-sources/${combined.id}/schema`)).body);
    expect(schema).not.toMatch(/s-north|Eve/);
    for (const source of [shop, crm, combined]) await setRules(source, []);
  });

  it('fails rather than work with a part of what it would need', async () => {
    await admin.query(`INSERT INTO sales.orders (id) SELECT i FROM generate_series(10001, 10200) AS i`);
    expect((await run('SELECT count(status) FROM orders')).error).toMatchObject({
      code: 'query_fetch_too_large',
      detail: expect.stringContaining('orders'),
    });
    expect((await run('SELECT count(status) FROM orders WHERE id < 10000')).status).toBe('succeeded');
    expect(
      (await run('SELECT count(*) FROM (SELECT id FROM orders WHERE id < 3000) a, (SELECT id FROM regions) b')).status,
    ).toBe('succeeded');
    await admin.query('DELETE FROM sales.orders WHERE id > 10000');
    // Each of them could be fetched alone.
    await admin.query(`INSERT INTO regions SELECT i, 'x', 'x' FROM generate_series(1000, 1200) AS i`);
    expect((await run('SELECT count(*) FROM orders o, regions r WHERE o.id = r.id')).error?.code).toBe(
      'query_fetch_too_large',
    );
    await admin.query('DELETE FROM regions WHERE id >= 1000');
  });

  it('gives the same rows whether a condition is tried at the database first or everything is fetched', async () => {
    // The whole table as a file: what a statement gives over it is what it must give.
    const plain = await newSource(ada.client, { 'customers.csv': CUSTOMERS }, { name: 'Reference' });
    const everything = await run('SELECT * FROM orders');
    const parquet = await ada.client.raw(`/api/v1/queries/${everything.id}/result?format=parquet`);
    await ada.client.addFiles(plain.id, { 'orders.parquet': new Uint8Array(await parquet.arrayBuffer()) });
    const reference = async (sql: string) =>
      (await ada.client.post<Query & Problem>('/queries', { data_source_id: plain.id, sql })).body;
    let pushed = 0;
    let failed = 0;
    for (const sql of generatedStatements(120)) {
      const [whole, fetched] = await Promise.all([reference(sql), run(sql)]);
      expect([sql, fetched.status, fetched.rows]).toEqual([sql, whole.status, whole.rows]);
      if (whole.status !== 'succeeded') failed += 1;
      if ((fetched.receipt?.fetched[0]?.filters.length ?? 0) > 0) pushed += 1;
    }
    expect(pushed).toBeGreaterThan(40);
    expect(failed).toBeLessThan(15);
  }, 120_000);

  it('follows its member when the schema is read again, and says what is missing', async () => {
    await admin.query('ALTER TABLE regions RENAME TO areas');
    expect((await run('SELECT * FROM regions')).error).toMatchObject({ detail: expect.stringContaining('“Shop”') });
    await ada.client.post(`/data-sources/${shop.id}/refresh`);
    const { body } = await ada.client.get<Source>(`/data-sources/${combined.id}`);
    expect(body.members.map(({ name, missing }) => [name, missing])).toEqual([
      ['customers', false],
      ['orders', false],
      ['regions', true],
    ]);
    expect(body.version).toBeGreaterThan(combined.version);
    expect(await run('SELECT * FROM regions')).toMatchObject({ code: 'sql_table_not_allowed' });
    await admin.query('ALTER TABLE areas RENAME TO regions');
    await ada.client.post(`/data-sources/${shop.id}/refresh`);
    expect((await run('SELECT count(*) FROM regions')).rows).toEqual([[3]]);
  });

  it('is cancelled at the database, and ends there when time is up', async () => {
    const locker = new pg.Client(address);
    await locker.connect();
    await locker.query('BEGIN');
    await locker.query('LOCK TABLE sales.orders IN ACCESS EXCLUSIVE MODE');
    const waiting = async (): Promise<number> => {
      const { rows } = await admin.query<{ n: number }>(
        `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active'`,
      );
      return rows[0]?.n ?? -1;
    };
    const until = async (wanted: number): Promise<void> => {
      for (let tries = 0; tries < 400 && (await waiting()) !== wanted; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      expect(await waiting()).toBe(wanted);
    };
    const { body } = await ada.client.post<Query>('/queries?wait=0', {
      data_source_id: combined.id,
      sql: 'SELECT count(*) FROM orders o JOIN regions r ON r.id = o.id',
    });
    await until(1);
    await ada.client.post(`/queries/${body.id}/cancel`);
    await until(0);
    expect((await ada.client.get<Query>(`/queries/${body.id}`)).body.status).toBe('cancelled');
    const late = await run('SELECT count(*) FROM orders', { timeout_ms: 500 });
    expect(late.error).toMatchObject({ code: 'query_timeout', detail: expect.stringMatching(/0\.5 seconds.*“Shop”/) });
    await until(0);
    await locker.end();
    expect((await run('SELECT count(*) FROM orders')).rows).toEqual([[ORDERS]]);
  });

  it('says which database cannot be reached, and still reads its files', async () => {
    await database.stop();
    const query = await run('SELECT count(*) FROM customers c JOIN orders o ON o.customer_id = c.id');
    expect(query).toMatchObject({
      status: 'failed',
      error: { code: 'source_unreachable', detail: expect.stringContaining('“Shop”') },
    });
    expect((await run('SELECT count(*) FROM customers')).rows).toEqual([[5]]);
    expect((await ada.client.post<Problem>(`/data-sources/${combined.id}/test`)).body.code).toBe('source_unreachable');
  });
});
