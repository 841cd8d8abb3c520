/** What a guarded statement can find out on a real server. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createPostgresGuard, type PostgresGuard } from '../src/engine/sql/postgres/guard.js';
import type { GuardedTable } from '../src/engine/sql/guard.js';
import { startPostgres } from './support/postgres.mjs';

/** What a row says that a rule leaves out, and a column that no scope has. */
const SECRET = 'do-not-tell';
const PIN = 'pin-4711';

const DATA = `
  CREATE SCHEMA shop;
  CREATE TABLE shop.people (pin text DEFAULT '${PIN}', id int PRIMARY KEY, name text, email text, region text, wage text);
  INSERT INTO shop.people (id, name, email, region, wage) VALUES
    (1, 'Ada', 'ada@example.com', 'north', '100'),
    (2, 'Bo', 'bo', 'north', '200'),
    (3, 'Cyd', NULL, 'north', '300'),
    (4, '${SECRET}', '${SECRET}@example.com', 'south', '${SECRET}');
  CREATE TABLE shop.orders (id int PRIMARY KEY, person_id int, total numeric, pin text DEFAULT '${PIN}');
  INSERT INTO shop.orders (id, person_id, total) SELECT n, n % 4 + 1, n * 10 FROM generate_series(1, 8) n;
  ANALYZE;`;

const columns = ['id', 'name', 'email', 'region', 'wage'];
const orders: GuardedTable = { name: 'orders', columns: ['id', 'person_id', 'total'], primaryKey: ['id'] };
const people: GuardedTable = { name: 'people', columns, primaryKey: ['id'] };
const northern: GuardedTable = { ...people, rowRules: [`region = 'north'`] };

let server: Awaited<ReturnType<typeof startPostgres>>;
let client: pg.Client;
let guard: PostgresGuard;

beforeAll(async () => {
  server = await startPostgres();
  client = new pg.Client(await server.createDatabase('guarded'));
  await client.connect();
  await client.query(DATA);
  guard = await createPostgresGuard();
}, 60_000);

afterAll(async () => {
  guard.close();
  await client.end();
  await server.stop();
});

/** The rows of a guarded statement, or the error of the server. */
async function run(sql: string, ...tables: GuardedTable[]): Promise<string> {
  const guarded = await guard.check(sql, { tables, defaultSchema: 'shop', maskKey: 'key' });
  try {
    const { rows } = await client.query({ text: guarded.sql, rowMode: 'array' });
    return JSON.stringify(rows);
  } catch (error) {
    if (error instanceof pg.DatabaseError) return `${error.message} ${error.detail ?? ''} ${error.where ?? ''}`;
    throw error;
  }
}

describe('rows behind a rule', () => {
  // Each condition is cheaper than the rule or fails on the row that the rule leaves out.
  const leaks: [what: string, sql: string][] = [
    ['a cast that fails', `SELECT id FROM people WHERE CAST(wage AS int) > 0 ORDER BY id`],
    ['a cast of a join', `SELECT p.id FROM people p JOIN orders o ON o.id = p.wage::int / 100 ORDER BY 1`],
    ['a division by zero', `SELECT id FROM people WHERE 1 / (id - 4) < 1 ORDER BY id`],
    ['a failing output', `SELECT wage::int FROM people ORDER BY 1`],
    ['a failing aggregate', `SELECT sum(wage::int) FROM people`],
    ['a failing order', `SELECT id FROM people ORDER BY wage::int`],
    ['a failing group', `SELECT count(*) FROM people GROUP BY wage::int ORDER BY 1`],
    ['a sub-query', `SELECT id FROM orders WHERE id IN (SELECT wage::int / 100 FROM people) ORDER BY 1`],
    [
      'a lateral join',
      `SELECT o.id FROM orders o, LATERAL (SELECT 1 FROM people p WHERE p.wage::int = o.id * 100) x ORDER BY 1`,
    ],
    ['a CTE', `WITH p AS (SELECT * FROM people) SELECT id FROM p WHERE wage::int > 0 ORDER BY 1`],
    [
      'a CTE that is not kept',
      `WITH p AS NOT MATERIALIZED (SELECT * FROM people) SELECT id FROM p WHERE wage::int > 0 ORDER BY 1`,
    ],
    ['a window', `SELECT sum(wage::int) OVER (ORDER BY id) FROM people`],
  ];

  it.each(leaks)('are not told by %s', async (_what, sql) => {
    const answer = await run(sql, northern, orders);
    expect(answer).not.toContain(SECRET);
    expect(answer).toMatch(/^\[/);
  });

  it('would be told if the rule stood beside the condition', async () => {
    const beside = `SELECT id FROM (SELECT * FROM shop.people WHERE region = 'north') p WHERE CAST(wage AS int) > 0`;
    await client.query(`ALTER FUNCTION pg_catalog.texteq(text, text) COST 1000`);
    await expect(client.query(beside)).rejects.toThrow(SECRET);
    expect(await run(leaks[0]?.[1] ?? '', northern, orders)).toBe('[[1],[2],[3]]');
    await client.query(`ALTER FUNCTION pg_catalog.texteq(text, text) COST 1`);
  });

  it('do not count', async () => {
    expect(await run(`SELECT count(*), max(id) FROM people`, northern)).toBe('[["3",3]]');
    expect(
      await run(
        `SELECT count(*) FROM orders o LEFT JOIN people p ON p.id = person_id WHERE p.id IS NULL`,
        northern,
        orders,
      ),
    ).toBe('[["2"]]');
  });

  it('are left out where the key is grouped', async () => {
    const sql = `SELECT p.id, p.name, upper(p.region), sum(o.total) FROM people p JOIN orders o ON o.person_id = p.id GROUP BY 1 ORDER BY p.email, 1`;
    expect(await run(sql, northern, orders)).toBe(
      '[[1,"Ada","NORTH","120"],[2,"Bo","NORTH","60"],[3,"Cyd","NORTH","80"]]',
    );
  });
});

describe('columns that are not in the scope', () => {
  it.each([
    `SELECT p FROM people p`,
    `SELECT row_to_json(p) FROM people p`,
    `SELECT p::text FROM people p`,
    `SELECT * FROM people`,
    `SELECT p.* FROM people p, orders`,
    `SELECT (array_agg(p))[1] FROM people p`,
    `SELECT j FROM (people p JOIN orders o USING (id)) AS j`,
    `SELECT a, b FROM people AS p(a, b)`,
    `SELECT x.* FROM people p, LATERAL (SELECT p.*) x`,
    `SELECT (SELECT pin FROM people LIMIT 1) FROM (SELECT 'x' AS pin) q`,
    `SELECT pin FROM people, unnest(ARRAY['x']) AS pin`,
    `SELECT * FROM people NATURAL JOIN orders`,
    `SELECT format('%s', p) FROM people p`,
  ])('stay out of %s', async (sql) => {
    const answer = await run(sql, people, orders);
    expect(answer).toMatch(/^\[\[/);
    expect(answer).not.toContain(PIN);
  });

  it('do not group, count or join', async () => {
    expect(await run(`SELECT count(*) AS pin FROM people GROUP BY pin`, people)).toContain(
      'aggregate functions are not allowed',
    );
    expect(await run(`SELECT count(*) FROM people a NATURAL JOIN orders b`, people, orders)).toBe('[["4"]]');
  });
});

describe('masks', () => {
  const masked = (masks: GuardedTable['masks']): GuardedTable => ({
    ...people,
    rowRules: ['id < 4'],
    ...(masks ? { masks } : {}),
  });

  it('hide values and keep the type', async () => {
    const table = masked({ id: 'hide', name: 'hide' });
    expect(await run(`SELECT pg_typeof(id)::text, pg_typeof(name)::text, id, name FROM people LIMIT 1`, table)).toBe(
      '[["integer","text",null,null]]',
    );
    expect(await run(`SELECT count(*) FROM people WHERE name LIKE 'A%' OR id = 1`, table)).toBe('[["0"]]');
  });

  it('show a part', async () => {
    const sql = `SELECT name, email FROM people ORDER BY id`;
    expect(await run(sql, masked({ name: 'partial', email: 'partial' }))).toBe(
      '[["***","a***@example.com"],["***","***"],["***",null]]',
    );
    expect(await run(`SELECT wage FROM people LIMIT 1`, { ...masked({ wage: 'partial' }), rowRules: ['id = 4'] })).toBe(
      '[["d***"]]',
    );
  });

  it('let digests be counted and joined, but not guessed', async () => {
    const table = masked({ email: 'hash', id: 'hash' });
    expect(await run(`SELECT count(*), count(DISTINCT a.email) FROM people a JOIN people b USING (email)`, table)).toBe(
      '[["2","2"]]',
    );
    expect(await run(`SELECT email IS NULL, length(email) FROM people ORDER BY name`, table)).toBe(
      '[[false,64],[false,64],[true,null]]',
    );
    const guesses = ['bo', ':bo', 'key:bo'].map((guess) => `encode(sha256('${guess}'), 'hex')`);
    expect(await run(`SELECT count(*) FROM people WHERE email IN (${guesses.join()})`, table)).toBe('[["0"]]');
  });
});

it('no function of a schema can take the place of a built-in one where the search path is empty', async () => {
  await client.query(`CREATE FUNCTION shop.lower(int) RETURNS text LANGUAGE sql AS $$ SELECT '${SECRET}' $$`);
  await client.query(`SET search_path = ''`);
  expect(await run(`SELECT lower(id) FROM people`, people)).toContain('does not exist');
  expect(await run(`SELECT count(*) FROM people`, people)).toBe('[["4"]]');
});
