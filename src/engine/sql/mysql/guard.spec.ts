import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SqlGuard } from '../guard.js';
import { check, RULED, TABLES, verdict } from '../select/guard.fixture.js';
import { createMySqlGuard } from './guard.js';

let guard: SqlGuard;

beforeAll(async () => {
  guard = await createMySqlGuard();
});

describe('the MySQL guard refuses', () => {
  it.each([
    ['sql_not_read_only', `REPLACE INTO orders VALUES (1)`],
    ['sql_not_read_only', `INSERT orders SELECT * FROM orders`],
    ['sql_not_read_only', `WITH x AS (SELECT 1) UPDATE orders SET total = 0`],
    ['sql_not_read_only', `WITH x AS (DELETE FROM orders) SELECT 1`],
    ['sql_not_read_only', `HANDLER orders OPEN`],
    ['sql_not_read_only', `CALL mysql.rds_kill(1)`],
    ['sql_not_read_only', `DESCRIBE orders`],
    ['sql_not_read_only', `SHOW VARIABLES`],
    ['sql_not_read_only', `EXPLAIN ANALYZE SELECT 1`],
    ['sql_not_read_only', `EXPLAIN UPDATE orders SET total = 0`],
    ['sql_not_read_only', `BEGIN NOT ATOMIC SELECT 1; END`],
    ['sql_not_read_only', `LOCK TABLES orders WRITE`],
    ['sql_multiple_statements', `SELECT 1; SELECT 2`],
    ['sql_multiple_statements', `SELECT 1;; DO 1`],
    ['sql_multiple_statements', `SELECT ';' ; DROP TABLE orders`],
  ])('what is no single read (%s): %s', async (code, sql) => {
    expect(await verdict(guard, sql)).toBe(code);
  });

  it.each([
    [`SELECT /*!99999 1 + */ 1`],
    [`SELECT 1 /*M!100100 UNION SELECT 2 */`],
    [`SELECT 1 /* a */ /*!*/`],
    [`SELECT /*+ SET_VAR(sql_mode='ANSI_QUOTES') */ 1`],
    [`SELECT /*+ NO_MERGE(orders) MAX_EXECUTION_TIME(1) */ 1`],
    [`SELECT /*+ RESOURCE_GROUP(x) */ 1`],
    [`SELECT @@version`],
    [`SELECT @x := 1`],
    [`SELECT 1 INTO OUTFILE '/tmp/x'`],
    [`SELECT 1 INTO DUMPFILE '/tmp/x'`],
    [`SELECT id INTO x FROM orders`],
    [`SELECT id FROM orders INTO OUTFILE '/tmp/x'`],
    [`SELECT id FROM orders LIMIT 1 INTO OUTFILE '/tmp/x'`],
    [`SELECT id FROM orders FOR SHARE`],
    [`SELECT id FROM orders FOR UPDATE SKIP LOCKED`],
    [`SELECT id FROM orders LOCK IN SHARE MODE`],
    [`SELECT id FROM orders PROCEDURE ANALYSE()`],
    [`SELECT id FROM orders PARTITION (p0)`],
    [`SELECT id FROM orders FORCE INDEX (x)`],
    [`SELECT SQL_CALC_FOUND_ROWS id FROM orders`],
    [`SELECT HIGH_PRIORITY id FROM orders`],
    [`SELECT _utf8mb4'x'`],
    [`SELECT X'41'`],
    [`SELECT CURRENT_USER`],
    [`SELECT "a""b"`],
    [`SELECT {d '2024-01-01'}`],
    [`SELECT ?`],
    [`SELECT INTERVAL 1 ROMAN_NUMERAL`],
    [`SELECT CAST(1 AS GEOMETRY)`],
  ])('parts that are no read of rows: %s', async (sql) => {
    expect(await verdict(guard, sql)).toBe('sql_construct_not_allowed');
  });

  it.each([
    'sleep(1)',
    'SLEEP (1)',
    'benchmark(1, 1)',
    'get_lock("a", 1)',
    'release_all_locks()',
    'load_file("/etc/passwd")',
    'user()',
    'database()',
    'version()',
    'connection_id()',
    'last_insert_id(5)',
    'sys_exec("id")',
    'extractvalue(1, concat(0x7e, 1))',
    'nextval(s)',
    'mysql.secret()',
    '`sleep`(1)',
    'name_const("a", 1)',
    'values(id)',
  ])('functions that do more than compute: %s', async (call) => {
    expect(await verdict(guard, `SELECT ${call} FROM orders`)).toMatch(/^sql_(function|construct)_not_allowed$/);
    expect(await verdict(guard, `SELECT 1 FROM orders WHERE (SELECT ${call}) = 1`)).not.toBe('passed');
  });

  it.each([
    'mysql.user',
    'information_schema.tables',
    'INFORMATION_SCHEMA.`TABLES`',
    'performance_schema.threads',
    'other.orders',
    'def.shop.orders',
    '`shop.orders`',
    'missing',
    'x',
  ])('tables outside of the scope: %s', async (table) => {
    expect(await verdict(guard, `SELECT 1 FROM ${table}`)).toBe('sql_table_not_allowed');
    expect(await verdict(guard, `SELECT (SELECT 1 FROM ${table})`)).toBe('sql_table_not_allowed');
    expect(await verdict(guard, `SELECT 1 FROM orders HAVING (SELECT 1 FROM ${table})`)).toBe('sql_table_not_allowed');
    expect(await verdict(guard, `SELECT 1 ORDER BY (SELECT 1 FROM ${table})`)).toBe('sql_table_not_allowed');
    expect(await verdict(guard, `SELECT 1 LIMIT (SELECT 1 FROM ${table})`)).toBe('sql_table_not_allowed');
    expect(await verdict(guard, `WITH y AS (SELECT 1 FROM ${table}) SELECT 1`)).toBe('sql_table_not_allowed');
  });

  it.each([
    `SELECT secret FROM orders`,
    `SELECT orders.secret FROM orders`,
    `SELECT o.id FROM orders`,
    `SELECT 1 FROM orders o WHERE o.secret = 1`,
    `SELECT 1 FROM orders ORDER BY secret`,
    `SELECT 1 FROM orders JOIN customers USING (secret)`,
    `SELECT 1 FROM orders JOIN customers ON secret = 1`,
    `SELECT SUM(id) OVER (ORDER BY secret) FROM orders`,
    `SELECT nothing.* FROM orders`,
    `SELECT id FROM (SELECT id AS a FROM orders) t`,
    `WITH t(a) AS (SELECT id FROM orders) SELECT id FROM t`,
  ])('columns that the scope does not have: %s', async (sql) => {
    expect(await verdict(guard, sql)).toBe('sql_invalid');
  });

  it.each([
    ['brackets', `SELECT ${'('.repeat(150)}1${')'.repeat(150)}`],
    ['CASE', `SELECT ${'CASE WHEN '.repeat(5000)}1`],
    ['functions', `SELECT ${'ABS('.repeat(180)}1${')'.repeat(180)}`],
    ['sub-queries', `SELECT * FROM ${'(SELECT * FROM '.repeat(160)}orders${') t'.repeat(160)}`],
    ['tables', `SELECT 1 FROM ${Array.from({ length: 600 }, (_, index) => `orders t${index}`).join()}`],
    ['text', `SELECT '${'x'.repeat(100_001)}'`],
  ])('too much of something, at once: %s', async (_what, sql) => {
    const started = performance.now();
    expect(await verdict(guard, sql)).toBe('sql_too_large');
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it.each([
    ['signs', `SELECT ${'-'.repeat(300)}1`],
    ['NOT', `SELECT ${'NOT '.repeat(20_000)}1`],
    ['a chain', `SELECT 1${' + 1'.repeat(20_000)}`],
    ['an open bracket', `SELECT (((`],
    ['an open string', `SELECT '`],
    ['an open name', 'SELECT `'],
    ['an open comment', 'SELECT 1 /*'],
    ['half a character', `SELECT '\ud800'`],
    ['nothing', ' ; '],
  ])('or reads, without failing, %s', async (_what, sql) => {
    expect(await verdict(guard, sql)).toMatch(/^(passed|sql_\w+)$/);
  });
});

describe('the MySQL guard prints', () => {
  it.each([
    [
      `select id, sum(total) s from orders where status in ('a', "b") group by id having s > 1 order by s desc limit 5, 10`,
      "SELECT `id`, sum(`total`) AS `s` FROM `shop`.`orders` WHERE `status` IN ('a', 'b') GROUP BY `id` HAVING `s` > 1 ORDER BY `s` DESC LIMIT 10 OFFSET 5",
    ],
    ['SELECT 1--1', 'SELECT 1 - -1'],
    ['SELECT 1 -- 1', 'SELECT 1'],
    ['SELECT 1 # x', 'SELECT 1'],
    ['SELECT /*+ BKA(orders) */ STRAIGHT_JOIN id FROM orders', 'SELECT STRAIGHT_JOIN `id` FROM `shop`.`orders`'],
    [`SELECT 'a''b', 'a\\'b', 'a\\\\', "it's", 'x' 'y'`, `SELECT 'a''b', 'a''b', 'a\\\\', 'it''s', 'xy'`],
    [`SELECT '\\'; DROP TABLE orders; -- '`, `SELECT '''; DROP TABLE orders; -- '`],
    ['SELECT `id` AS `a``b` FROM `orders`', 'SELECT `id` AS `a``b` FROM `shop`.`orders`'],
    [`SELECT props->>'$.a' FROM events`, "SELECT JSON_UNQUOTE(JSON_EXTRACT(`props`, '$.a')) FROM `shop`.`events`"],
    ['SELECT shop.orders.id FROM shop.orders', 'SELECT `orders`.`id` FROM `shop`.`orders`'],
    ['SELECT o.id FROM sales.orders o', 'SELECT `o`.`id` FROM `sales`.`orders` AS `o`'],
    ['SELECT ORDERS.ID FROM orders', 'SELECT `ORDERS`.`ID` FROM `shop`.`orders`'],
    ['(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1', '(SELECT 1) UNION ALL (SELECT 2) ORDER BY 1'],
    ['SELECT ((SELECT 1) + 1)', 'SELECT ((SELECT 1) + 1)'],
    ['SELECT 1 FROM DUAL', 'SELECT 1'],
    [
      `SELECT TIMESTAMPDIFF(DAY, placed_at, NOW()), placed_at + INTERVAL 1 MONTH, TRIM(LEADING 'x' FROM status) FROM orders`,
      "SELECT TIMESTAMPDIFF(DAY, `placed_at`, NOW()), `placed_at` + INTERVAL 1 MONTH, TRIM(LEADING 'x' FROM `status`) FROM `shop`.`orders`",
    ],
    [
      'SELECT MEDIAN(total) OVER (PARTITION BY status ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM orders',
      'SELECT MEDIAN(`total`) OVER (PARTITION BY `status` ORDER BY `id` ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM `shop`.`orders`',
    ],
    ['EXPLAIN FORMAT=JSON SELECT 1', 'EXPLAIN FORMAT = JSON SELECT 1'],
  ])('%s', async (sql, printed) => {
    expect((await check(guard, sql)).shownSql).toBe(printed);
  });

  it('what it prints is printed the same once more', async () => {
    const { shownSql } = await check(guard, 'WITH t AS (SELECT * FROM orders) SELECT * FROM t NATURAL JOIN customers');
    expect((await check(guard, shownSql)).shownSql).toBe(shownSql);
  });

  it('tables and columns that are read', async () => {
    const { tables, columns } = await check(
      guard,
      'SELECT c.name FROM customers c JOIN orders o ON o.customer_id = c.id WHERE o.total > 1',
    );
    expect(tables).toEqual(['customers', 'orders']);
    expect(columns).toEqual([
      { table: 'orders', column: 'customer_id' },
      { table: 'customers', column: 'id' },
      { table: 'customers', column: 'name' },
      { table: 'orders', column: 'total' },
    ]);
  });

  it('a CTE where there is one, and the table of that name only inside of it', async () => {
    const { sql, tables } = await check(guard, 'WITH orders AS (SELECT id FROM orders) SELECT * FROM orders');
    expect(tables).toEqual(['orders']);
    expect(sql).toMatch(/FROM `orders`$/);
    expect(await verdict(guard, 'WITH x AS (SELECT * FROM x) SELECT 1')).toBe('sql_table_not_allowed');
  });

  it('every table as a sub-select of the columns of the scope', async () => {
    const { sql } = await check(guard, 'SELECT * FROM customers AS c');
    expect(sql).toBe(
      'SELECT * FROM (SELECT `customers`.`id` AS `id`, `customers`.`name` AS `name`, `customers`.`email` AS `email`, `customers`.`country` AS `country` FROM `shop`.`customers`) AS `c`',
    );
  });
});

describe('row rules and masks in MySQL', () => {
  it('are in what runs, behind a limit that keeps them apart, and not in what is shown', async () => {
    const { sql, shownSql, rules } = await check(guard, 'SELECT * FROM orders', RULED);
    expect(shownSql).toBe('SELECT * FROM `shop`.`orders`');
    expect(sql).toContain(
      "WHERE (`orders`.`region` = 'EU' OR `orders`.`status` = 'open') AND (`orders`.`total` < 1000) LIMIT 18446744073709551615) AS `orders`",
    );
    expect(sql).toContain('CASE WHEN FALSE THEN `orders`.`total` END AS `total`');
    expect(sql).toMatch(/SHA2\(CONCAT\('[0-9a-f]{64}:', CONVERT\(`orders`.`customer_id` USING utf8mb4\)\), 256\)/);
    expect(rules).toHaveLength(4);
  });

  it.each([
    'SELECT 1 FROM customers c JOIN orders o ON o.id = c.id',
    'SELECT (SELECT MAX(id) FROM orders)',
    'SELECT 1 FROM customers WHERE id IN (SELECT id FROM orders)',
    'WITH x AS (SELECT * FROM orders) SELECT 1 FROM customers',
    'SELECT 1 UNION SELECT id FROM orders',
    'SELECT 1 FROM customers, LATERAL (SELECT id FROM orders) t',
    'SELECT 1 FROM customers HAVING EXISTS (SELECT 1 FROM orders)',
    'SELECT 1 FROM (customers CROSS JOIN (SELECT id FROM orders) t)',
  ])('hold wherever the table stands: %s', async (sql) => {
    const { sql: printed, rules } = await check(guard, sql, RULED);
    expect(printed).toContain("`orders`.`region` = 'EU'");
    expect(rules).toContainEqual({ table: 'orders', kind: 'row' });
  });

  it('are not in the names that the server gives to outputs', async () => {
    const { sql } = await check(guard, 'SELECT (SELECT COUNT(*) FROM orders)', RULED);
    expect(sql).toMatch(/ AS `\(SELECT COUNT\(\*\) FROM shop.orders\)`$/);
  });

  it('are not explained', async () => {
    expect(await verdict(guard, 'EXPLAIN SELECT * FROM orders', RULED)).toBe('sql_construct_not_allowed');
    expect(await verdict(guard, 'EXPLAIN SELECT * FROM customers', RULED)).toBe('passed');
  });

  it.each([[`region = 'EU'`], ['id > 5 -- five']])('are conditions over one row: %s', async (rule) => {
    const printed = await guard.checkPredicate(rule, { name: 'sales.orders', columns: ['id', 'region'] });
    expect(printed).toMatch(/^`orders`\.`(id|region)` /);
  });

  it.each([
    '1) OR (1',
    'id = 1; DROP TABLE orders',
    'secret = 1',
    'customers.id = 1',
    'id IN (SELECT 1)',
    'EXISTS (SELECT 1)',
    'COUNT(*) > 1',
    'ROW_NUMBER() OVER () = 1',
    'RAND() < 1',
    'SLEEP(1)',
    '@a = 1',
    'id = 1 /*! OR 1 */',
    '*',
    '',
  ])('are nothing else: %s', async (rule) => {
    await expect(guard.checkPredicate(rule, TABLES[0] ?? { name: '', columns: [] })).rejects.toMatchObject({
      name: 'EngineError',
    });
  });

  it('that cannot be used stop the statement', async () => {
    const tables = [{ name: 'orders', columns: ['id'], rowRules: ['id = 1) OR (1 = 1'] }];
    await expect(check(guard, 'SELECT id FROM orders', tables)).rejects.toThrow(/row rule of the table orders/);
  });
});

describe('columns that are called as what every object has', () => {
  const races = { name: 'races', columns: ['id', 'constructor', '__proto__'] };

  it('are read as any other', async () => {
    const { sql } = await check(guard, 'SELECT constructor FROM races', [races]);
    expect(sql).not.toContain('undefined');
  });

  it('can be masked', async () => {
    const masks = Object.fromEntries([['__proto__', 'hide' as const]]);
    const { rules } = await check(guard, 'SELECT id FROM races', [{ ...races, masks }]);
    expect(rules).toEqual([{ table: 'races', kind: 'mask', column: '__proto__' }]);
  });
});
