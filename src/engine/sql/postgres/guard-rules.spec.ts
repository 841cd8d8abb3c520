import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GuardedStatement, GuardedTable } from '../guard.js';
import { createPostgresGuard, type PostgresGuard } from './guard.js';

let guard: PostgresGuard;

beforeAll(async () => {
  guard = await createPostgresGuard();
});

afterAll(() => guard.close());

const orders: GuardedTable = {
  name: 'orders',
  columns: ['id', 'region', 'total'],
  primaryKey: ['id'],
  rowRules: [`region = 'north'`, 'hidden_flag IS NOT TRUE'],
};
const people: GuardedTable = {
  name: 'hr.people',
  columns: ['id', 'name', 'email'],
  masks: { name: 'hide', email: 'partial' },
};

const check = (sql: string, ...tables: GuardedTable[]): Promise<GuardedStatement> =>
  guard.check(sql, { tables: tables.length > 0 ? tables : [orders, people], maskKey: 'k' });

const RULED = `( SELECT orders.id, orders.region, orders.total FROM orders WHERE orders.region = 'north' AND orders.hidden_flag IS NOT TRUE OFFSET 0 )`;

describe('row rules', () => {
  const places: [what: string, sql: string][] = [
    ['FROM', `SELECT id FROM orders`],
    ['FROM with an alias', `SELECT o.id FROM orders o`],
    ['a join', `SELECT 1 FROM hr.people p JOIN orders o ON o.id = p.id`],
    ['USING', `SELECT id FROM hr.people JOIN orders USING (id)`],
    ['a star', `SELECT * FROM orders`],
    ['a row', `SELECT o FROM orders o`],
    ['a sub-query', `SELECT (SELECT max(total) FROM orders)`],
    ['EXISTS', `SELECT 1 WHERE EXISTS (SELECT 1 FROM orders)`],
    ['a CTE', `WITH o AS (SELECT id FROM orders) SELECT id FROM o`],
    [
      'a recursive CTE',
      `WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r JOIN orders ON id = n) SELECT n FROM r`,
    ],
    ['a set operation', `SELECT id FROM hr.people EXCEPT SELECT id FROM orders`],
    ['a lateral join', `SELECT 1 FROM hr.people p, LATERAL (SELECT id FROM orders o WHERE o.id = p.id) x`],
    ['TABLE', `TABLE orders`],
    ['new names', `SELECT a FROM orders AS o(a)`],
    ['ORDER BY', `SELECT 1 ORDER BY (SELECT max(id) FROM orders)`],
    ['LIMIT', `SELECT 1 LIMIT (SELECT max(id) FROM orders)`],
    ['a window', `SELECT sum(id) OVER (ORDER BY (SELECT max(id) FROM orders)) FROM hr.people`],
  ];

  it.each(places)('hold in %s', async (_what, sql) => {
    const { sql: printed, rules } = await check(sql);
    expect(printed).toContain(RULED);
    expect(printed.replaceAll(RULED, '')).not.toMatch(/(FROM|JOIN|,) orders/);
    expect(rules).toContainEqual({ table: 'orders', kind: 'row' });
  });

  it('hold for every reference', async () => {
    const { sql } = await check(`SELECT 1 FROM orders a, orders b WHERE a.id IN (SELECT id FROM orders)`);
    expect(sql.split(RULED)).toHaveLength(4);
  });

  it('keep ONLY and samples, taken before the rule', async () => {
    expect((await check(`SELECT id FROM ONLY orders`)).sql).toContain('FROM ONLY orders WHERE');
    expect((await check(`SELECT o.id FROM orders o TABLESAMPLE system (5)`)).sql).toContain(
      'FROM orders TABLESAMPLE system (5) WHERE',
    );
  });

  it('are not applied to a CTE that has the name of the table', async () => {
    expect(await check(`WITH orders AS (SELECT 1 AS id) SELECT id FROM orders`)).toMatchObject({ rules: [] });
  });

  it('keep grouping by the primary key', async () => {
    const { sql } = await check(`SELECT o.id, region, sum(total) FROM orders o GROUP BY o.id`);
    expect(sql).toContain('GROUP BY o.id, o.region');
    expect((await check(`SELECT region, count(*) FROM orders GROUP BY region`)).sql).toMatch(/GROUP BY region$/);
  });

  it('are not shown by EXPLAIN', async () => {
    await expect(check(`EXPLAIN SELECT id FROM orders`)).rejects.toMatchObject({ code: 'sql_construct_not_allowed' });
  });

  it('cannot be widened by what they hold', async () => {
    const table = { ...orders, rowRules: [`region = 'a' OR region = 'b'`, 'total > 0 -- all'] };
    expect((await check(`SELECT id FROM orders WHERE true OR id = 1`, table)).sql).toContain(
      `WHERE (orders.region = 'a' OR orders.region = 'b') AND orders.total > 0 OFFSET 0 )`,
    );
  });

  it('stop the statement when they cannot be read', async () => {
    const table = { ...orders, rowRules: ['region ='] };
    await expect(check(`SELECT id FROM orders`, table)).rejects.toMatchObject({ code: 'sql_invalid' });
    expect(await check(`SELECT 1`, table)).toMatchObject({ rules: [] });
  });
});

describe('masks', () => {
  const masked = (mask: 'hide' | 'hash' | 'partial', maskKey?: string): Promise<GuardedStatement> =>
    guard.check(`SELECT x FROM t`, {
      tables: [{ name: 't', columns: ['x', 'y'], masks: { x: mask, hidden: 'hide' } }],
      ...(maskKey === undefined ? {} : { maskKey }),
    });

  it('stand where the column is given out, and nowhere else', async () => {
    const { sql, rules } = await check(`SELECT email FROM hr.people WHERE email LIKE 'a%'`);
    expect(sql.match(/people\.email/g)?.length).toBeGreaterThan(0);
    expect(sql.slice(sql.lastIndexOf(')'))).toBe(`) AS people WHERE email LIKE 'a%'`);
    expect(rules).toEqual([
      { table: 'hr.people', kind: 'mask', column: 'name' },
      { table: 'hr.people', kind: 'mask', column: 'email' },
    ]);
  });

  it('leave nothing of a hidden value', async () => {
    expect((await masked('hide')).sql).toBe(
      'SELECT x FROM ( SELECT CASE WHEN false THEN t.x END AS x, t.y FROM t ) AS t',
    );
  });

  it('key their digests, and never print the key', async () => {
    const [first, again, other] = await Promise.all([
      masked('hash', 'k'),
      masked('hash', 'k'),
      masked('hash', 'other'),
    ]);
    expect(first.sql).toContain('sha256');
    expect(again.sql).toBe(first.sql);
    expect(other.sql).not.toBe(first.sql);
    const secret = await masked('hash', `it's the key`);
    expect(secret.sql).not.toContain('the key');
  });

  it('have a key even where none is given', async () => {
    const another = await createPostgresGuard();
    const table = { name: 't', columns: ['x'], masks: { x: 'hash' as const } };
    const sql = (one: PostgresGuard): Promise<string> =>
      one.check(`SELECT x FROM t`, { tables: [table] }).then((it) => it.sql);
    expect(await sql(guard)).toBe(await sql(guard));
    expect(await sql(another)).not.toBe(await sql(guard));
  });
});

describe('a row rule about to be saved', () => {
  const table: GuardedTable = { name: 'sales.orders', columns: ['id', 'region', 'total', 'at'] };

  it.each([
    `region = 'north'`,
    `region IN ('north', 'south') AND total > 10.5`,
    `lower(region) LIKE 'n%' OR at >= now() - interval '30 days'`,
    `orders.region IS NOT NULL`,
    `CASE WHEN total > 5 THEN region = 'x' ELSE true END`,
    `true`,
    `region = 'a' -- why`,
  ])('may be %s', async (predicate) => {
    expect(await guard.checkPredicate(predicate, table)).toMatch(/^(?!.*--)[^;]+$/);
  });

  it.each([
    ['nothing', ``, 'sql_invalid'],
    ['two values', `true, false`, 'sql_construct_not_allowed'],
    ['a name', `true AS x`, 'sql_invalid'],
    ['a way out of the brackets', `true) FROM secrets WHERE (true`, 'sql_invalid'],
    ['a second statement', `true); DELETE FROM orders; SELECT (true`, 'sql_invalid'],
    ['a sub-query', `id IN (SELECT 1)`, 'sql_construct_not_allowed'],
    ['a sub-query of another table', `EXISTS (SELECT 1 FROM secrets)`, 'sql_construct_not_allowed'],
    ['a union', `true) UNION SELECT (true`, 'sql_invalid'],
    ['another column', `salary > 1`, 'sql_invalid'],
    ['a column of another table', `people.id = 1`, 'sql_invalid'],
    ['a column of the schema', `sales.orders.id = 1`, 'sql_invalid'],
    ['a star', `orders.* IS NOT NULL`, 'sql_invalid'],
    ['a system column', `ctid IS NOT NULL`, 'sql_construct_not_allowed'],
    ['an aggregate', `max(total) > 1`, 'sql_function_not_allowed'],
    ['a count', `count(*) > 1`, 'sql_function_not_allowed'],
    ['a window', `row_number() OVER () = 1`, 'sql_function_not_allowed'],
    ['a set', `unnest(ARRAY[true])`, 'sql_function_not_allowed'],
    ['chance', `random() < 0.5`, 'sql_function_not_allowed'],
    ['a function that is not allowed', `pg_sleep(1) IS NULL`, 'sql_function_not_allowed'],
    ['a parameter', `id = $1`, 'sql_construct_not_allowed'],
    ['who is connected', `region = current_user`, 'sql_construct_not_allowed'],
  ])('may not be %s', async (_what, predicate, code) => {
    await expect(guard.checkPredicate(predicate, table)).rejects.toMatchObject({ code });
  });
});
