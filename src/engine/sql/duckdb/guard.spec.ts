import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
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

const data = `
  CREATE TABLE trips AS SELECT * FROM (VALUES
    (1, 'mia', 10, 4.50, TIMESTAMP '2024-01-03 08:00:00', ['work', 'rain'], JSON '{"km": 3, "via": ["a", "b"]}'),
    (2, 'noa', 20, 7.25, TIMESTAMP '2024-01-09 09:30:00', ['fun'], JSON '{"km": 8}'),
    (3, 'mia', 10, 3.00, TIMESTAMP '2024-02-11 18:15:00', [], NULL),
    (4, 'lou', NULL, 9.75, TIMESTAMP '2024-02-20 22:05:00', NULL, JSON '{"km": 12}')
  ) v(id, rider, station, fare, started, tags, notes);
  CREATE TABLE Stations AS SELECT * FROM (VALUES (10, 'Oslo', DATE '2020-05-01'), (20, 'Bergen', DATE '2021-06-01'))
    v(id, city, opened);
  CREATE TABLE "odd name" AS SELECT 1 AS "a""b", 2 AS "select";`;

let guard: DuckDbGuard;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  guard = await createDuckDbGuard();
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run(data);
});

afterAll(() => {
  guard.close();
  connection.closeSync();
  instance.closeSync();
});

const check = (sql: string): Promise<GuardedStatement> => guard.check(sql, scope);

const refusal = async (sql: string): Promise<{ code: EngineErrorCode | 'allowed'; message: string }> => {
  try {
    return { code: 'allowed', message: (await check(sql)).sql };
  } catch (error) {
    if (error instanceof EngineError) return { code: error.code, message: error.message };
    throw error;
  }
};

const rows = async (sql: string): Promise<string[]> => {
  const result = await connection.runAndReadAll(sql);
  return result.getRowsJson().map((row) => JSON.stringify(row));
};

const columnsOf = async (sql: string): Promise<string[]> =>
  (await check(sql)).columns.map(({ table, column }) => `${table}.${column}`).sort();

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
    ['name that only looks alike', 'sql_table_not_allowed', `SELECT * FROM "tr\u0131ps"`],
    ['list of tables', 'sql_construct_not_allowed', `SHOW ALL TABLES`],
    ['describe without a table', 'sql_construct_not_allowed', `FROM (SHOW DATABASES)`],
    ['parameter', 'sql_construct_not_allowed', `SELECT * FROM trips WHERE id = $1`],
    ['named parameter', 'sql_construct_not_allowed', `SELECT $name`],
    ['time travel', 'sql_construct_not_allowed', `SELECT * FROM trips AT (VERSION => 1)`],
    ['type of another schema', 'sql_construct_not_allowed', `SELECT 1::other.kind`],
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
    expect((await refusal(`SELECT getenv('A')`)).message).toContain('getenv');
    expect((await refusal('FROM information_schema.tables')).message).toContain('information_schema.tables');
  });

  it('lets attack text through where it is only text', async () => {
    const text = `read_csv('/etc/passwd'); DROP TABLE trips; -- /* $$`;
    const { sql } = await check(`SELECT '${text.replaceAll("'", "''")}' AS t -- ; DELETE FROM trips`);
    expect(await rows(sql)).toEqual([JSON.stringify([text])]);
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

  it.each(repeated)('refuses %s as too large within a second', async (_what, sql) => {
    const start = performance.now();
    expect(await refusal(sql)).toMatchObject({ code: 'sql_too_large' });
    expect(performance.now() - start).toBeLessThan(1_000);
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
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('serves many callers at once', async () => {
    const checks = Array.from({ length: 50 }, (_, index) => check(`SELECT ${index} FROM trips`));
    expect((await Promise.all(checks)).map(({ sql }) => sql)).toEqual(
      checks.map((_, index) => `SELECT ${index} FROM trips`),
    );
  });
});

describe('reads', () => {
  const reads: [what: string, sql: string][] = [
    ['stars', `SELECT * EXCLUDE (tags) REPLACE (fare * 2 AS fare) RENAME (rider AS who) FROM trips`],
    ['COLUMNS', `SELECT max(COLUMNS('^(id|fare)$')) FROM trips`],
    ['COLUMNS with a lambda', `SELECT COLUMNS(c -> c LIKE 'f%') FROM trips`],
    ['FROM first', `FROM trips WHERE fare > 4`],
    ['VALUES', `VALUES (1, 'a'), (2, 'b')`],
    ['VALUES in FROM', `SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(x, y)`],
    ['a trailing semicolon', `SELECT 1;`],
    [
      'every kind of literal',
      `SELECT 1, -2, .5, 5., 007.50, 1e10, 1e400, 1e-3, 12345678901234567890, 9007199254740993,
      123456789012345678901234567890.12, 'it''s', $$dollar$$, TRUE, FALSE, NULL, [1, 2], {'a': 1}, MAP {'k': 2}, (1, 'x')`,
    ],
    [
      'dates and intervals',
      `SELECT DATE '2024-02-29' + INTERVAL 1 DAY, INTERVAL '2 months 3 days', TIME '10:00',
      started AT TIME ZONE 'Europe/Oslo', extract(isodow FROM started), date_trunc('month', started) FROM trips`,
    ],
    [
      'casts',
      `SELECT fare::DECIMAL(10, 1), TRY_CAST(rider AS INT[]), '[1]'::JSON, 'a'::ENUM ('a', 'b'),
      {'a': 1}::STRUCT(a BIGINT), [1, 2, 3]::INT[3], MAP {1: 'x'}::MAP(BIGINT, TEXT), '1'::TIMESTAMP IS NULL OR true
      FROM trips WHERE id < 0`,
    ],
    [
      'patterns',
      `SELECT rider ILIKE 'M%', rider LIKE 'm!%%' ESCAPE '!', rider SIMILAR TO '[a-m].*', rider GLOB 'm*',
      rider ~ 'mia', rider NOT LIKE 'x' FROM trips`,
    ],
    ['collations', `SELECT rider FROM trips ORDER BY rider COLLATE NOCASE DESC NULLS LAST, id`],
    [
      'conditions',
      `SELECT CASE WHEN fare > 5 THEN 'high' ELSE 'low' END, CASE station WHEN 10 THEN 'ten' END,
      fare BETWEEN 3 AND 5, id IN (1, 2), id NOT IN (1), fare IS NOT DISTINCT FROM 3, (fare > 3) IS TRUE,
      station IS NULL, coalesce(station, 0), nullif(id, 1), if(id = 1, 'a', 'b') FROM trips`,
    ],
    [
      'sub-queries',
      `SELECT (SELECT max(fare) FROM trips), EXISTS (FROM Stations s WHERE s.id = t.station),
      t.station IN (SELECT id FROM Stations), t.fare >= ALL (SELECT fare FROM trips), t.id = ANY (SELECT 1) FROM trips t`,
    ],
    ['ARRAY of a query', `SELECT ARRAY(SELECT id FROM trips ORDER BY id)`],
    [
      'aggregates',
      `SELECT count(*), count(DISTINCT rider), sum(fare) FILTER (rider = 'mia'), string_agg(rider, ',' ORDER BY id),
      percentile_cont(0.5) WITHIN GROUP (ORDER BY fare), mode() WITHIN GROUP (ORDER BY rider), quantile_cont(fare, [0.1, 0.9]),
      list(fare ORDER BY fare DESC), arg_max(rider, fare), first(rider ORDER BY id) FROM trips`,
    ],
    [
      'grouping sets',
      `SELECT rider, station, grouping(rider), sum(fare) FROM trips
      GROUP BY GROUPING SETS ((station), (rider, station), ()) ORDER BY ALL`,
    ],
    [
      'rollup beside cube',
      `SELECT rider, station, id, count(*) FROM trips GROUP BY CUBE (rider), ROLLUP (id, station) ORDER BY ALL`,
    ],
    ['GROUP BY ALL', `SELECT rider, sum(fare) FROM trips GROUP BY ALL HAVING sum(fare) > 5 ORDER BY 2`],
    [
      'windows',
      `SELECT id, sum(fare) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW),
      avg(fare) OVER (ORDER BY started RANGE BETWEEN INTERVAL 20 DAYS PRECEDING AND CURRENT ROW),
      lag(fare, 1, 0) OVER w, rank() OVER w, first_value(id IGNORE NULLS) OVER (w) FROM trips
      WINDOW w AS (PARTITION BY rider ORDER BY started) ORDER BY id`,
    ],
    [
      'QUALIFY',
      `SELECT * FROM trips QUALIFY row_number() OVER (PARTITION BY rider ORDER BY fare DESC) = 1 ORDER BY id`,
    ],
    ['CTEs', `WITH a AS MATERIALIZED (SELECT * FROM trips), b(n) AS (SELECT id FROM a) SELECT sum(n) FROM b`],
    ['a CTE with the name of a table', `WITH trips AS (SELECT id FROM trips WHERE id > 1) SELECT count(*) FROM trips`],
    ['recursion', `WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT sum(n) FROM r`],
    [
      'keyed recursion',
      `WITH RECURSIVE r(k, n) USING KEY (k) AS (
      SELECT 1, 0 UNION SELECT r.k, o.n + 1 FROM r, recurring.r AS o WHERE o.n < 3) SELECT * FROM r`,
    ],
    [
      'cross joins inside other joins',
      `SELECT t.id, s.id, n.x FROM trips t CROSS JOIN Stations s LEFT JOIN (SELECT 10 AS x) n
      ON n.x = s.id ORDER BY ALL`,
    ],
    [
      'a bracketed cross join',
      `SELECT t.id, s.city FROM trips t LEFT JOIN (Stations s CROSS JOIN (SELECT 1) one) ON s.id = t.station
      ORDER BY 1`,
    ],
    ['commas and joins', `SELECT count(*) FROM Stations a, trips t JOIN Stations b ON b.id = t.station, Stations c`],
    ['bracketed commas', `SELECT count(*) FROM Stations a, (Stations b CROSS JOIN trips c)`],
    [
      'lateral joins',
      `SELECT s.city, x.fare FROM Stations s, LATERAL (SELECT fare FROM trips t WHERE t.station = s.id
      ORDER BY fare DESC LIMIT 1) x ORDER BY 1`,
    ],
    [
      'every join',
      `SELECT count(*) FROM trips t JOIN Stations s ON s.id = t.station FULL JOIN trips u ON u.id = t.id
      SEMI JOIN Stations v ON v.id = t.station ANTI JOIN trips w ON w.id = 99 CROSS JOIN (SELECT 1 AS one)
      NATURAL JOIN (SELECT 1 AS one, 2 AS two) RIGHT JOIN (SELECT 2 AS two) USING (two) POSITIONAL JOIN Stations z`,
    ],
    ['an ASOF join', `SELECT t.id, s.city FROM trips t ASOF LEFT JOIN Stations s ON t.started >= s.opened ORDER BY 1`],
    [
      'set operations',
      `SELECT id FROM trips UNION ALL SELECT 7 EXCEPT SELECT 1 INTERSECT SELECT 1 ORDER BY 1 DESC LIMIT 3 OFFSET 1`,
    ],
    ['set operations by name', `SELECT 1 AS a, 2 AS b UNION ALL BY NAME SELECT 3 AS b ORDER BY ALL`],
    ['many unions', `SELECT 0${' UNION ALL SELECT 1'.repeat(40)}`],
    ['DISTINCT ON and percentages', `SELECT DISTINCT ON (rider) rider, id FROM trips ORDER BY rider, id LIMIT 100%`],
    ['a sample', `SELECT count(*) FROM trips TABLESAMPLE 100%`],
    ['a seeded sample', `SELECT count(*) FROM (FROM trips USING SAMPLE reservoir(2 ROWS) REPEATABLE (7))`],
    [
      'PIVOT',
      `PIVOT trips ON rider IN ('mia', 'noa') USING sum(fare) AS s, count(*) AS n GROUP BY station ORDER BY station`,
    ],
    [
      'SQL PIVOT',
      `SELECT * FROM (SELECT rider, station, fare FROM trips) PIVOT (sum(fare) FOR station IN (10, 20 AS x)) ORDER BY 1`,
    ],
    [
      'UNPIVOT',
      `UNPIVOT (SELECT id, fare, station::DECIMAL(9, 2) AS station FROM trips) ON fare, station INTO NAME k VALUE v ORDER BY ALL`,
    ],
    [
      'UNPIVOT of COLUMNS',
      `UNPIVOT (SELECT id, fare FROM trips) ON COLUMNS(* EXCLUDE (id)) INTO NAME k VALUE v ORDER BY ALL`,
    ],
    ['SUMMARIZE', `SUMMARIZE trips`],
    ['DESCRIBE', `DESCRIBE SELECT id, rider FROM trips`],
    [
      'lists and lambdas',
      `SELECT list_transform(tags, lambda x, i: x || i), list_filter(tags, x -> x <> 'fun'),
      [upper(x) FOR x IN tags IF x IS NOT NULL], list_reduce([1, 2, 3], (a, b) -> a + b), tags[1], tags[:1], tags[-1:] FROM trips`,
    ],
    ['JSON', `SELECT notes->>'$.km', notes->'via'->>0, json_extract(notes, '$.km'), notes.km FROM trips ORDER BY id`],
    ['JSON in FROM', `SELECT t.id, e.key, e.value FROM trips t, json_each(t.notes) e ORDER BY ALL`],
    ['methods', `SELECT rider.upper().left(2), t.rider.length() FROM trips t ORDER BY id`],
    [
      'a calendar',
      `SELECT range::DATE AS d FROM range(DATE '2024-01-01', DATE '2024-01-05', INTERVAL 1 DAY) ORDER BY 1`,
    ],
    ['unnest', `SELECT t.id, u.tag FROM trips t JOIN unnest(t.tags) WITH ORDINALITY u(tag, n) ON true ORDER BY ALL`],
    ['unnest in SELECT', `SELECT id, unnest(tags) FROM trips ORDER BY ALL`],
    ['quoted identifiers', `SELECT "a""b" AS "x; -- y", "select" AS "SELECT" FROM "odd name"`],
    ['other case', `SELECT TRIPS.ID FROM "TRIPS" ORDER BY "Id"`],
    ['the main schema', `SELECT main.trips.id FROM main.trips ORDER BY 1`],
    ['columns named like functions', `SELECT user FROM (SELECT rider AS user FROM trips) ORDER BY user`],
    ['column aliases used again', `SELECT 42 AS x, x + 1 AS y`],
    ['positions', `SELECT #2, id FROM trips ORDER BY #2`],
    ['whole rows', `SELECT t FROM trips t ORDER BY t.id`],
  ];

  const dynamicPivots: [what: string, sql: string][] = [
    [
      'PIVOT on the values found',
      `PIVOT trips ON rider USING sum(fare) AS s GROUP BY station ORDER BY station LIMIT 2`,
    ],
    [
      'PIVOT on several columns',
      `PIVOT (FROM trips WHERE id < 9) t ON rider || '!', station USING sum(fare), count(*)`,
    ],
    [
      'PIVOT of a PIVOT',
      `PIVOT (PIVOT trips ON rider USING max(id) GROUP BY station) ON mia USING count(*) GROUP BY station`,
    ],
    ['PIVOT in a CTE', `WITH p AS (PIVOT trips ON rider USING max(id) GROUP BY station) FROM p ORDER BY station`],
    ['PIVOT of a CTE', `WITH q AS (SELECT rider, id FROM trips) SELECT * FROM (PIVOT q ON rider /* , */) ORDER BY id`],
  ];

  it.each([...reads, ...dynamicPivots])('allows %s, and what it prints gives the same result', async (_what, sql) => {
    const { sql: printed } = await check(sql);
    expect(await rows(printed)).toEqual(await rows(sql));
  });

  it.each(reads)('prints %s in a form that it prints the same again', async (_what, sql) => {
    const { sql: printed } = await check(sql);
    expect((await check(printed)).sql).toBe(printed);
  });

  it('prints statements that can stand inside COPY', async () => {
    for (const sql of ['SUMMARIZE trips', 'DESCRIBE trips', 'FROM trips', 'VALUES (1)']) {
      expect((await check(sql)).sql).toMatch(/^SELECT /);
    }
  });

  it('explains a read without running it', async () => {
    const { sql, tables } = await check('explain FROM trips');
    expect([sql, tables]).toEqual(['EXPLAIN SELECT * FROM trips', ['trips']]);
  });

  it('refuses a join that DuckDB prints with another meaning', async () => {
    expect(await refusal('FROM trips NATURAL JOIN (trips a JOIN Stations b ON a.station = b.id)')).toMatchObject({
      code: 'sql_construct_not_allowed',
    });
  });
});

describe('lineage', () => {
  it('spells tables and columns as the catalogue does', async () => {
    const { tables, columns } = await check('SELECT CITY FROM stations');
    expect(tables).toEqual(['Stations']);
    expect(columns).toEqual([{ table: 'Stations', column: 'city' }]);
  });

  it('follows aliases, CTEs and sub-queries back to the tables', async () => {
    const sql = `WITH paid AS (SELECT rider AS who, fare FROM trips) SELECT p.who, s.city FROM paid p, (FROM Stations) s WHERE p.fare > 1`;
    expect(await columnsOf(sql)).toEqual([
      'Stations.city',
      'Stations.id',
      'Stations.opened',
      'trips.fare',
      'trips.rider',
    ]);
  });

  it('expands stars to the columns of their tables', async () => {
    expect(await columnsOf('SELECT s.* EXCLUDE (opened) FROM trips, Stations s')).toEqual([
      'Stations.city',
      'Stations.id',
    ]);
    expect(await columnsOf('SELECT count(*) FROM trips')).toEqual([]);
  });

  it('sees columns in every clause', async () => {
    const sql = `SELECT 1 FROM trips JOIN Stations USING (id) WHERE rider = 'x' GROUP BY station HAVING max(fare) > 1 ORDER BY min(city)`;
    expect(await columnsOf(sql)).toEqual([
      'Stations.city',
      'Stations.id',
      'trips.fare',
      'trips.id',
      'trips.rider',
      'trips.station',
    ]);
  });

  it('sees the column of a method call and the fields of a struct', async () => {
    expect(await columnsOf('SELECT rider.upper(), t.tags.length(), notes.km FROM trips t')).toEqual([
      'trips.notes',
      'trips.rider',
      'trips.tags',
    ]);
  });

  it('does not take lambda parameters and output names for columns', async () => {
    expect(await columnsOf('SELECT list_transform(tags, fare -> fare) AS id FROM trips ORDER BY id')).toEqual([
      'trips.tags',
    ]);
  });

  it('sees the outer column of a correlated sub-query', async () => {
    const sql = 'SELECT 1 FROM Stations s WHERE EXISTS (SELECT 1 FROM trips WHERE station = s.id AND city IS NOT NULL)';
    expect(await columnsOf(sql)).toEqual(['Stations.city', 'Stations.id', 'trips.station']);
  });
});
