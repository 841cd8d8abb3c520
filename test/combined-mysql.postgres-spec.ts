import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Connection } from 'mysql2/promise';
import { type Account, newAccount, type UploadedSource } from './support/client.js';
import { newSource } from './support/data.js';
import { generatedStatements } from './support/generated-statements.js';
import { startMariaDb } from './support/mariadb.mjs';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

const ORDERS = 1500;

/** The default collation takes `paid`, `PAID ` and `Páid` for the same; so does the one of German telephone books. */
const SHOP = `
  CREATE DATABASE shop; USE shop;
  CREATE TABLE orders (id int PRIMARY KEY, customer_id int, ordered_at date, paid_at datetime(6), placed_at timestamp NULL,
    amount decimal(10,2), status varchar(20), code char(6), weight double, urgent boolean,
    latin varchar(20) CHARACTER SET latin1 COLLATE latin1_german2_ci, exact text COLLATE utf8mb4_bin, wide decimal(65,30),
    large bigint unsigned, mood enum('fine', 'Sad'), born year, padded int(8) unsigned zerofill);
  INSERT INTO orders SELECT seq, IF(seq % 10 = 0, NULL, 1 + seq % 4), DATE '2024-01-01' + INTERVAL seq % 700 DAY,
    TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq * 5 HOUR, TIMESTAMP '2024-01-01 00:00:00' + INTERVAL seq * 5 HOUR, seq * 1.25,
    ELT(1 + seq % 11, 'paid', 'Paid', 'open', 'PAID ', 'it''s', 'öre', 'ÖRE', 'ore', CONCAT('o', CHAR(0xCC88 USING utf8mb4), 're'), 'paid  ', NULL),
    CONCAT('c', seq % 5), seq / 7.0, seq % 3 = 0,
    ELT(1 + seq % 5, 'strasse', 'straße', 'STRASSE', 'oere', 'öre'), ELT(1 + seq % 4, 'paid', 'Paid', 'paid ', ''),
    seq / 3, 18446744073709551615 - seq, ELT(1 + seq % 2, 'fine', 'Sad'), 1990 + seq % 30, seq
  FROM seq_1_to_${ORDERS};
  CREATE USER reader IDENTIFIED BY 'reads only'; GRANT SELECT ON shop.* TO reader`;

/** What only MySQL has, and what its comparisons may make of it. */
const ONLY_MYSQL = [
  ['latin', [`'strasse'`, `'straße'`, `'öre'`, `'stra%'`, `'☃'`]],
  ['exact', [`'paid'`, `'paid '`, `'PAID'`, `''`]],
  ['status', [`'paid '`, `'PAID'`, `'ore'`, `'ÖRE'`, `'%d '`, `'paid%'`]],
  ['wide', ['1', '33.5', '200']],
  ['large', ['18446744073709551615', '18446744073709551000', '9223372036854775807', '5']],
  ['mood', [`'fine'`, `'FINE'`, `'Sad'`]],
  ['born', ['1995', '95', '2005']],
  ['padded', ['100', '00000100', '700']],
] as const;

const CUSTOMERS = `id,name,region
1,Ada,north
2,Bob,south
3,Eve,north
4,Kim,west
5,Zoe,east
`;

describe('files combined with a MariaDB database', () => {
  let database: Awaited<ReturnType<typeof startMariaDb>>;
  let server: TestServer;
  let admin: Connection;
  let ada: Account;
  let shop: UploadedSource;
  let combined: UploadedSource;

  beforeAll(async () => {
    [database, server] = await Promise.all([startMariaDb(), startServer({ SOURCE_NETWORKS: 'loopback' })]);
    admin = await database.connect();
    await admin.query(SHOP);
    await newAccount(server.url);
    ada = await newAccount(server.url);
    const connected = await ada.client.post<UploadedSource>('/data-sources', {
      name: 'Shop',
      type: 'mysql',
      host: '127.0.0.1',
      port: database.port,
      database_name: 'shop',
      username: 'reader',
      password: 'reads only',
    });
    expect([connected.status, connected.body]).toEqual([201, expect.objectContaining({ name: 'Shop' })]);
    shop = connected.body;
    const crm = await newSource(ada.client, { 'customers.csv': CUSTOMERS }, { name: 'CRM' });
    const made = await ada.client.post<UploadedSource>('/data-sources', {
      name: 'Everything',
      type: 'combined',
      tables: [
        { data_source_id: crm.id, table: 'customers' },
        { data_source_id: shop.id, table: 'orders' },
      ],
    });
    expect([made.status, made.body]).toEqual([201, expect.objectContaining({ name: 'Everything' })]);
    combined = made.body;
  }, 120_000);

  afterAll(async () => {
    await admin.end();
    await server.stop();
    await removeDataDir(server);
    await database.stop();
  });

  const run = async (sql: string, source = combined): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source.id, sql })).body;

  it('joins them, and fetches only what it must', async () => {
    const query = await run(`SELECT c.region, count(*) FROM customers c JOIN orders o ON o.customer_id = c.id
      WHERE o.status = 'paid' AND o.ordered_at >= DATE '2024-06-01' AND o.amount < 900.5 GROUP BY 1 ORDER BY 1`);
    expect([query.status, query.error]).toEqual(['succeeded', null]);
    expect(query.rows.map(([region]) => region)).toEqual(['north', 'south', 'west']);
    expect(query.receipt?.fetched).toMatchObject([
      {
        data_source_id: shop.id,
        table: 'orders',
        columns: ['customer_id', 'ordered_at', 'amount', 'status'],
        filters: [`status = 'paid'`, `ordered_at >= DATE '2024-06-01'`, 'amount < 900.5'],
      },
    ]);
    const asked = await ada.client.post<Query>('/queries', {
      data_source_id: combined.id,
      question: 'Number of orders by customer name',
    });
    expect(asked.body).toMatchObject({ status: 'succeeded', error: null });
    expect(asked.body.rows).toHaveLength(4);
  });

  it('lets the rules of the database hold', async () => {
    const rules = [
      { table: 'orders', predicate: `status = 'open'`, roles: [] },
      { table: 'orders', column: 'code', mask: 'hide', roles: [] },
    ];
    expect((await ada.client.put(`/data-sources/${shop.id}/rules`, { rules })).status).toBe(200);
    expect((await run('SELECT DISTINCT status, code FROM orders')).rows).toEqual([['open', null]]);
    expect((await run(`SELECT count(*) FROM orders WHERE status = 'paid' OR code = 'c1'`)).rows).toEqual([[0]]);
    expect((await ada.client.put(`/data-sources/${shop.id}/rules`, { rules: [] })).status).toBe(200);
  });

  it('gives the same rows whether a condition is tried at the database first or everything is fetched', async () => {
    // The whole table as a file: what a statement gives over it is what it must give.
    const plain = await newSource(ada.client, { 'customers.csv': CUSTOMERS }, { name: 'Reference' });
    const everything = await run('SELECT * FROM orders');
    expect([everything.row_count, everything.truncated]).toEqual([ORDERS, false]);
    const parquet = await ada.client.raw(`/api/v1/queries/${everything.id}/result?format=parquet`);
    await ada.client.addFiles(plain.id, { 'orders.parquet': new Uint8Array(await parquet.arrayBuffer()) });
    let pushed = 0;
    let failed = 0;
    for (const sql of generatedStatements(100, ONLY_MYSQL)) {
      const [whole, fetched] = await Promise.all([run(sql, plain), run(sql)]);
      expect([sql, fetched.status, fetched.rows]).toEqual([sql, whole.status, whole.rows]);
      if (whole.status !== 'succeeded') failed += 1;
      if ((fetched.receipt?.fetched[0]?.filters.length ?? 0) > 0) pushed += 1;
    }
    expect(pushed).toBeGreaterThan(30);
    expect(failed).toBeLessThan(20);
  }, 120_000);
});
