import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GuardedStatement, GuardScope } from '../guard.js';
import { createPostgresGuard, type PostgresGuard } from './guard.js';

const scope: GuardScope = {
  tables: [
    { name: 'trips', columns: ['id', 'rider', 'station', 'fare', 'started', 'tags', 'notes'] },
    { name: 'Stations', columns: ['id', 'city', 'opened'] },
    { name: 'odd name', columns: ['a"b', 'select'] },
    { name: 'archive.trips', columns: ['id', 'year'] },
  ],
};

let guard: PostgresGuard;

beforeAll(async () => {
  guard = await createPostgresGuard();
});

afterAll(() => guard.close());

const check = (sql: string): Promise<GuardedStatement> => guard.check(sql, scope);

/** What runs, which for most statements is what was written, up to blanks and case. */
const printed = async (sql: string): Promise<string> => (await check(sql)).sql;
const plain = (sql: string): string => sql.replace(/\s+/g, ' ').trim();

describe('reads', () => {
  const unchanged: [what: string, sql: string][] = [
    ['nothing but a value', `SELECT 1`],
    ['VALUES', `VALUES (1, 'a'), (2, 'b')`],
    ['precedence', `SELECT (2 + 3) * 4, 2 ^ (3 ^ 2), 1 - (2 - 3), - (1 + 2), NOT (true = false)`],
    ['conditions', `SELECT id FROM trips WHERE id IN (1, 2) AND (fare > 3 OR fare IS NULL) AND NOT (rider LIKE 'm%')`],
    ['distinct comparison', `SELECT id IS DISTINCT FROM station FROM trips`],
    ['cases', `SELECT CASE WHEN fare > 5 THEN 'high' ELSE 'low' END FROM trips`],
    ['FILTER', `SELECT count(*) FILTER (WHERE fare > 3) FROM trips`],
    ['ordered aggregates', `SELECT string_agg(DISTINCT rider, ', ' ORDER BY rider DESC NULLS LAST) FROM trips`],
    ['WITHIN GROUP', `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY fare) FROM trips`],
    ['JSON', `SELECT notes ->> 'km', notes #>> '{a,0}' FROM trips WHERE notes @> '{"a":1}' AND notes ? 'km'`],
    ['arrays', `SELECT (tags)[1], (tags)[1:2], ARRAY[1, 2] || 3, 'x' = ANY (tags) FROM trips`],
    ['set operations', `SELECT id FROM trips UNION ALL SELECT id FROM archive.trips ORDER BY id LIMIT 3`],
    ['rows with ties', `SELECT id FROM trips ORDER BY fare OFFSET 1 FETCH FIRST (2) ROWS WITH TIES`],
    ['explained', `EXPLAIN SELECT id FROM trips`],
  ];

  it.each(unchanged)('keeps %s as written', async (_what, sql) => {
    expect(plain(await printed(sql))).toBe(plain(sql));
  });

  const allowed: [what: string, sql: string][] = [
    [
      'windows',
      `SELECT sum(fare) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW EXCLUDE TIES), lag(fare, 1, 0) OVER w,
      avg(fare) OVER (ORDER BY started RANGE BETWEEN '20 days' PRECEDING AND CURRENT ROW), rank() OVER (w ORDER BY id)
      FROM trips WINDOW w AS (PARTITION BY rider)`,
    ],
    [
      'grouping sets',
      `SELECT rider, grouping(rider) FROM trips GROUP BY GROUPING SETS (ROLLUP (rider, station), CUBE (id, fare), ())`,
    ],
    [
      'grouping by outputs',
      `SELECT date_trunc('month', started) AS month, count(*) FROM trips GROUP BY month ORDER BY month, 2`,
    ],
    ['DISTINCT ON', `SELECT DISTINCT ON (rider) rider, fare FROM trips ORDER BY rider, fare DESC`],
    [
      'unnamed outputs below',
      `SELECT x.max, x."case", x."?column?", x.date_trunc, x.int4, x."array" FROM (
      SELECT (SELECT max(id) FROM trips), CASE WHEN true THEN 1 END, 1 + 1, date_trunc('day', started), (1 + 1)::int, ARRAY[1] FROM trips) x`,
    ],
    [
      'dates',
      `SELECT started AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Oslo', extract(isodow FROM started), now() - interval '30 days',
      to_char(started, 'YYYY-MM'), (started, started) OVERLAPS (date '2024-01-01', date '2024-02-01'), current_date FROM trips`,
    ],
    [
      'casts',
      `SELECT fare::numeric(10, 1), CAST(rider AS varchar(3)), '{1}'::int[], interval '1' day, timestamp(3) '2020-01-01' FROM trips`,
    ],
    [
      'literals',
      `SELECT -1, .5, 5., 1e10, 99999999999999999999, b'101', x'1f', U&'\\0041', E'a\\nb', $$it's$$, true, NULL`,
    ],
    [
      'texts',
      `SELECT trim(both 'x' from rider), substring(rider from 2 for 3), position('a' in rider), overlay(rider placing 'x' from 1),
      rider ILIKE 'M%', rider SIMILAR TO '[a-m]%', rider ~* 'a', rider LIKE 'm!%' ESCAPE '!' FROM trips`,
    ],
    [
      'rows',
      `SELECT (id, rider) IN (SELECT id, 'x' FROM "Stations"), ROW(1, 2) < (3, 4), (id, fare) = (1, 2) FROM trips`,
    ],
    ['sub-queries', `SELECT ARRAY(SELECT id FROM trips), EXISTS (SELECT FROM trips), 3 > ALL (SELECT id FROM trips)`],
    ['recursion', `WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 9) SELECT sum(n) FROM r`],
    [
      'recursion with a path',
      `WITH RECURSIVE r AS (SELECT id, station FROM trips UNION ALL SELECT t.id, t.station FROM trips t JOIN r ON t.id = r.station)
      SEARCH DEPTH FIRST BY id SET place CYCLE id SET looped USING path SELECT id, place, looped, path FROM r`,
    ],
    ['CTEs', `WITH a AS MATERIALIZED (SELECT id FROM trips), b(n) AS (SELECT id FROM a) SELECT sum(n) FROM b`],
    ['forward CTEs', `WITH RECURSIVE a AS (SELECT n FROM b), b(n) AS (SELECT 1) SELECT n FROM a`],
    ['a CTE with the name of a table', `WITH trips AS (SELECT id AS only_here FROM trips) SELECT only_here FROM trips`],
    [
      'lateral joins',
      `SELECT s.city, x.fare FROM "Stations" s LEFT JOIN LATERAL (SELECT fare FROM trips t WHERE t.station = s.id LIMIT 1) x ON true`,
    ],
    [
      'functions in FROM',
      `SELECT t.id, tag, e.key, n FROM trips t, unnest(t.tags) AS tag, jsonb_each_text(t.notes) e, generate_series(1, 3) n`,
    ],
    ['ordinality', `SELECT u.tag, u.n FROM trips t, unnest(t.tags) WITH ORDINALITY AS u(tag, n)`],
    ['records', `SELECT r.a FROM jsonb_to_recordset('[{"a": 1}]') AS r(a int, b text)`],
    ['functions side by side', `SELECT z.p, z.q FROM ROWS FROM (generate_series(1, 3), unnest(ARRAY['a'])) AS z(p, q)`],
    ['VALUES in FROM', `SELECT v.x, w.column1 FROM (VALUES (1, 'a')) v(x, y), (VALUES (1)) w`],
    ['joins with a name', `SELECT j.rider FROM (trips t JOIN (SELECT 1 AS one) o ON true) AS j`],
    ['joins by name', `SELECT id, rider, city FROM trips FULL JOIN "Stations" USING (id)`],
    ['samples', `SELECT id FROM trips TABLESAMPLE bernoulli (10) REPEATABLE (1)`],
    ['named arguments', `SELECT make_interval(days => 3, hours := 2)`],
    ['collations', `SELECT rider FROM trips ORDER BY rider COLLATE "C", id`],
    ['outer names', `SELECT id, (SELECT count(*) FROM "Stations" s WHERE s.id = station) FROM trips`],
    [
      'geometry, ranges and networks',
      `SELECT point(1, 2) <-> point(3, 4), int4range(1, 5) && '[2,3]'::int4range, inet '10.0.0.1' << inet '10.0.0.0/8'`,
    ],
    ['text search', `SELECT to_tsvector('simple', rider) @@ to_tsquery('a & b') FROM trips`],
    ['repetition by the data', `SELECT repeat('#', fare::int), lpad(id::text, 5, '0') FROM trips`],
    ['hundreds of literals', `SELECT id FROM trips WHERE id IN (${Array.from({ length: 2_000 }, (_, i) => i).join()})`],
    ['a hundred additions', `SELECT 1${' + 1'.repeat(100)}`],
    ['nested comments', `/* a /* b */ c */ SELECT 1 -- d`],
    ['a semicolon', `SELECT 1;`],
  ];

  it.each(allowed)('allows %s', async (_what, sql) => {
    const once = await printed(sql);
    expect(await printed(once)).toBe(once);
  });
});

describe('what is said to be read', () => {
  it('names tables and columns, also through aliases, stars and CTEs', async () => {
    const { tables, columns } = await check(
      `WITH c AS (SELECT * FROM "Stations") SELECT t.rider, c.city FROM trips t JOIN c ON c.id = station`,
    );
    expect(tables).toEqual(['Stations', 'trips']);
    expect(columns).toEqual([
      { table: 'Stations', column: 'id' },
      { table: 'Stations', column: 'city' },
      { table: 'Stations', column: 'opened' },
      { table: 'trips', column: 'station' },
      { table: 'trips', column: 'rider' },
    ]);
  });

  it('counts whole rows and shared columns', async () => {
    expect((await check(`SELECT s FROM "Stations" s`)).columns).toHaveLength(3);
    expect((await check(`SELECT 1 FROM trips JOIN archive.trips a USING (id)`)).columns).toEqual([
      { table: 'trips', column: 'id' },
      { table: 'archive.trips', column: 'id' },
    ]);
  });

  it('does not count a CTE with the name of a table', async () => {
    expect(await check(`WITH trips AS (SELECT 1 AS id) SELECT id FROM trips`)).toMatchObject({
      tables: [],
      columns: [],
    });
  });
});

describe('names', () => {
  it('are quoted where they must be', async () => {
    expect(await printed(`SELECT "a""b", o."select" FROM "odd name" o`)).toBe(
      `SELECT "a""b", o."select" FROM "odd name" AS o`,
    );
  });

  it('are found in another schema', async () => {
    expect(await printed(`SELECT archive.trips.year FROM archive.trips`)).toBe(`SELECT trips.year FROM archive.trips`);
  });

  it('get the default schema in front, so that nothing can stand before them', async () => {
    const { sql } = await guard.check(`SELECT trips.id, a.id FROM trips, public.trips a`, {
      ...scope,
      defaultSchema: 'public',
    });
    expect(sql).toBe(`SELECT trips.id, a.id FROM public.trips, public.trips AS a`);
  });
});

it('serves many callers at once', async () => {
  const checks = Array.from({ length: 50 }, (_, index) => check(`SELECT ${index} FROM trips`));
  expect((await Promise.all(checks)).map(({ sql }) => sql)).toEqual(
    checks.map((_, index) => `SELECT ${index} FROM trips`),
  );
});
