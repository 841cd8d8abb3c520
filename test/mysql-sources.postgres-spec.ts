import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connection } from 'mysql2/promise';
import { type Account, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { startMariaDb } from './support/mariadb.mjs';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query, Schema } from './support/shapes.js';
import { Stored } from './support/stored.js';

const SHOP = `
  CREATE DATABASE shop; USE shop;
  CREATE TABLE customers (id int PRIMARY KEY, name varchar(50) NOT NULL, country varchar(20), email varchar(50));
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int NOT NULL, ordered_at date NOT NULL, amount decimal(10,2) NOT NULL,
    status varchar(10) NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers (id)) COMMENT 'What people bought';
  INSERT INTO customers VALUES (1, 'Ada', 'UK', 'ada@example.com'), (2, 'Bob', 'US', 'bob@example.com');
  INSERT INTO orders SELECT seq, 1 + seq % 2, DATE '2024-01-01' + INTERVAL seq DAY, seq, IF(seq % 3 = 0, 'open', 'paid')
  FROM seq_1_to_100;
  CREATE TABLE old (id int);
  CREATE USER reader IDENTIFIED BY 'reads only'; GRANT SELECT ON shop.* TO reader`;

describe('a MySQL or MariaDB database as a source', () => {
  let database: Awaited<ReturnType<typeof startMariaDb>>;
  let server: TestServer;
  let admin: Connection;
  let ada: Account;
  let source: UploadedSource & Record<string, unknown>;
  let address: { host: string; port: number; database_name: string; username: string; password: string };

  beforeAll(async () => {
    database = await startMariaDb();
    admin = await database.connect();
    await admin.query(SHOP);
    server = await startServer({ SOURCE_NETWORKS: 'loopback' });
    await newAccount(server.url);
    ada = await newAccount(server.url);
    address = {
      host: '127.0.0.1',
      port: database.port,
      database_name: 'shop',
      username: 'reader',
      password: 'reads only',
    };
    const { status, body } = await ada.client.post<typeof source>('/data-sources', {
      name: 'Shop',
      type: 'mariadb',
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

  it('is tried and read before it is stored, and its password is never told', async () => {
    expect(source).toMatchObject({ type: 'mariadb', status: 'ready', tables_count: 3, username: 'reader' });
    expect(JSON.stringify(source) + server.output()).not.toContain('reads only');
    const tried = await ada.client.post<object>(`/data-sources/${source.id}/test`);
    expect(tried.body).toMatchObject({ ok: true, server_version: expect.stringMatching(/^MariaDB \d+\./) as unknown });
    const twin = await ada.client.post<typeof source>('/data-sources', { name: 'Twin', type: 'mysql', ...address });
    expect([twin.status, twin.body.type]).toEqual([201, 'mysql']);
  });

  it('has its password nowhere in the database but encrypted, whatever was recorded', async () => {
    await ada.client.put<Problem>(`/data-sources/${source.id}/connection`, { password: 'not the one' });
    const stored = await Stored.embedded(server.dataDir);
    for (const text of ['reads only', 'not the one']) expect(await stored.tablesHolding(text)).toEqual([]);
    expect(await stored.tablesHolding('127.0.0.1')).toEqual(expect.arrayContaining(['audit_trails', 'data_sources']));
    const [row] = await stored.rows<{ password_encrypted: string }>('SELECT password_encrypted FROM data_sources');
    expect(row?.password_encrypted).toMatch(/^v1\./);
    await stored.close();
  });

  it('has the tables, types, comments and keys of the database', async () => {
    const { body } = await ada.client.get<Schema>(`/data-sources/${source.id}/schema`);
    expect(body.tables.map(({ name }) => name).sort()).toEqual(['customers', 'old', 'orders']);
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

  it('says when its schema has changed, and which kept queries and charts that breaks', async () => {
    const run = async (sql: string): Promise<number> =>
      (await ada.client.post<Query>('/queries', { data_source_id: source.id, sql })).body.id;
    const [verified, charted, sound] = [
      await run('SELECT sum(amount) FROM orders'),
      await run('SELECT email FROM customers'),
      await run('SELECT status FROM orders'),
    ];
    const stored = await Stored.embedded(server.dataDir);
    await stored.rows(
      `INSERT INTO verified_queries (data_source_id, query_id, question, sql)
       SELECT $1, id, 'All of ' || id, 'x' FROM unnest($2::integer[]) AS kept (id)`,
      [source.id, [verified, sound]],
    );
    await stored.rows(
      `WITH board AS (INSERT INTO dashboards (user_id, name) VALUES ($1, 'Sales') RETURNING id)
       INSERT INTO charts (dashboard_id, query_id, name, type) SELECT id, $2, 'Emails', 'table' FROM board`,
      [ada.id, charted],
    );
    const [chart] = await stored.rows<{ id: number }>('SELECT id FROM charts WHERE query_id = $1', [charted]);
    await stored.close();
    await admin.query(`
      ALTER TABLE orders MODIFY amount double NOT NULL; ALTER TABLE customers DROP COLUMN email;
      ALTER TABLE orders ADD COLUMN note text; CREATE TABLE invoices (id int); DROP TABLE old`);
    const { status, body } = await ada.client.post<object>(`/data-sources/${source.id}/refresh`);
    expect([status, body]).toEqual([
      200,
      {
        added_tables: ['invoices'],
        removed_tables: ['old'],
        added_columns: [{ table: 'orders', column: 'note' }],
        removed_columns: [{ table: 'customers', column: 'email' }],
        retyped_columns: [{ table: 'orders', column: 'amount', from: 'decimal(10,2)', to: 'double' }],
        broken_queries: [
          { id: verified, title: 'SELECT sum(amount) FROM orders', missing: ['orders.amount'] },
          { id: charted, title: 'SELECT email FROM customers', missing: ['customers.email'] },
        ],
        broken_charts: [{ id: chart?.id, title: 'Emails, on Sales', missing: ['customers.email'] }],
      },
    ]);
  });

  it.each<[object, number, string]>([
    [{ password: 'wrong' }, 422, 'source_refused'],
    [{ database_name: 'nothing' }, 422, 'source_refused'],
    [{ port: 1 }, 503, 'source_unreachable'],
    [{ host: 'no-such-host.invalid' }, 503, 'source_unreachable'],
    [{ host: '169.254.169.254' }, 422, 'source_address_not_allowed'],
    [{ host: '/tmp/mysql.sock' }, 422, 'source_address_not_allowed'],
    [{ ssl_mode: 'require' }, 422, 'source_tls_failed'],
    [{ options: { flags: '+LOCAL_FILES' } }, 422, 'source_option_not_allowed'],
  ])('is refused with %j', async (change, status, code) => {
    const answer = await ada.client.post<Problem>('/data-sources', {
      name: 'Other',
      type: 'mysql',
      ...address,
      ...change,
    });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(JSON.stringify(answer.body)).not.toContain('reads only');
  });
});
