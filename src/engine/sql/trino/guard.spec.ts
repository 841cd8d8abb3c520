import { beforeAll, describe, expect, it } from '@jest/globals';
import type { SqlGuard } from '../guard.js';
import { check, RULED, verdict } from '../select/guard.fixture.js';
import { createTrinoGuard } from './guard.js';

let guard: SqlGuard;

beforeAll(async () => {
  guard = await createTrinoGuard();
});

describe('the Trino guard refuses', () => {
  it.each([
    'INSERT INTO orders VALUES (1)',
    'MERGE INTO orders USING customers ON TRUE WHEN MATCHED THEN DELETE',
    'WITH x AS (SELECT 1) DELETE FROM orders',
    `EXECUTE IMMEDIATE 'DROP TABLE orders'`,
    'PREPARE p FROM SELECT 1',
    'SHOW CREATE TABLE orders',
    'DESCRIBE orders',
    'EXPLAIN ANALYZE SELECT 1',
    'EXPLAIN (TYPE LOGICAL) DELETE FROM orders',
    'SET SESSION query_max_run_time = 1',
    'TABLE orders',
    'SELECT 1; SELECT 2',
    'WITH FUNCTION f() RETURNS bigint RETURN 1 SELECT f()',
  ])('what is no single read: %s', async (sql) => {
    expect(await verdict(guard, sql)).toMatch(/^sql_(not_read_only|multiple_statements|invalid)$/);
  });

  it.each([
    'SELECT CURRENT_USER',
    'SELECT CURRENT_CATALOG',
    `SELECT U&'x'`,
    'SELECT ?',
    'SELECT @x',
    'SELECT 1 FROM orders FOR VERSION AS OF 1',
    'SELECT 1 FROM orders MATCH_RECOGNIZE (PATTERN (a))',
    'SELECT id INTO x FROM orders',
    `SELECT 'a' LIKE 'b' SETTINGS x`,
    `SELECT CAST(1 AS HyperLogLog)`,
  ])('parts that are no read of rows: %s', async (sql) => {
    expect(await verdict(guard, sql)).toMatch(/^sql_(construct_not_allowed|invalid)$/);
  });

  it.each([
    `TABLE(system.query(query => 'DROP TABLE x'))`,
    `TABLE(postgresql.system.query(query => 'SELECT 1'))`,
    `TABLE(exclude_columns(input => TABLE(orders), columns => DESCRIPTOR(id)))`,
    `TABLE(sequence(1, 1000000000))`,
    'query(1)',
    'system.runtime.x()',
  ])('functions in FROM: %s', async (call) => {
    expect(await verdict(guard, `SELECT * FROM ${call}`)).toBe('sql_function_not_allowed');
    expect(await verdict(guard, `SELECT * FROM orders CROSS JOIN ${call} t`)).toBe('sql_function_not_allowed');
  });

  it.each(['fail(1)', 'version()', 'current_groups()', 'pg.system.f(1)', '"fail"(1)', 'st_geomfromsecret(1)'])(
    'functions that do more than compute: %s',
    async (call) => {
      expect(await verdict(guard, `SELECT ${call}`)).toBe('sql_function_not_allowed');
    },
  );

  it.each([
    'system.runtime.queries',
    'information_schema.tables',
    '"orders$history"',
    'orders$snapshots',
    'hive.shop.orders',
    'other.orders',
    '"shop.orders"',
  ])('tables outside of the scope: %s', async (table) => {
    expect(await verdict(guard, `SELECT 1 FROM ${table}`)).toMatch(/^sql_(table|construct)_not_allowed$/);
    expect(await verdict(guard, `VALUES (SELECT 1 FROM ${table})`)).toMatch(/^sql_(table|construct)_not_allowed$/);
    expect(await verdict(guard, `SELECT 1 GROUP BY GROUPING SETS ((SELECT 1 FROM ${table}))`)).not.toBe('passed');
    expect(await verdict(guard, `SELECT 1 FROM UNNEST(ARRAY[(SELECT 1 FROM ${table})]) t(x)`)).not.toBe('passed');
  });
});

describe('the Trino guard prints', () => {
  it.each([
    [
      `SELECT date_trunc('month', placed_at), count(*) FILTER (WHERE total > 1) FROM orders GROUP BY 1 ORDER BY 1 DESC NULLS LAST LIMIT 5`,
      `SELECT date_trunc('month', "placed_at"), count(*) FILTER (WHERE "total" > 1) FROM "shop"."orders" GROUP BY 1 ORDER BY 1 DESC NULLS LAST LIMIT 5`,
    ],
    [
      `SELECT t.x, o FROM UNNEST(ARRAY[1, 2]) WITH ORDINALITY AS t (x, o)`,
      `SELECT "t"."x", "o" FROM UNNEST(ARRAY[1, 2]) WITH ORDINALITY AS "t" ("x", "o")`,
    ],
    [`SELECT 'a\\' , 'it''s'`, `SELECT 'a\\', 'it''s'`],
    [`SELECT props.a.b, tags[1] FROM events`, `SELECT "props"."a"."b", "tags"[1] FROM "shop"."events"`],
    [`SELECT shop.orders.id FROM shop.orders`, `SELECT "orders"."id" FROM "shop"."orders"`],
    [
      `SELECT country, grouping(country) FROM customers GROUP BY GROUPING SETS ((country), ())`,
      `SELECT "country", grouping("country") FROM "shop"."customers" GROUP BY GROUPING SETS (("country"), ())`,
    ],
    [
      `SELECT listagg(name, ',') WITHIN GROUP (ORDER BY name), TRY_CAST(id AS DECIMAL(10, 2)) FROM customers GROUP BY id`,
      `SELECT listagg("name", ',') WITHIN GROUP (ORDER BY "name"), TRY_CAST("id" AS DECIMAL(10, 2)) FROM "shop"."customers" GROUP BY "id"`,
    ],
    [
      `SELECT placed_at AT TIME ZONE 'UTC', CAST(placed_at AS TIMESTAMP(3) WITH TIME ZONE), INTERVAL '1' DAY FROM orders OFFSET 1 ROW FETCH FIRST 2 ROWS WITH TIES`,
      `SELECT "placed_at" AT TIME ZONE 'UTC', CAST("placed_at" AS TIMESTAMP(3) WITH TIME ZONE), INTERVAL '1' DAY FROM "shop"."orders" OFFSET 1 ROWS FETCH FIRST 2 ROWS WITH TIES`,
    ],
    [`SELECT id IS NOT DISTINCT FROM 1 FROM orders`, `SELECT "id" IS NOT DISTINCT FROM 1 FROM "shop"."orders"`],
    [
      `WITH RECURSIVE t (n) AS (VALUES 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t`,
      `WITH RECURSIVE "t" ("n") AS (VALUES 1 UNION ALL SELECT "n" + 1 FROM "t" WHERE "n" < 5) SELECT "n" FROM "t"`,
    ],
  ])('%s', async (sql, printed) => {
    expect((await check(guard, sql)).shownSql).toBe(printed);
  });
});

describe('row rules and masks in Trino', () => {
  it('are in what runs and not in what is shown, also under a sample', async () => {
    const { sql, shownSql } = await check(guard, 'SELECT * FROM orders AS o TABLESAMPLE BERNOULLI (10)', RULED);
    expect(shownSql).toBe('SELECT * FROM "shop"."orders" AS "o" TABLESAMPLE BERNOULLI (10)');
    expect(sql).toMatch(
      /FROM "shop"."orders" TABLESAMPLE BERNOULLI \(10\) WHERE \("orders"."region" = 'EU' OR .*\) LIMIT 9223372036854775807\) AS "o"$/,
    );
    expect(sql).toMatch(
      /lower\(to_hex\(sha256\(to_utf8\('[0-9a-f]{64}:' \|\| CAST\("orders"."customer_id" AS VARCHAR\)\)\)\)\)/,
    );
  });

  it('are conditions over one row', async () => {
    const table = { name: 'orders', columns: ['id', 'region'] };
    expect(await guard.checkPredicate(`region = 'EU' AND id > 1`, table)).toBe(
      `"orders"."region" = 'EU' AND "orders"."id" > 1`,
    );
    for (const rule of [
      'id = (SELECT 1)',
      'count(*) = 1',
      'any_match(ARRAY[id], x -> true)',
      'random() > 1',
      'TRUE; DROP TABLE x',
    ]) {
      await expect(guard.checkPredicate(rule, table)).rejects.toMatchObject({ name: 'EngineError' });
    }
  });
});
