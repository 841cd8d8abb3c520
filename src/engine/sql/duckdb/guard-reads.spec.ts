import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

const rows = async (sql: string): Promise<string[]> => {
  const result = await connection.runAndReadAll(sql);
  return result.getRowsJson().map((row) => JSON.stringify(row));
};

describe('reads', () => {
  const reads: [what: string, sql: string][] = [
    ['stars', `SELECT * EXCLUDE (tags) REPLACE (fare * 2 AS fare) RENAME (rider AS who) FROM trips`],
    ['COLUMNS', `SELECT max(COLUMNS('^(id|fare)$')) FROM trips`],
    ['COLUMNS with a lambda', `SELECT COLUMNS(c -> c LIKE 'f%') FROM trips`],
    ['FROM first', `FROM trips WHERE fare > 4`],
    ['VALUES', `VALUES (1, 'a'), (2, 'b')`],
    ['a sample of VALUES', `SELECT count(*) FROM (VALUES (1), (2)) AS valueslist TABLESAMPLE 0%`],
    [
      'floating-point literals as arguments',
      `SELECT quantile_cont(fare, 5e-1), round(max(fare), 1e0::INT) FROM trips LIMIT 1e1`,
    ],
    ['VALUES in FROM', `SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(x, y)`],
    ['a trailing semicolon', `SELECT 1;`],
    [
      'every kind of literal',
      `SELECT 1, -2, .5, 5., 007.50, 1e10, 1e400, 1e-3, 12345678901234567890, 9007199254740993,
      123456789012345678901234567890.12, 'it''s', $$dollar$$, TRUE, FALSE, NULL, [1, 2], {'a': 1}, MAP {'k': 2}, (1, 'x')`,
    ],
    [
      'text that looks like a piece of the tree',
      `SELECT '{"$number":"1"}', '":12345678901234567890,', ',"query_location":7', '"value":1.5}', '\\":1e999}' AS "{""$number"":""2""}"`,
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
    const [actual, expected] = [await rows(printed), await rows(sql)];
    // Without an order of its own a result comes as its threads finish.
    const isOrdered = /\border by\b/i.test(sql);
    expect(isOrdered ? actual : actual.toSorted()).toEqual(isOrdered ? expected : expected.toSorted());
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
    const sql = 'FROM trips NATURAL JOIN (trips a JOIN Stations b ON a.station = b.id)';
    await expect(check(sql)).rejects.toMatchObject({ code: 'sql_construct_not_allowed' });
  });
});
