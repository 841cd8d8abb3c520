import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Answer, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { CLICKHOUSE_SHOP } from './support/clickhouse-contract.js';
import { ClickHouseDouble } from './support/clickhouse-double.js';
import { newSource } from './support/data.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query, Rows } from './support/shapes.js';
import { TRINO_SHOP } from './support/trino-contract.js';
import { TrinoDouble } from './support/trino-double.js';

/** What a name stands between. */
const QUOTES = { clickhouse: '`', trino: '"' } as const;

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ SOURCE_NETWORKS: 'loopback' });
  await newAccount(server.url);
}, 60_000);
afterAll(async () => {
  await server.stop();
  await removeDataDir(server);
});

describe.each(['clickhouse', 'trino'] as const)('queries to %s', (type) => {
  let ada: Account;
  let double: ClickHouseDouble | TrinoDouble;
  let source: UploadedSource;
  let combined: UploadedSource;

  beforeAll(async () => {
    double =
      type === 'clickhouse'
        ? await ClickHouseDouble.start({ setup: CLICKHOUSE_SHOP })
        : await TrinoDouble.start({ setup: TRINO_SHOP });
    ada = await newAccount(server.url);
    const created = await ada.client.post<UploadedSource>('/data-sources', {
      name: 'Shop',
      type,
      host: '127.0.0.1',
      port: double.port,
      ...(type === 'clickhouse'
        ? { database_name: 'shop', password: 'reads only' }
        : { database_name: 'lake.default', password: '' }),
      username: 'reader',
    });
    expect([created.status, created.body]).toEqual([201, expect.objectContaining({ name: 'Shop' })]);
    source = created.body;
    const crm = await newSource(ada.client, { 'visits.csv': 'customer_id,page\n1,home\n2,shop\n2,home\n9,shop\n' });
    const made = await ada.client.post<UploadedSource>('/data-sources', {
      name: 'Everything',
      type: 'combined',
      tables: [
        { data_source_id: crm.id, table: 'visits' },
        { data_source_id: source.id, table: 'customers' },
      ],
    });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ name: 'Everything' })]);
    combined = made.body;
  });
  afterAll(() => double.stop());

  const run = (sql: string, more: object = {}, id = source.id): Promise<Answer<Query & Problem>> =>
    ada.client.post<Query & Problem>('/queries', { data_source_id: id, sql, ...more });
  const setRules = async (rules: object[]): Promise<void> => {
    expect((await ada.client.put(`/data-sources/${source.id}/rules`, { rules })).status).toBe(200);
  };
  /** With the quotes of the engine. */
  const spelled = (text: string): string => text.replaceAll('"', QUOTES[type]);
  /** What the server was asked while something was done, without what connecting asks. */
  const asked = async (doing: () => Promise<unknown>): Promise<string[]> => {
    const before = double.statements.length;
    await doing();
    return double.statements.slice(before).filter((sql) => !/version\(\)|TRANSACTION|ROLLBACK/.test(sql));
  };

  it('are answered in plain language, with SQL and by a look at the table', async () => {
    const question = 'How many customers are there?';
    const { body } = await ada.client.post<Query>('/queries', { data_source_id: source.id, question });
    expect(body).toMatchObject({ status: 'succeeded', rows: [[3]] });
    const own = await run('SELECT name, id FROM customers ORDER BY id');
    expect(own.body).toMatchObject({ status: 'succeeded', error: null });
    expect(own.body.rows[0]).toEqual(['Ada', 1]);
    const preview = await ada.client.get<Rows>(`/data-sources/${source.id}/tables/customers/preview?limit=2`);
    expect(preview.body).toMatchObject({ columns: [{ name: 'id' }, { name: 'name' }, { name: 'city' }] });
    expect(preview.body.rows).toHaveLength(2);
    const next = `/data-sources/${source.id}/tables/customers/preview?limit=2&cursor=${preview.body.next_cursor}`;
    expect((await ada.client.get<Rows>(next)).body.rows).toHaveLength(1);
  });

  it('reach the server as the guard prints them, and not at all when it refuses them', async () => {
    const printed = `SELECT "name" FROM (SELECT "customers"."id" AS "id", "customers"."name" AS "name", "customers"."city" AS "city" FROM "customers") AS "customers"`;
    expect(await asked(() => run('select  name -- a comment\n from customers'))).toEqual([spelled(printed)]);
    expect(
      await asked(async () => {
        for (const sql of ['DROP TABLE customers', 'SELECT 1; SELECT 2', 'SELECT * FROM system.tables', 'SELECT (']) {
          expect((await run(sql)).body.code).toMatch(/^sql_/);
        }
      }),
    ).toEqual([]);
  });

  it('have the rules in them, wherever the table stands', async () => {
    await setRules([
      { table: 'customers', predicate: `name <> 'Bo'`, roles: ['analyst'] },
      { table: 'customers', column: 'city', mask: 'hide', roles: [] },
    ]);
    for (const [sql, rows] of [
      [
        'SELECT id, city FROM customers ORDER BY id',
        [
          [1, null],
          [3, null],
        ],
      ],
      ['WITH customers AS (SELECT * FROM customers) SELECT count(*) FROM customers', [[2]]],
      ['SELECT count(*) FROM orders o JOIN customers x ON x.id = o.customer_id', [[666]]],
      ['SELECT (SELECT max(city) FROM customers) AS city', [[null]]],
      [`SELECT id FROM customers WHERE name = 'Bo' OR city = 'Paris' OR id = 3`, [[3]]],
      ['SELECT name FROM customers UNION ALL SELECT city FROM customers ORDER BY 1', [['Ada'], ['Cy'], [null], [null]]],
    ] as const) {
      const arrived = await asked(async () => {
        const { body } = await run(sql);
        expect([sql, body.error, body.rows]).toEqual([sql, null, rows]);
      });
      expect(arrived).toHaveLength(1);
      expect(arrived[0]).toContain(spelled(`"customers"."name" <> 'Bo'`));
    }
    const preview = await ada.client.get<Rows>(`/data-sources/${source.id}/tables/customers/preview`);
    expect(preview.body.rows).toEqual([
      [1, 'Ada', null],
      [3, 'Cy', null],
    ]);
    const question = 'Number of customers';
    const { body } = await ada.client.post<Query>('/queries', { data_source_id: source.id, question });
    expect(body.rows).toEqual([[2]]);
    await setRules([]);
  });

  it('are only explained for a dry run, or when they are over their budget', async () => {
    const sql = 'SELECT id FROM orders';
    const arrived = await asked(async () => {
      expect((await run(sql, { dry_run: true })).body.receipt?.estimate).toMatchObject({ rows: 1000 });
      const { status, body } = await run(sql, { max_estimated_rows: 999 });
      expect([status, body.code]).toEqual([422, 'query_over_budget']);
    });
    expect(arrived.filter((one) => !one.startsWith('EXPLAIN'))).toEqual([]);
    expect((await run(sql, { max_estimated_rows: 1000 })).body).toMatchObject({ row_count: 1000 });
  });

  it('are cancelled at the server, and end there when time is up', async () => {
    const endless = 'SELECT count(*) FROM orders a, orders b, orders c, orders d WHERE a.id + b.id + c.id + d.id = 7';
    const running = () => Promise.resolve(double instanceof TrinoDouble ? double.running : double.running.size);
    const { body } = await ada.client.post<Query>('/queries?wait=0', { data_source_id: source.id, sql: endless });
    await eventually(running, (count) => count === 1 && double.statements.at(-1)?.includes('count(') === true);
    expect((await ada.client.post(`/queries/${body.id}/cancel`)).status).toBeLessThan(300);
    await eventually(running, (count) => count === 0);
    expect((await ada.client.get<Query>(`/queries/${body.id}`)).body.status).toBe('cancelled');
    expect((await run(endless, { timeout_ms: 300 })).body.error).toMatchObject({ code: 'query_timeout' });
    await eventually(running, (count) => count === 0);
  });

  it('to a source that is combined with files fetch what they must', async () => {
    const arrived = await asked(async () => {
      const sql = `SELECT v.page, c.name FROM visits v JOIN customers c ON c.id = v.customer_id WHERE c.name = 'Bo' ORDER BY 1`;
      const { body } = await run(sql, {}, combined.id);
      expect([body.error, body.rows]).toEqual([
        null,
        [
          ['home', 'Bo'],
          ['shop', 'Bo'],
        ],
      ]);
      expect(body.receipt?.fetched).toMatchObject([
        { data_source_id: source.id, table: 'customers', columns: ['id', 'name'], filters: [`name = 'Bo'`], rows: 1 },
      ]);
    });
    expect(arrived).toEqual([expect.stringMatching(/WHERE .*name.* = 'Bo'/)]);
  });

  it('that the server fails say so, and nothing of its rows', async () => {
    const failing =
      type === 'clickhouse' ? `SELECT toInt32(name) FROM customers` : `SELECT CAST(name AS integer) FROM customers`;
    const { body } = await run(failing);
    expect(body).toMatchObject({ status: 'failed', error: { code: 'query_failed' } });
    expect(JSON.stringify(body.error)).not.toMatch(/Ada|secret/);
  });
});
