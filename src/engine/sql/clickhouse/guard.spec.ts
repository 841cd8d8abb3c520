import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SqlGuard } from '../guard.js';
import { check, RULED, verdict } from '../select/guard.fixture.js';
import { createClickHouseGuard } from './guard.js';

let guard: SqlGuard;

beforeAll(async () => {
  guard = await createClickHouseGuard();
});

describe('the ClickHouse guard refuses', () => {
  it.each([
    'INSERT INTO orders SELECT * FROM orders',
    'WITH 1 AS x INSERT INTO orders SELECT x',
    'ALTER TABLE orders UPDATE total = 0 WHERE 1',
    'SYSTEM SHUTDOWN',
    'SHOW TABLES',
    'EXISTS TABLE orders',
    'CHECK TABLE orders',
    'WATCH orders',
    'EXPLAIN ANALYZE SELECT 1',
    'EXPLAIN QUERY TREE SELECT 1',
    'FROM orders SELECT id',
  ])('what is no read that is known: %s', async (sql) => {
    expect(await verdict(guard, sql)).toMatch(/^sql_(not_read_only|construct_not_allowed|invalid)$/);
  });

  it.each([
    'SELECT 1 FORMAT JSON',
    'SELECT id FROM orders LIMIT 1 FORMAT Null',
    'SELECT 1 SETTINGS max_threads = 1',
    'SELECT id FROM (SELECT id FROM orders SETTINGS final = 1)',
    `SELECT 1 INTO OUTFILE 'x'`,
    'SELECT id FROM orders SAMPLE 0.1',
    'SELECT $$x$$',
    'SELECT {x:String}',
    'SELECT id IN orders FROM orders',
    'SELECT id IN (customers) FROM orders',
    'SELECT id GLOBAL NOT IN ((customers)) FROM orders',
    'SELECT id IN secret::String FROM orders',
    'WITH x AS (SELECT 1) SELECT 1 IN x',
    'SELECT * APPLY(sum) FROM orders',
    String.raw`SELECT '\x41'`,
    'WITH RECURSIVE t AS (SELECT 1) SELECT 1',
    'SELECT tuple(*) FROM orders',
  ])('parts that are no read of rows: %s', async (sql) => {
    expect(await verdict(guard, sql)).toBe('sql_construct_not_allowed');
  });

  it.each([
    `executable('x.sh', TSV, 'a String')`,
    `sqlite('/x', 't')`,
    `hdfs('hdfs://x', 'TSV', 'a String')`,
    `redis('h:1', 'k', 'k String')`,
    `iceberg('http://x')`,
    `input('a String')`,
    'zeros(10)',
    'numbers_mt(10)',
    `view(SELECT 1)`,
    'system.one()',
    `generateRandom('a UInt8')`,
  ])('functions in FROM: %s', async (call) => {
    expect(await verdict(guard, `SELECT * FROM ${call}`)).toBe('sql_function_not_allowed');
    expect(await verdict(guard, `SELECT 1 FROM orders JOIN ${call} AS x ON 1`)).toBe('sql_function_not_allowed');
    expect(await verdict(guard, `SELECT 1 WHERE 1 IN (SELECT 1 FROM ${call})`)).toBe('sql_function_not_allowed');
  });

  it.each([
    `dictGetOrDefault('d', 'a', 1, 2)`,
    `joinGet('t', 'c', 1)`,
    'sleepEachRow(1)',
    'currentUser()',
    'hostName()',
    `getSetting('x')`,
    `getMacro('x')`,
    `throwIf(1)`,
    `hasColumnInTable('shop', 'orders', 'x')`,
    `evalMLMethod(1)`,
    `addressToLine(1)`,
    `formatRow('CSV', 1)`,
    'sleepIf(1)',
    'globalIn(1, secret)',
    'nothing()',
    'db.f(1)',
  ])('functions that do more than compute: %s', async (call) => {
    expect(await verdict(guard, `SELECT ${call}`)).toMatch(/^sql_(function|construct)_not_allowed$/);
  });

  it.each(['system.tables', 'INFORMATION_SCHEMA.tables', 'other.orders', '`shop.orders`', 'Orders', 'ORDERS'])(
    'tables outside of the scope: %s',
    async (table) => {
      expect(await verdict(guard, `SELECT 1 FROM ${table}`)).toBe('sql_table_not_allowed');
      expect(await verdict(guard, `WITH (SELECT 1 FROM ${table}) AS x SELECT x`)).toBe('sql_table_not_allowed');
      expect(await verdict(guard, `SELECT 1 LIMIT 1 BY (SELECT 1 FROM ${table})`)).toBe('sql_table_not_allowed');
      expect(await verdict(guard, `SELECT arrayMap(x -> (SELECT 1 FROM ${table}), [1])`)).toBe('sql_table_not_allowed');
      expect(await verdict(guard, `SELECT 1 FROM orders ARRAY JOIN [(SELECT 1 FROM ${table})] AS x`)).toBe(
        'sql_table_not_allowed',
      );
    },
  );

  it.each([
    'SELECT _part FROM orders',
    'SELECT Id FROM orders',
    'SELECT o.`x.id` FROM orders o',
    'SELECT secret.x FROM orders',
  ])('columns that the scope does not have: %s', async (sql) => {
    expect(await verdict(guard, sql)).toBe('sql_invalid');
  });
});

describe('the ClickHouse guard prints', () => {
  it.each([
    ['SELECT quantile(0.9)(total) FROM orders', 'SELECT quantile(0.9)(`total`) FROM `shop`.`orders`'],
    [
      'SELECT sumIf(total, id > 1) AS s, s / 2 AS h FROM orders PREWHERE id = 1 WHERE s > 1',
      'SELECT sumIf(`total`, `id` > 1) AS `s`, `s` / 2 AS `h` FROM `shop`.`orders` WHERE (`id` = 1) AND (`s` > 1)',
    ],
    ['SELECT arrayMap((x, y) -> x + y, [1], [2])', 'SELECT arrayMap((`x`, `y`) -> `x` + `y`, [1], [2])'],
    [
      String.raw`SELECT 'a\'b\\', 'c\d', "id" FROM orders`,
      String.raw`SELECT 'a''b\\', 'c\\d', ${'`id`'} FROM ${'`shop`.`orders`'}`,
    ],
    [
      'SELECT (1, 2).1, [1][1], 1::Nullable(Int8), CAST(1 AS Array(String))',
      'SELECT (1, 2).1, [1][1], 1::Nullable(Int8), CAST(1 AS Array(String))',
    ],
    [
      'SELECT id FROM orders FINAL ORDER BY id WITH FILL FROM 1 TO 9 LIMIT 2 BY id LIMIT 1, 3',
      'SELECT `id` FROM `shop`.`orders` FINAL ORDER BY `id` WITH FILL FROM 1 TO 9 LIMIT 2 BY `id` LIMIT 3 OFFSET 1',
    ],
    [
      'SELECT 1 FROM orders o GLOBAL ANY LEFT JOIN customers c USING id',
      'SELECT 1 FROM `shop`.`orders` AS `o` GLOBAL ANY LEFT JOIN `shop`.`customers` AS `c` USING (`id`)',
    ],
    ['SELECT props.a FROM events', 'SELECT `props`.`a` FROM `shop`.`events`'],
    ['EXPLAIN PLAN indexes = 1 SELECT 1', 'EXPLAIN PLAN indexes = 1 SELECT 1'],
  ])('%s', async (sql, printed) => {
    expect((await check(guard, sql)).shownSql).toBe(printed);
  });

  it('CTEs where they are referred to, since a setting decides which sub-queries see them', async () => {
    const sql =
      'WITH secret AS (SELECT id FROM orders) SELECT * FROM secret UNION ALL SELECT * FROM (SELECT * FROM secret)';
    const { sql: printed, shownSql } = await check(guard, sql);
    expect(shownSql).toMatch(/^WITH `secret` AS/);
    expect(printed).not.toMatch(/WITH|FROM `secret`/);
    expect(printed.match(/AS `secret`/g)).toHaveLength(2);
  });

  it('no CTEs that grow without end', async () => {
    const ctes = Array.from({ length: 30 }, (_, index) => `t${index + 1} AS (SELECT 1 FROM t${index} a, t${index} b)`);
    const sql = `WITH t0 AS (SELECT 1), ${ctes.join(', ')} SELECT 1 FROM t30`;
    expect(await verdict(guard, sql)).toBe('sql_too_large');
  });

  it('tables as sub-selects, so that no alias leads to a column outside of the scope', async () => {
    const { sql } = await check(guard, 'SELECT hidden AS seen, seen AS hidden, n.id FROM orders AS n');
    expect(sql).toMatch(/FROM \(SELECT `orders`.`id` AS `id`, .* FROM `shop`.`orders`\) AS `n`$/);
  });
});

describe('row rules and masks in ClickHouse', () => {
  it.each([
    'SELECT * FROM orders',
    'SELECT 1 FROM customers c LEFT JOIN orders o ON o.id = c.id',
    'WITH x AS (SELECT * FROM orders) SELECT 1 FROM x',
    'WITH (SELECT max(id) FROM orders) AS m SELECT m',
    'SELECT 1 WHERE 1 IN (SELECT id FROM orders)',
    'SELECT 1 FROM orders FINAL',
  ])('hold wherever the table stands: %s', async (sql) => {
    const { sql: printed, shownSql } = await check(guard, sql, RULED);
    expect(shownSql).not.toContain('region');
    expect(printed).toMatch(
      /FROM `shop`.`orders`( FINAL)? WHERE \(`orders`.`region` = 'EU' OR .*\) AND \(`orders`.`total` < 1000\) LIMIT 9223372036854775807\) AS/,
    );
  });

  it('are conditions over one row', async () => {
    const table = { name: 'orders', columns: ['id', 'region'] };
    expect(await guard.checkPredicate(`region IN ('EU', 'US')`, table)).toBe("`orders`.`region` IN ('EU', 'US')");
    for (const rule of [
      'id IN customers',
      'count() > 1',
      'arrayExists(x -> 1, [id])',
      'id = 1 SETTINGS x = 1',
      'rand() = 1',
      'sumIf(id, 1) > 0',
    ]) {
      await expect(guard.checkPredicate(rule, table)).rejects.toMatchObject({ name: 'EngineError' });
    }
  });
});
