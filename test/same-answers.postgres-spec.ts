import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { BICYCLE_FILES, bicycleSql } from './support/bicycle-shop.js';
import { type Account, newAccount, type UploadedSource } from './support/client.js';
import { newSource } from './support/data.js';
import { startMariaDb } from './support/mariadb.mjs';
import { startPostgres } from './support/postgres.mjs';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

const QUESTIONS = [
  'How many orders are there?',
  'How many customers are in Spain?',
  'How many orders per month in 2025?',
  'Number of orders by year',
  'Number of orders per week in March 2026',
  'Number of orders per quarter',
  'Number of orders per day in May 2025',
  'Number of orders by channel and year',
  'Number of orders by status',
  'Top 5 products by quantity sold',
  'Top 3 countries by number of customers',
  'Which cities have the most customers?',
  'Which product is the most expensive?',
  'What is the average list price of each category?',
  'What is the median list price?',
  'Median list price by category',
  'Highest list price by brand',
  'Total quantity by category',
  'Total quantity in 2025 by month',
  'How many orders did customers from the United Kingdom place per year?',
  'How many orders were cancelled in 2025?',
  'What percentage of orders are completed?',
  'How many orders are not completed?',
  'Which products cost more than 2000?',
  'Products that cost between 100 and 200',
  'How many orders were returned per month in 2026?',
  'How many customers signed up in 2025, by segment?',
  'How many customers signed up before 2023?',
  'Customers who signed up since June 2026',
  'customers whose name starts with "A"',
  'products whose name contains "city"',
  'how many different brands are there',
  'brands with more than 3 products',
  'products above the average list price',
  'Which customers have no orders?',
  'customers with more than 40 orders',
  'newest customer',
  'most common status',
  'average quantity per order item by channel',
  'products by list price',
  'How many customers in Madrid or Barcelona?',
  'orders on 2025-09-10',
  'number of orders by day of week',
  'Which country has the most orders?',
];

/** Statements that mean the same wherever they are run. */
const STATEMENTS = [
  `SELECT country, count(*) AS n, min(signed_up_on), max(signed_up_on) FROM customers GROUP BY country HAVING count(*) > 10`,
  `WITH spent AS (SELECT o.customer_id, sum(i.quantity * i.unit_price) AS amount FROM orders o JOIN order_items i ON i.order_id = o.id
   GROUP BY o.customer_id) SELECT c.name, amount FROM spent JOIN customers c ON c.id = spent.customer_id ORDER BY amount DESC, c.name LIMIT 10`,
  `SELECT status, CASE WHEN channel IN ('web', 'marketplace') THEN 'online' ELSE 'other' END AS way, count(DISTINCT customer_id)
   FROM orders WHERE ordered_at >= TIMESTAMP '2025-01-01 00:00:00' GROUP BY 1, 2`,
  `SELECT p.category FROM products p WHERE EXISTS (SELECT 1 FROM order_items i WHERE i.product_id = p.id AND i.quantity > 4)
   UNION SELECT brand FROM products WHERE list_price IS NULL OR list_price > 3000`,
  `SELECT * FROM (SELECT name, list_price, rank() OVER (PARTITION BY category ORDER BY list_price DESC) AS place FROM products) AS ranked
   WHERE place <= 2`,
  `SELECT coalesce(nullif(city, 'Glasgow'), '-') AS city, upper(segment), length(name) FROM customers WHERE name LIKE 'P%'`,
  `SELECT count(*) FROM customers c LEFT JOIN orders o ON o.customer_id = c.id AND o.status = 'returned' WHERE o.id IS NULL`,
];

/** Numbers are rounded: whether an average is a decimal or a floating-point number differs. */
const plain = (cell: unknown): unknown => {
  if (typeof cell === 'string' && /^-?\d+(\.\d+)?$/.test(cell)) return plain(Number(cell));
  if (typeof cell === 'number') return Number(cell.toPrecision(5));
  return typeof cell === 'string' ? cell.replace(/[ T]00:00:00(\.0+)?Z?$/, '') : cell;
};
const comparable = (rows: unknown[][]): string[] => rows.map((row) => JSON.stringify(row.map(plain))).sort();

describe('the same data as files, in PostgreSQL and in MariaDB', () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let mariadb: Awaited<ReturnType<typeof startMariaDb>>;
  let server: TestServer;
  let ada: Account;
  let files: UploadedSource;
  const databases: UploadedSource[] = [];

  beforeAll(async () => {
    [postgres, mariadb, server] = await Promise.all([
      startPostgres(),
      startMariaDb(),
      startServer({ SOURCE_NETWORKS: 'loopback' }),
    ]);
    const url = new URL(await postgres.createDatabase('bicycles'));
    const owner = new pg.Client(url.href);
    await owner.connect();
    await owner.query(
      `${bicycleSql('timestamp')} CREATE ROLE reader LOGIN PASSWORD 'reads only'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader`,
    );
    await owner.end();
    const root = await mariadb.connect();
    await root.query(
      `CREATE DATABASE bicycles; USE bicycles; ${bicycleSql('datetime')}
       CREATE USER reader IDENTIFIED BY 'reads only'; GRANT SELECT ON bicycles.* TO reader`,
    );
    await root.end();
    await newAccount(server.url);
    ada = await newAccount(server.url);
    files = await newSource(ada.client, { ...BICYCLE_FILES }, { name: 'Files' });
    for (const [type, port] of [
      ['postgres', Number(url.port)],
      ['mariadb', mariadb.port],
    ] as const) {
      const { status, body } = await ada.client.post<UploadedSource>('/data-sources', {
        name: type,
        type,
        host: '127.0.0.1',
        port,
        database_name: 'bicycles',
        username: 'reader',
        password: 'reads only',
      });
      expect([status, body]).toEqual([201, expect.objectContaining({ tables_count: 4, row_count: files.row_count })]);
      databases.push(body);
    }
  }, 120_000);

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await Promise.all([postgres.stop(), mariadb.stop()]);
  });

  const query = async (source: UploadedSource, asked: object): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source.id, ...asked })).body;

  const expectSame = async (asked: object): Promise<void> => {
    const [reference, ...answers] = await Promise.all([files, ...databases].map((source) => query(source, asked)));
    expect(reference).toMatchObject({ status: 'succeeded', error: null });
    expect(reference?.rows).not.toEqual([]);
    for (const answer of answers) {
      expect([answer.sql, answer.status, answer.error]).toEqual([answer.sql, 'succeeded', null]);
      expect([answer.sql, ...comparable(answer.rows)]).toEqual([answer.sql, ...comparable(reference?.rows ?? [])]);
    }
  };

  it.each(QUESTIONS)('answers the same to: %s', async (question) => {
    await expectSame({ question });
  });

  it.each(STATEMENTS)('gives the same rows for: %s', async (sql) => {
    await expectSame({ sql });
  });
});
