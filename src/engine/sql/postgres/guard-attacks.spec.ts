import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineError, type EngineErrorCode } from '../../errors.js';
import type { GuardedStatement, GuardScope } from '../guard.js';
import { createPostgresGuard, type PostgresGuard } from './guard.js';

const scope: GuardScope = {
  defaultSchema: 'public',
  tables: [
    { name: 'trips', columns: ['id', 'rider', 'station', 'fare', 'started', 'tags', 'notes'] },
    { name: 'Stations', columns: ['id', 'city', 'opened'] },
    { name: 'archive.trips', columns: ['id', 'year'] },
    { name: 'a.b.c', columns: ['id'] },
  ],
};

let guard: PostgresGuard;

beforeAll(async () => {
  guard = await createPostgresGuard();
});

afterAll(() => guard.close());

const check = (sql: string): Promise<GuardedStatement> => guard.check(sql, scope);

const refusal = async (sql: string): Promise<{ code: EngineErrorCode | 'allowed'; message: string }> => {
  try {
    return { code: 'allowed', message: (await check(sql)).sql };
  } catch (error) {
    if (error instanceof EngineError) return { code: error.code, message: error.message };
    throw error;
  }
};

describe('attacks', () => {
  const attacks: [what: string, code: EngineErrorCode, sql: string][] = [
    // Statements
    ['insert', 'sql_not_read_only', `INSERT INTO trips (id) VALUES (9)`],
    ['update', 'sql_not_read_only', `UPDATE trips SET fare = 0`],
    ['delete behind a CTE', 'sql_not_read_only', `WITH old AS (SELECT 1) DELETE FROM trips`],
    ['delete inside a CTE', 'sql_not_read_only', `WITH gone AS (DELETE FROM trips RETURNING *) SELECT * FROM gone`],
    [
      'update inside a nested CTE',
      'sql_not_read_only',
      `SELECT (WITH u AS (UPDATE trips SET fare = 1 RETURNING 1) SELECT 1)`,
    ],
    ['select into', 'sql_not_read_only', `SELECT * INTO mine FROM trips`],
    ['select into in a union', 'sql_not_read_only', `SELECT 1 INTO TEMP mine UNION SELECT 2`],
    ['create table as', 'sql_not_read_only', `CREATE TABLE mine AS SELECT 1`],
    ['program', 'sql_not_read_only', `COPY trips TO PROGRAM 'cat'`],
    ['code', 'sql_not_read_only', `DO $$ BEGIN END $$`],
    ['call', 'sql_not_read_only', `CALL p()`],
    ['prepare', 'sql_not_read_only', `PREPARE p AS SELECT 1`],
    ['execute', 'sql_not_read_only', `EXECUTE p`],
    ['set', 'sql_not_read_only', `SET search_path = evil`],
    ['set role', 'sql_not_read_only', `SET ROLE postgres`],
    ['show', 'sql_not_read_only', `SHOW all`],
    ['transaction', 'sql_not_read_only', `COMMIT`],
    ['cursor', 'sql_not_read_only', `DECLARE c CURSOR FOR SELECT 1`],
    ['listen', 'sql_not_read_only', `LISTEN x`],
    ['lock', 'sql_not_read_only', `LOCK trips`],
    ['vacuum', 'sql_not_read_only', `VACUUM`],
    ['load', 'sql_not_read_only', `LOAD 'evil'`],
    ['explain of a write', 'sql_not_read_only', `EXPLAIN DELETE FROM trips`],
    ['two reads', 'sql_multiple_statements', `SELECT 1; SELECT 2`],
    ['a write behind a read', 'sql_multiple_statements', `SELECT 1; DROP TABLE trips`],
    ['a write behind a quote', 'sql_multiple_statements', `SELECT 'it''s; -- '; DELETE FROM trips --'`],
    ['a write behind an escape', 'sql_multiple_statements', `SELECT E'\\'; --'; DROP TABLE trips; --'`],
    ['a write behind a dollar quote', 'sql_multiple_statements', `SELECT $a$ $$ $a$; DROP TABLE trips; SELECT $$ $$`],
    ['a write behind a carriage return', 'sql_multiple_statements', `SELECT 1 --\r; DROP TABLE trips`],

    // What a SELECT must not do
    ['explain that runs', 'sql_construct_not_allowed', `EXPLAIN ANALYZE SELECT 1`],
    ['explain that runs, in brackets', 'sql_construct_not_allowed', `EXPLAIN (ANALYZE true) SELECT 1`],
    ['row locks', 'sql_construct_not_allowed', `SELECT * FROM trips FOR UPDATE`],
    ['row locks below', 'sql_construct_not_allowed', `SELECT * FROM (SELECT * FROM trips FOR KEY SHARE NOWAIT) t`],
    ['parameter', 'sql_construct_not_allowed', `SELECT $1`],
    ['XML', 'sql_construct_not_allowed', `SELECT xmlelement(name a, 1)`],
    ['XML in FROM', 'sql_construct_not_allowed', `SELECT * FROM XMLTABLE('/r' PASSING '<r/>' COLUMNS a text)`],
    ['who is connected', 'sql_construct_not_allowed', `SELECT current_user`],
    ['which database', 'sql_construct_not_allowed', `SELECT current_catalog`],
    ['catalogue by type', 'sql_construct_not_allowed', `SELECT 'trips'::regclass`],
    ['type of another schema', 'sql_construct_not_allowed', `SELECT 1::evil.int4`],
    ['type of a table', 'sql_construct_not_allowed', `SELECT NULL::trips`],
    ['type that nobody reviewed', 'sql_construct_not_allowed', `SELECT '<a/>'::xml`],
    ['operator of another schema', 'sql_construct_not_allowed', `SELECT 1 OPERATOR(evil.+) 2`],
    ['operator that nobody reviewed', 'sql_construct_not_allowed', `SELECT 1 <%> 2`],
    ['operator over a sub-query', 'sql_construct_not_allowed', `SELECT 1 OPERATOR(evil.=) ANY (SELECT 1)`],
    ['collation of another schema', 'sql_construct_not_allowed', `SELECT rider COLLATE evil."C" FROM trips`],
    ['sampling method', 'sql_construct_not_allowed', `SELECT id FROM trips TABLESAMPLE evil (1)`],
    ['sort operator', 'sql_construct_not_allowed', `SELECT id FROM trips ORDER BY id USING OPERATOR(evil.<)`],
    ['system column', 'sql_construct_not_allowed', `SELECT ctid FROM trips`],
    ['system column of an alias', 'sql_construct_not_allowed', `SELECT t.xmin FROM trips t`],

    // Functions
    ['file', 'sql_function_not_allowed', `SELECT pg_read_file('x')`],
    ['quoted name', 'sql_function_not_allowed', `SELECT "pg_sleep"(9)`],
    ['escaped name', 'sql_function_not_allowed', `SELECT U&"\\0070g_sleep"(9)`],
    ['catalogue schema', 'sql_function_not_allowed', `SELECT pg_catalog.pg_sleep(9)`],
    ['function of another schema', 'sql_function_not_allowed', `SELECT evil.lower('x')`],
    ['setting', 'sql_function_not_allowed', `SELECT current_setting('x')`],
    ['change of a setting', 'sql_function_not_allowed', `SELECT set_config('role', 'x', false)`],
    ['sequence', 'sql_function_not_allowed', `SELECT nextval('s')`],
    ['SQL in a text', 'sql_function_not_allowed', `SELECT query_to_xml('SELECT 1', true, true, '')`],
    ['SQL in a text search', 'sql_function_not_allowed', `SELECT * FROM ts_stat('SELECT 1')`],
    ['large object', 'sql_function_not_allowed', `SELECT lo_get(1)`],
    ['other connections', 'sql_function_not_allowed', `SELECT pg_terminate_backend(1)`],
    ['lock', 'sql_function_not_allowed', `SELECT pg_try_advisory_lock(1)`],
    ['type as a function', 'sql_function_not_allowed', `SELECT regclass('trips')`],
    ['chance for the session', 'sql_function_not_allowed', `SELECT setseed(1)`],
    ['own text', 'sql_function_not_allowed', `SELECT current_query()`],
    ['in ORDER BY', 'sql_function_not_allowed', `SELECT 1 ORDER BY pg_sleep(9)`],
    ['in LIMIT', 'sql_function_not_allowed', `SELECT 1 LIMIT (SELECT count(*) FROM pg_sleep(9))`],
    ['in OFFSET', 'sql_function_not_allowed', `SELECT 1 OFFSET pg_backend_pid()`],
    ['in FILTER', 'sql_function_not_allowed', `SELECT count(*) FILTER (WHERE pg_sleep(9) IS NULL) FROM trips`],
    ['in a window', 'sql_function_not_allowed', `SELECT sum(id) OVER (ORDER BY pg_sleep(9)) FROM trips`],
    [
      'in a frame',
      'sql_function_not_allowed',
      `SELECT sum(id) OVER (ROWS BETWEEN pg_backend_pid() PRECEDING AND CURRENT ROW) FROM trips`,
    ],
    ['in a named window', 'sql_function_not_allowed', `SELECT 1 FROM trips WINDOW w AS (PARTITION BY pg_sleep(9))`],
    ['in an aggregate', 'sql_function_not_allowed', `SELECT array_agg(id ORDER BY pg_sleep(9)) FROM trips`],
    ['in WITHIN GROUP', 'sql_function_not_allowed', `SELECT mode() WITHIN GROUP (ORDER BY pg_sleep(9)) FROM trips`],
    ['in VALUES', 'sql_function_not_allowed', `VALUES (1), (pg_backend_pid())`],
    ['in DISTINCT ON', 'sql_function_not_allowed', `SELECT DISTINCT ON (pg_sleep(9)) id FROM trips`],
    ['in GROUPING SETS', 'sql_function_not_allowed', `SELECT 1 FROM trips GROUP BY GROUPING SETS ((id, pg_sleep(9)))`],
    ['in JOIN', 'sql_function_not_allowed', `SELECT 1 FROM trips a JOIN trips b ON pg_sleep(9) IS NULL`],
    ['in ROWS FROM', 'sql_function_not_allowed', `SELECT * FROM ROWS FROM (unnest(ARRAY[1]), pg_ls_dir('.'))`],
    ['in a named argument', 'sql_function_not_allowed', `SELECT make_interval(days => pg_backend_pid())`],
    ['in an index', 'sql_function_not_allowed', `SELECT tags[pg_backend_pid()] FROM trips`],
    ['in a row', 'sql_function_not_allowed', `SELECT ROW(1, pg_sleep(9))`],
    ['in IN', 'sql_function_not_allowed', `SELECT 1 IN (2, pg_backend_pid())`],
    ['in BETWEEN', 'sql_function_not_allowed', `SELECT 1 BETWEEN 0 AND pg_backend_pid()`],
    [
      'in a recursive CTE',
      'sql_function_not_allowed',
      `WITH RECURSIVE r AS (SELECT 1 UNION SELECT pg_backend_pid() FROM r) SELECT 1`,
    ],

    // Tables
    ['catalogue', 'sql_table_not_allowed', `SELECT * FROM pg_authid`],
    ['TABLE', 'sql_table_not_allowed', `TABLE pg_authid`],
    ['information schema', 'sql_table_not_allowed', `SELECT * FROM information_schema.tables`],
    ['other schema', 'sql_table_not_allowed', `SELECT * FROM evil.trips`],
    ['schema of temporary tables', 'sql_table_not_allowed', `SELECT * FROM pg_temp.trips`],
    ['other spelling', 'sql_table_not_allowed', `SELECT * FROM "Trips"`],
    ['folded spelling', 'sql_table_not_allowed', `SELECT * FROM Stations`],
    ['a dot inside a name', 'sql_table_not_allowed', `SELECT * FROM "archive.trips"`],
    ['a name with two dots', 'sql_table_not_allowed', `SELECT * FROM "a.b"."c"`],
    ['a name with two dots, cut elsewhere', 'sql_table_not_allowed', `SELECT * FROM a."b.c"`],
    ['a CTE that ended', 'sql_table_not_allowed', `SELECT * FROM (WITH c AS (SELECT 1) SELECT * FROM c) x, c`],
    ['a CTE before it exists', 'sql_table_not_allowed', `WITH a AS (SELECT * FROM b), b AS (SELECT 1) SELECT * FROM a`],
    ['a CTE with a schema', 'sql_table_not_allowed', `WITH secrets AS (SELECT 1) SELECT * FROM public.secrets`],
    ['in a sub-query', 'sql_table_not_allowed', `SELECT (SELECT max(x) FROM secrets)`],
    ['in EXISTS', 'sql_table_not_allowed', `SELECT 1 WHERE EXISTS (TABLE secrets)`],
    ['in a lateral join', 'sql_table_not_allowed', `SELECT 1 FROM trips t, LATERAL (SELECT * FROM secrets) s`],
    ['in a set operation', 'sql_table_not_allowed', `SELECT id FROM trips EXCEPT SELECT id FROM secrets`],
    ['in a CTE that nobody reads', 'sql_table_not_allowed', `WITH s AS (SELECT * FROM secrets) SELECT 1`],
    ['in ONLY', 'sql_table_not_allowed', `SELECT * FROM ONLY (secrets)`],
    ['in a sample', 'sql_table_not_allowed', `SELECT * FROM secrets TABLESAMPLE system (1)`],
    ['another database', 'sql_construct_not_allowed', `SELECT * FROM db.public.trips`],

    // Texts
    ['syntax error', 'sql_invalid', `SELEC 1`],
    ['nothing', 'sql_invalid', ``],
    ['only a remark', 'sql_invalid', `  -- just a remark\n ;`],
    ['a NUL character', 'sql_invalid', `SELECT 1 \0 , 2`],
    ['half a character', 'sql_invalid', `SELECT '\ud800'`],
    ['unending quote', 'sql_invalid', `SELECT 'x`],
  ];

  it.each(attacks)('refuses %s with %s', async (_what, code, sql) => {
    expect(await refusal(sql)).toMatchObject({ code });
  });

  it('names what it refuses', async () => {
    expect((await refusal('insert into trips values (1)')).message).toContain('INSERT');
    expect((await refusal('SELECT 1 INTO x')).message).toContain('SELECT INTO');
    expect((await refusal('WITH m AS (DELETE FROM trips) SELECT 1')).message).toContain('DELETE');
    expect((await refusal('SELECT pg_catalog.pg_sleep(1)')).message).toContain('pg_catalog.pg_sleep');
    expect((await refusal('SELECT * FROM evil.t')).message).toContain('evil.t');
    expect((await refusal(`SELECT 'a'::regproc`)).message).toContain('regproc');
    expect((await refusal('SELECT current_user')).message).toContain('CURRENT USER');
  });

  it('lets attack text through where it is only text', async () => {
    const text = `pg_read_file('/etc/passwd'); DROP TABLE trips; -- /* $$`;
    const { sql } = await check(`SELECT '${text.replaceAll("'", "''")}' AS t -- ; DELETE FROM trips`);
    expect(sql).toBe(`SELECT '${text.replaceAll("'", "''")}' AS t`);
  });

  it('prints backslashes so that servers without standard strings read the same', async () => {
    expect((await check(String.raw`SELECT 'a\', '; DROP'`)).sql).toBe(String.raw`SELECT E'a\\', '; DROP'`);
  });
});

describe('columns that are not in the scope', () => {
  const hidden: [what: string, sql: string][] = [
    ['by name', `SELECT pin FROM trips`],
    ['by alias', `SELECT t.pin FROM trips t`],
    ['by schema', `SELECT public.trips.pin FROM trips`],
    ['escaped', `SELECT U&"\\0070in" FROM trips`],
    ['in WHERE', `SELECT 1 FROM trips WHERE pin > 0`],
    ['in HAVING', `SELECT 1 FROM trips HAVING max(pin) > 0`],
    ['in GROUP BY', `SELECT 1 FROM trips GROUP BY pin`],
    ['in ORDER BY', `SELECT id FROM trips ORDER BY pin`],
    ['in DISTINCT ON', `SELECT DISTINCT ON (pin) id FROM trips`],
    ['in USING', `SELECT 1 FROM trips a JOIN trips b USING (pin)`],
    ['in ON, with a namesake beside', `SELECT 1 FROM (SELECT 1 AS pin) x, trips a JOIN trips b ON pin = 1`],
    ['in a window', `SELECT rank() OVER (ORDER BY pin) FROM trips`],
    ['through a star', `SELECT pin FROM (SELECT * FROM trips) t`],
    ['through a CTE', `WITH t AS (TABLE trips) SELECT pin FROM t`],
    ['as a function of the row', `SELECT t.row_to_json FROM trips t`],
  ];

  it.each(hidden)('cannot be read %s', async (_what, sql) => {
    expect((await refusal(sql)).code).toBe('sql_invalid');
  });

  const confined: [what: string, sql: string][] = [
    ['rows', `SELECT t FROM trips t`],
    ['rows with a star', `SELECT row_to_json(t.*) FROM trips t`],
    ['new names by order', `SELECT a FROM trips AS t(a)`],
    ['joins with an alias', `SELECT j.* FROM (trips t JOIN "Stations" s ON true) AS j`],
    ['a namesake further out', `SELECT (SELECT pin FROM trips LIMIT 1) FROM (SELECT 1 AS pin) x`],
    ['a namesake that may not be one', `SELECT pin FROM trips, unnest(ARRAY[1]) AS pin`],
    ['a namesake in the output', `SELECT count(*) AS pin FROM trips GROUP BY pin`],
    ['a namesake among the rows', `SELECT pin FROM trips, (SELECT 1 AS x) AS pin`],
  ];

  // Behind a dot, the server takes what is no field for a function of the value before it.
  it.each([
    ['of a row', `SELECT (t).pin FROM trips t`],
    ['of all of a row', `SELECT (t).* FROM trips t`],
    ['of a text', `SELECT ('SELECT to_tsvector(pin::text) FROM trips'::text).ts_stat`],
    ['of a number', `SELECT (1).pg_sleep`],
    ['of a sub-query', `SELECT (SELECT t FROM trips t LIMIT 1).pin`],
  ])('cannot be read as a part %s', async (_what, sql) => {
    expect((await refusal(sql)).code).toBe('sql_construct_not_allowed');
  });

  it.each([
    ['of unnest', `SELECT q.ts_stat FROM unnest(ARRAY['SELECT to_tsvector(pin::text) FROM trips']) AS q`],
    ['of a series', `SELECT q.pg_sleep FROM generate_series(1, 2) AS q`],
    ['of a sub-query', `SELECT q.pg_sleep FROM (SELECT 1 AS one) AS q`],
  ])('cannot be read as a column %s, which would be a function', async (_what, sql) => {
    expect((await refusal(sql)).code).toBe('sql_invalid');
  });

  it.each(confined)('are cut off from %s', async (_what, sql) => {
    const columns = 'trips.id, trips.rider, trips.station, trips.fare, trips.started, trips.tags, trips.notes';
    expect((await check(sql)).sql).toContain(`( SELECT ${columns} FROM public.trips )`);
  });

  it('are not among the columns of a star', async () => {
    expect((await check('SELECT * FROM "Stations"')).sql).toBe(
      'SELECT "Stations".id, "Stations".city, "Stations".opened FROM public."Stations"',
    );
    expect((await check('SELECT s.*, 1 FROM "Stations" s')).sql).toBe(
      'SELECT s.id, s.city, s.opened, 1 FROM public."Stations" AS s',
    );
  });

  it('do not take part in a natural join', async () => {
    expect((await check('SELECT 1 FROM trips NATURAL JOIN "Stations"')).sql).toContain(
      'public.trips JOIN public."Stations" USING (id)',
    );
  });

  it('do not make a name ambiguous', async () => {
    expect((await check('SELECT city FROM trips t, "Stations" s')).sql).toContain('SELECT s.city FROM');
  });
});

describe('texts made to exhaust', () => {
  const repeated: [what: string, sql: string][] = [
    ['brackets', `SELECT ${'('.repeat(40_000)}1${')'.repeat(40_000)}`],
    ['calls', `SELECT ${'abs('.repeat(450)}1${')'.repeat(450)}`],
    ['operators', `SELECT 1${' + 1'.repeat(24_000)}`],
    ['casts', `SELECT 1${'::int'.repeat(19_000)}`],
    ['joins', `SELECT 1 FROM trips${' CROSS JOIN trips'.repeat(5_000)}`],
    ['set operations', `SELECT 1${' EXCEPT SELECT 1'.repeat(6_000)}`],
    ['conditions', `SELECT ${'NOT '.repeat(24_000)}true`],
    ['cases', `SELECT ${'CASE WHEN true THEN '.repeat(2_000)}1${' END'.repeat(2_000)}`],
    ['sub-queries', `SELECT ${'(SELECT '.repeat(180)}1${')'.repeat(180)}`],
    ['nested comments', `SELECT 1 ${'/*'.repeat(45_000)}`],
    ['closed nested comments', `SELECT 1 ${'/*'.repeat(20_000)}${'*/'.repeat(20_000)}`],
    ['signs', `SELECT 1 ${'+'.repeat(90_000)} 1`],
    ['alternating signs', `SELECT E'\\'' ${'+-'.repeat(45_000)} 1`],
    ['too many bytes', `SELECT '${'é'.repeat(50_000)}'`],
    ['a long series', 'SELECT count(*) FROM generate_series(1, 2000000000)'],
    ['a long series of dates', `SELECT generate_series(1, 1e12::bigint)`],
    ['a long text', `SELECT repeat('x', 1000000000)`],
    ['a long text, computed', `SELECT repeat('x', 10 ^ 9)`],
    ['a long padding', `SELECT lpad('x', 1000000000)`],
    ['a large array', `SELECT array_fill(0, ARRAY[10000, 10000])`],
  ];

  it.each(repeated)('refuses %s as too large in seconds', async (_what, sql) => {
    const start = performance.now();
    expect(await refusal(sql)).toMatchObject({ code: 'sql_too_large' });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it.each([
    ['many literals', `SELECT 1 IN (${'1,'.repeat(45_000)}1)`],
    ['many conditions', `SELECT true${' AND true'.repeat(9_000)}`],
    ['many columns', `SELECT ${'id,'.repeat(20_000)}id FROM trips`],
    ['grouping sets', `SELECT 1 FROM trips GROUP BY CUBE (${'id,'.repeat(10_000)}id)`],
    ['spaced nested comments', `SELECT 1 ${'/* '.repeat(30_000)}`],
    ['many comments', `SELECT ${`${'/*'.repeat(19)} `.repeat(2_000)} 1`],
    ['short runs of signs', `SELECT 1 ${`${'+'.repeat(300)} `.repeat(300)} 1`],
    ['signs of other kinds', `SELECT 1 ${'*<+-'.repeat(20_000)} 1`],
    ['signs and comments', `SELECT 1 ${`${'+'.repeat(250)}/**/`.repeat(300)} 1`],
    ['open quotes', `SELECT ${"'".repeat(49_999)}`],
    ['quoted dollars', `SELECT ${'$a$'.repeat(30_000)}`],
  ])('decides about %s quickly', async (_what, sql) => {
    const start = performance.now();
    await refusal(sql);
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('still works after all that', async () => {
    expect((await check('SELECT 1')).sql).toBe('SELECT 1');
  });
});
