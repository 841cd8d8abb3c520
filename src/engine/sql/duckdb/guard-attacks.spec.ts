import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EngineError, type EngineErrorCode } from '../../errors.js';
import type { GuardedStatement, GuardScope } from '../guard.js';
import { createDuckDbGuard, type DuckDbGuard } from './guard.js';

const scope: GuardScope = {
  tables: [
    { name: 'trips', columns: ['id', 'rider', 'station', 'fare', 'started', 'tags', 'notes'] },
    { name: 'Stations', columns: ['id', 'city', 'opened'] },
    { name: 'odd name', columns: ['a"b', 'select'] },
  ],
};

let guard: DuckDbGuard;

beforeAll(async () => {
  guard = await createDuckDbGuard();
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
    ['insert', 'sql_not_read_only', `INSERT INTO trips (id) VALUES (9)`],
    ['update', 'sql_not_read_only', `UPDATE trips SET fare = 0`],
    ['delete behind a CTE', 'sql_not_read_only', `WITH old AS (SELECT 1) DELETE FROM trips`],
    ['truncate', 'sql_not_read_only', `TRUNCATE trips`],
    ['create table', 'sql_not_read_only', `CREATE TABLE mine AS SELECT * FROM trips`],
    ['shadowing a table with a view', 'sql_not_read_only', `CREATE OR REPLACE TEMP VIEW trips AS SELECT 1`],
    ['macro', 'sql_not_read_only', `CREATE MACRO sum(x) AS getenv('HOME')`],
    ['drop', 'sql_not_read_only', `drop table trips`],
    ['file write', 'sql_not_read_only', `COPY (SELECT * FROM trips) TO '/tmp/stolen.csv'`],
    ['file write of everything', 'sql_not_read_only', `EXPORT DATABASE '/tmp/stolen'`],
    ['file read into a table', 'sql_not_read_only', `COPY trips FROM '/etc/passwd'`],
    ['attach', 'sql_not_read_only', `ATTACH '/data/other.duckdb' AS other`],
    ['use', 'sql_not_read_only', `USE memory`],
    ['install', 'sql_not_read_only', `INSTALL httpfs`],
    ['load', 'sql_not_read_only', `LOAD '/tmp/evil.duckdb_extension'`],
    ['set', 'sql_not_read_only', `SET enable_external_access = true`],
    ['set a variable', 'sql_not_read_only', `SET VARIABLE path = '/etc'`],
    ['reset', 'sql_not_read_only', `RESET threads`],
    ['pragma', 'sql_not_read_only', `PRAGMA database_list`],
    ['call', 'sql_not_read_only', `CALL pragma_version()`],
    ['secret', 'sql_not_read_only', `CREATE SECRET (TYPE s3)`],
    ['transaction', 'sql_not_read_only', `BEGIN`],
    ['checkpoint', 'sql_not_read_only', `CHECKPOINT`],
    ['prepare', 'sql_not_read_only', `PREPARE p AS DELETE FROM trips`],
    ['execute', 'sql_not_read_only', `EXECUTE p`],
    ['explain that runs a write', 'sql_not_read_only', `EXPLAIN ANALYZE DELETE FROM trips`],
    ['explain of a write', 'sql_not_read_only', `EXPLAIN DELETE FROM trips`],
    ['two reads', 'sql_multiple_statements', `SELECT 1; SELECT 2`],
    ['a write behind a read', 'sql_multiple_statements', `SELECT 1; DROP TABLE trips`],
    ['a write behind a quote trick', 'sql_multiple_statements', `SELECT 'it''s; -- '; DELETE FROM trips --'`],
    ['a write behind a comment', 'sql_multiple_statements', `SELECT 1 /* ; */ ; /* x */ DELETE FROM trips`],
    ['a write behind explain', 'sql_multiple_statements', `EXPLAIN SELECT 1; DROP TABLE trips`],
    ['file by table function', 'sql_function_not_allowed', `SELECT * FROM read_csv('/etc/passwd')`],
    ['file by quoted function', 'sql_function_not_allowed', `SELECT * FROM "READ_TEXT"('/etc/passwd')`],
    ['file by qualified function', 'sql_function_not_allowed', `SELECT * FROM main.read_blob('/etc/passwd')`],
    ['file in a scalar sub-query', 'sql_function_not_allowed', `SELECT (SELECT max(content) FROM read_text('x'))`],
    ['file in a join condition', 'sql_function_not_allowed', `FROM trips t JOIN trips u ON EXISTS (FROM glob('*'))`],
    ['file in ORDER BY', 'sql_function_not_allowed', `FROM trips ORDER BY (SELECT count(*) FROM glob('/*'))`],
    ['file in LIMIT', 'sql_function_not_allowed', `FROM trips LIMIT (SELECT count(*) FROM parquet_scan('x'))`],
    ['file in a CTE', 'sql_function_not_allowed', `WITH f AS (FROM sniff_csv('x')) SELECT 1`],
    [
      'file in a window',
      'sql_function_not_allowed',
      `SELECT sum(id) OVER (ORDER BY (SELECT 1 FROM glob('x'))) FROM trips`,
    ],
    ['file in FILTER', 'sql_function_not_allowed', `SELECT count(*) FILTER (EXISTS (FROM glob('x'))) FROM trips`],
    ['file in VALUES', 'sql_function_not_allowed', `VALUES ((SELECT 1 FROM glob('x')))`],
    ['file in a lambda', 'sql_function_not_allowed', `SELECT list_transform(tags, x -> getenv(x)) FROM trips`],
    ['file in a pivot', 'sql_function_not_allowed', `PIVOT (FROM glob('x')) ON file IN ('a') USING count(*)`],
    ['file in a pivot on the values found', 'sql_function_not_allowed', `PIVOT (FROM glob('x')) ON file`],
    ['table behind a pivot on the values found', 'sql_table_not_allowed', `PIVOT salaries ON id`],
    ['a write behind a pivot', 'sql_multiple_statements', `PIVOT trips ON id; DROP TABLE trips`],
    ['a write in front of a pivot', 'sql_multiple_statements', `DROP TABLE trips; PIVOT trips ON id`],
    ['a table made from a pivot', 'sql_not_read_only', `CREATE TABLE x AS PIVOT trips ON id`],
    ['a pivot on the values of a query', 'sql_construct_not_allowed', `PIVOT trips ON id IN (SELECT id FROM salaries)`],
    ['file in a set operation', 'sql_function_not_allowed', `FROM trips UNION ALL FROM read_json('x')`],
    [
      'file as an argument of a table function',
      'sql_function_not_allowed',
      `FROM unnest((SELECT [content] FROM read_text('x')))`,
    ],
    [
      'file in a recursive part',
      'sql_function_not_allowed',
      `WITH RECURSIVE r AS (SELECT 1 UNION ALL FROM glob('x')) FROM r`,
    ],
    ['SQL in a string', 'sql_function_not_allowed', `FROM query('SELECT 1')`],
    ['table name in a string', 'sql_function_not_allowed', `FROM query_table(['trips'])`],
    ['serialised SQL', 'sql_function_not_allowed', `FROM json_execute_serialized_sql('{}')`],
    ['environment', 'sql_function_not_allowed', `SELECT getenv('HOME')`],
    ['setting', 'sql_function_not_allowed', `SELECT current_setting('temp_directory')`],
    ['function called as a method', 'sql_function_not_allowed', `SELECT rider.current_setting() FROM trips`],
    ['function of another schema', 'sql_function_not_allowed', `SELECT pg_catalog.version()`],
    ['allowed name in another schema', 'sql_function_not_allowed', `SELECT pg_catalog.upper('x')`],
    ['who am I', 'sql_function_not_allowed', `SELECT current_user`],
    ['who am I, quoted', 'sql_function_not_allowed', `SELECT "CURRENT_SCHEMA" FROM trips`],
    ['sequence', 'sql_function_not_allowed', `SELECT nextval('s')`],
    ['sleep', 'sql_function_not_allowed', `SELECT sleep_ms(60000)`],
    ['random seed of the session', 'sql_function_not_allowed', `SELECT setseed(0.5)`],
    ['log entry', 'sql_function_not_allowed', `SELECT write_log('x')`],
    ['window over a forbidden function', 'sql_function_not_allowed', `SELECT nextval('s') OVER () FROM trips`],
    ['settings table', 'sql_function_not_allowed', `FROM duckdb_settings()`],
    ['server paths', 'sql_function_not_allowed', `SELECT path FROM duckdb_databases()`],
    ['catalogue', 'sql_table_not_allowed', `SELECT * FROM information_schema.tables`],
    ['PostgreSQL catalogue', 'sql_table_not_allowed', `SELECT * FROM pg_catalog.pg_class`],
    ['SQLite catalogue', 'sql_table_not_allowed', `SELECT sql FROM sqlite_master`],
    ['catalogue view', 'sql_table_not_allowed', `SELECT * FROM duckdb_tables`],
    ['file as a table', 'sql_table_not_allowed', `SELECT * FROM '/etc/passwd'`],
    ['file as a quoted table', 'sql_table_not_allowed', `SELECT * FROM "data/*.parquet"`],
    ['address as a table', 'sql_table_not_allowed', `FROM 'https://example.com/x.csv'`],
    ['table of another source', 'sql_table_not_allowed', `SELECT * FROM salaries`],
    ['other catalogue', 'sql_table_not_allowed', `SELECT * FROM system.main.trips`],
    [
      'CTE used before it is written',
      'sql_table_not_allowed',
      `WITH a AS (FROM salaries), salaries AS (SELECT 1) FROM a`,
    ],
    ['CTE that reads the table it hides', 'sql_table_not_allowed', `WITH salaries AS (FROM salaries) FROM salaries`],
    [
      'CTE of a sub-query used outside',
      'sql_table_not_allowed',
      `FROM (WITH salaries AS (SELECT 1) FROM salaries), salaries`,
    ],
    [
      'recursive CTE in its first part',
      'sql_table_not_allowed',
      `WITH RECURSIVE s AS (FROM s UNION ALL FROM s) FROM s`,
    ],
    ['CTE name with a schema', 'sql_table_not_allowed', `WITH salaries AS (SELECT 1) FROM main.salaries`],
    ['what a CTE without recursion has collected', 'sql_table_not_allowed', `WITH c AS (SELECT 1) FROM recurring.c`],
    ['name that only looks alike', 'sql_table_not_allowed', `SELECT * FROM "tr\u0131ps"`],
    ['list of tables', 'sql_construct_not_allowed', `SHOW ALL TABLES`],
    ['describe without a table', 'sql_construct_not_allowed', `FROM (SHOW DATABASES)`],
    ['parameter', 'sql_construct_not_allowed', `SELECT * FROM trips WHERE id = $1`],
    ['named parameter', 'sql_construct_not_allowed', `SELECT $name`],
    ['time travel', 'sql_construct_not_allowed', `SELECT * FROM trips AT (VERSION => 1)`],
    ['type of another schema', 'sql_construct_not_allowed', `SELECT 1::other.kind`],
    ['collation that is no name', 'sql_construct_not_allowed', `SELECT rider COLLATE "../x" FROM trips`],
    ['type by name', 'sql_construct_not_allowed', `SELECT 'a'::mood`],
    ['values of a stored type', 'sql_construct_not_allowed', `FROM trips PIVOT (sum(fare) FOR rider IN riders)`],
    ['syntax error', 'sql_invalid', `SELEC 1`],
    ['nothing', 'sql_invalid', `  -- just a remark\n ;`],
    ['a NUL character', 'sql_invalid', `SELECT 1 \0 , 2`],
  ];

  it.each(attacks)('refuses %s with %s', async (_what, code, sql) => {
    expect(await refusal(sql)).toMatchObject({ code });
  });

  it('names what it refuses', async () => {
    expect((await refusal('insert into trips values (1)')).message).toContain('INSERT');
    expect((await refusal('/* a */ pragma version')).message).toContain('PRAGMA');
    expect((await refusal(';WITH d AS (SELECT 1) delete from trips')).message).toContain('DELETE');
    expect((await refusal(`SELECT getenv('A')`)).message).toContain('getenv');
    expect((await refusal('FROM information_schema.tables')).message).toContain('information_schema.tables');
  });

  it('lets attack text through where it is only text', async () => {
    const text = `read_csv('/etc/passwd'); DROP TABLE trips; -- /* $$`;
    const { sql } = await check(`SELECT '${text.replaceAll("'", "''")}' AS t -- ; DELETE FROM trips`);
    expect(sql).toBe(`SELECT '${text.replaceAll("'", "''")}' AS t`);
  });

  it('runs what it printed and not the comments that came with it', async () => {
    expect((await check('SELECT 1 /* ; DROP TABLE trips */ -- x')).sql).toBe('SELECT 1');
  });
});

describe('texts made to exhaust the parser', () => {
  const repeated: [what: string, sql: string][] = [
    ['brackets', `SELECT ${'('.repeat(40_000)}1${')'.repeat(40_000)}`],
    ['calls', `SELECT ${'abs('.repeat(450)}1${')'.repeat(450)}`],
    ['operators', `SELECT 1${' + 1'.repeat(24_000)}`],
    ['casts', `SELECT 1${'::INT'.repeat(19_000)}`],
    ['joins', `SELECT 1 FROM trips${', trips'.repeat(14_000)}`],
    ['set operations', `SELECT 1${' EXCEPT SELECT 1'.repeat(6_000)}`],
    ['CTEs', `WITH ${Array.from({ length: 5_000 }, (_, i) => `c${i} AS (SELECT 1)`).join()} SELECT 1`],
    ['literals', `SELECT 1 IN (${'1,'.repeat(45_000)}1)`],
    ['nested comments', `SELECT 1 ${'/*'.repeat(45_000)}`],
    ['closed nested comments', `SELECT 1 ${'/*'.repeat(20_000)}${'*/'.repeat(20_000)}`],
    ['too many bytes', `SELECT '${'é'.repeat(50_000)}'`],
    ['pivots', `FROM trips${' PIVOT (sum(id) FOR id IN (1))'.repeat(3_000)}`],
    ['a long series', 'SELECT count(*) FROM range(2000000000)'],
  ];

  it.each(repeated)('refuses %s as too large in seconds', async (_what, sql) => {
    const start = performance.now();
    expect(await refusal(sql)).toMatchObject({ code: 'sql_too_large' });
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it.each([
    ['negations', `SELECT ${'NOT '.repeat(24_000)}true`],
    ['pivots without end', 'PIVOT '.repeat(16_000)],
    ['open quotes', `SELECT ${"'".repeat(49_999)}`],
    ['open comment', `SELECT 1 /*${'*'.repeat(90_000)}`],
    ['grouping sets', `SELECT 1 GROUP BY CUBE (${Array.from({ length: 20 }, (_, i) => `a${i}`).join()})`],
  ])('refuses %s quickly', async (_what, sql) => {
    const start = performance.now();
    expect((await refusal(sql)).code).not.toBe('allowed');
    expect(performance.now() - start).toBeLessThan(5_000);
  });

  it('serves many callers at once', async () => {
    const checks = Array.from({ length: 50 }, (_, index) => check(`SELECT ${index} FROM trips`));
    expect((await Promise.all(checks)).map(({ sql }) => sql)).toEqual(
      checks.map((_, index) => `SELECT ${index} FROM trips`),
    );
  });
});
