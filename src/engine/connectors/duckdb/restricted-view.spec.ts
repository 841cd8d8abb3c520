import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDuckDbGuard, digestKey, type DuckDbGuard, type GuardedTable } from '../../sql/index.js';
import { DuckDbFileConnector } from './duckdb-file-connector.js';
import type { Restriction } from './restricted-view.js';

const ROWS = 20_000;
const HIDDEN = 'SECRET';
const SALT = 'a salt';

/** Rows whose note is secret belong to another region; everything else could be cast to a number. */
const ALL = `
  SELECT i AS id, CASE WHEN i % 50 = 7 THEN 'ZZ' ELSE 'EU' END AS region,
         CASE WHEN i % 50 = 7 THEN '${HIDDEN}' || i ELSE i::VARCHAR END AS note,
         'person' || (i % 100) || '@example.com' AS email, i % 13 AS amount, DATE '2024-01-01' + (i % 400)::INTEGER AS day
  FROM range(${ROWS}) t(i)`;
/** What somebody may see of it, made by hand. */
const VISIBLE = `
  SELECT id, region, note, sha256('${digestKey(SALT)}:' || email) AS email, CASE WHEN false THEN amount END AS amount, day
  FROM (${ALL}) WHERE region = 'EU'`;

const COLUMNS = ['id', 'region', 'note', 'email', 'amount', 'day'];
/** Slow enough that an engine free to choose would look at a cheaper condition first. */
const RULE = `regexp_matches(lower(region), '^e.*u$')`;
const RESTRICTION: Restriction = {
  columns: COLUMNS,
  rowRules: [RULE, `region IS NOT NULL`],
  masks: { email: 'hash', amount: 'hide' },
  salt: SALT,
};

describe('a table under access rules', () => {
  let folder: string;
  let guard: DuckDbGuard;
  let restricted: DuckDbFileConnector;
  let byHand: DuckDbFileConnector;
  let leaking: DuckDbFileConnector;
  let runs = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-restricted-'));
    const file = (name: string): string => join(folder, `${name}.parquet`);
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    await connection.run(`
      COPY (${ALL}) TO '${file('all')}'; COPY (${VISIBLE}) TO '${file('visible')}';
      COPY (SELECT range AS id, 'label ' || range AS label FROM range(50)) TO '${file('labels')}'`);
    connection.closeSync();
    instance.closeSync();
    guard = await createDuckDbGuard();
    const bounds = { maxMemoryBytes: 200_000_000, threads: 2, maxSpillBytes: 50_000_000, scratchDirectory: folder };
    const labels = { name: 'labels', file: file('labels') };
    restricted = new DuckDbFileConnector({
      ...bounds,
      tables: [{ name: 'orders', file: file('all'), restriction: RESTRICTION }, labels],
    });
    byHand = new DuckDbFileConnector({ ...bounds, tables: [{ name: 'orders', file: file('visible') }, labels] });
    leaking = new DuckDbFileConnector({ ...bounds, tables: [{ name: 'orders', file: file('all') }, labels] });
  });

  afterAll(async () => {
    guard.close();
    await rm(folder, { recursive: true, force: true });
  });

  const tables: GuardedTable[] = [
    { name: 'orders', columns: COLUMNS, rowRules: RESTRICTION.rowRules, masks: RESTRICTION.masks },
    { name: 'labels', columns: ['id', 'label'] },
  ];
  const answer = async (connector: DuckDbFileConnector, sql: string): Promise<string> => {
    const statement = await guard.check(sql, { tables });
    const { rows, columns } = await connector.run({
      sql: statement.sql,
      resultFile: join(folder, `result-${(runs += 1)}.parquet`),
      firstRows: 500,
      limits: { maxRows: 500, maxResultBytes: 50_000_000, maxMemoryBytes: 200_000_000, timeoutMs: 20_000 },
      signal: new AbortController().signal,
    });
    return JSON.stringify([columns.map(({ name }) => name), rows]);
  };

  it.each([
    ['a star', `SELECT * FROM orders ORDER BY id`],
    ['FROM first', `FROM orders ORDER BY 1 LIMIT 20`],
    ['a count', `SELECT count(*), count(amount), min(id), max(id), sum(hash(note)) FROM orders`],
    ['a qualified star', `SELECT o.* FROM orders AS o ORDER BY o.id`],
    ['the schema’s name', `SELECT count(*) FROM main.orders`],
    ['new names of columns', `SELECT b, count(*) FROM orders AS o(a, b, c) GROUP BY b`],
    ['the row as a value', `SELECT orders FROM orders ORDER BY id LIMIT 5`],
    ['a field of the row', `SELECT count(DISTINCT (o).region) FROM (SELECT orders AS o FROM orders)`],
    ['COLUMNS', `SELECT max(COLUMNS(*)) FROM orders`],
    ['REPLACE', `SELECT * REPLACE (upper(email) AS email) FROM orders ORDER BY id LIMIT 5`],
    ['a sub-query in FROM', `SELECT region, count(*) FROM (SELECT * FROM orders) AS x GROUP BY 1`],
    ['a sub-query of the same name', `SELECT count(*) FROM (SELECT * FROM orders) AS orders`],
    ['IN', `SELECT count(*) FROM labels WHERE id IN (SELECT id FROM orders WHERE region <> 'EU')`],
    ['EXISTS', `SELECT id FROM labels l WHERE EXISTS (FROM orders o WHERE o.id = l.id AND region = 'ZZ') ORDER BY id`],
    [
      'a scalar sub-query',
      `SELECT label, (SELECT note FROM orders o WHERE o.id = l.id) AS note FROM labels l ORDER BY l.id`,
    ],
    ['LATERAL', `SELECT count(*) FROM labels l, LATERAL (SELECT * FROM orders o WHERE o.id = l.id) AS x`],
    ['a self-join', `SELECT count(*) FROM orders a JOIN orders b USING (id)`],
    ['an outer join', `SELECT l.id, o.note FROM labels l LEFT JOIN orders o ON o.id = l.id ORDER BY l.id`],
    ['an anti-join', `SELECT l.id FROM labels l ANTI JOIN orders o ON o.id = l.id ORDER BY l.id`],
    ['a full join', `SELECT count(o.id), count(l.id) FROM labels l FULL JOIN orders o USING (id)`],
    [
      'a positional join',
      `SELECT o.note, l.label FROM orders o POSITIONAL JOIN labels l WHERE l.id IS NOT NULL ORDER BY 1, 2`,
    ],
    ['a CTE', `WITH x AS (SELECT * FROM orders) SELECT region, count(*) FROM x GROUP BY 1`],
    ['a CTE of the same name', `WITH orders AS (SELECT * FROM orders) SELECT count(*) FROM orders`],
    [
      'a recursive CTE',
      `WITH RECURSIVE r AS (SELECT min(id) AS id FROM orders UNION ALL SELECT o.id FROM orders o JOIN r ON o.id = r.id + 1 WHERE o.id < 30) SELECT count(*) FROM r`,
    ],
    ['UNION', `SELECT region FROM orders UNION SELECT label FROM labels ORDER BY 1`],
    ['EXCEPT', `SELECT id FROM labels EXCEPT SELECT id FROM orders ORDER BY 1`],
    ['INTERSECT', `SELECT id FROM labels INTERSECT SELECT id FROM orders ORDER BY 1`],
    ['a window', `SELECT id, lag(note) OVER (ORDER BY id) FROM orders ORDER BY id LIMIT 20`],
    ['QUALIFY', `SELECT id FROM orders QUALIFY row_number() OVER (PARTITION BY region ORDER BY id) = 1`],
    ['PIVOT', `PIVOT orders ON region USING count(*)`],
    [
      'UNPIVOT',
      `SELECT name, count(*) FROM (UNPIVOT (SELECT note, email FROM orders) ON COLUMNS(*) INTO NAME name VALUE v) GROUP BY 1 ORDER BY 1`,
    ],
    ['SUMMARIZE', `SELECT column_name, min, max, count FROM (SUMMARIZE orders)`],
    ['a list of all', `SELECT length(list(note)), list_max(list(note)) FROM orders`],
    ['the most frequent values', `SELECT approx_count_distinct(region), mode(region), histogram(region) FROM orders`],
    ['an alias like a masked column', `SELECT id AS email, count(*) FROM orders WHERE email LIKE '%@%' GROUP BY id`],
    [
      'a condition on a masked column',
      `SELECT count(*) FROM orders WHERE email = 'person1@example.com' OR amount >= 0`,
    ],
    ['an order by a masked column', `SELECT id FROM orders ORDER BY amount, id LIMIT 20`],
    ['groups of a masked column', `SELECT email, count(*) FROM orders GROUP BY email ORDER BY email`],
    [
      'a join over a masked column',
      `SELECT count(*) FROM orders a JOIN orders b ON a.email = b.email WHERE a.id < 100`,
    ],
    ['a condition that always holds', `SELECT count(*) FROM orders WHERE region = 'EU' OR true OR region <> 'EU'`],
    ['HAVING', `SELECT region FROM orders GROUP BY region HAVING bool_or(region = 'ZZ') OR count(*) > 0`],
    ['a CASE over the rule', `SELECT count(CASE WHEN region = 'ZZ' THEN 1 END) FROM orders`],
    ['a bare boolean of the whole', `SELECT bool_or(note LIKE '${HIDDEN}%') AS any_secret FROM orders`],
  ])('reads the same as one without the hidden rows and values: %s', async (_what, sql) => {
    const seen = await answer(restricted, sql);
    expect(seen).toBe(await answer(byHand, sql));
    expect(seen).not.toContain(HIDDEN);
  });

  it.each([
    ['a cast in WHERE', `SELECT count(*) FROM orders WHERE CAST(note AS INTEGER) >= 0`],
    ['a cast in SELECT', `SELECT max(CAST(note AS INTEGER)) FROM orders`],
    ['a cast in a join', `SELECT count(*) FROM labels l JOIN orders o ON CAST(o.note AS INTEGER) = l.id`],
    ['a cast in a sub-query', `SELECT count(*) FROM labels WHERE id IN (SELECT CAST(note AS INTEGER) FROM orders)`],
    ['a cast in an aggregate', `SELECT sum(id) FILTER (WHERE CAST(note AS INTEGER) > 1) FROM orders`],
    ['a cast in an order', `SELECT id FROM orders ORDER BY CAST(note AS INTEGER) DESC LIMIT 3`],
  ])('gives nothing away by failing on hidden rows: %s', async (_what, sql) => {
    await expect(answer(leaking, sql)).rejects.toMatchObject({ code: 'query_failed' });
    expect(await answer(restricted, sql)).toBe(await answer(byHand, sql));
  });

  it('shows the beginning of a value and the domain of an email where the mask is partial', async () => {
    const all = join(folder, 'all.parquet');
    const partial = new DuckDbFileConnector({
      maxMemoryBytes: 200_000_000,
      threads: 2,
      maxSpillBytes: 0,
      scratchDirectory: folder,
      tables: [
        {
          name: 'orders',
          file: all,
          restriction: {
            columns: COLUMNS,
            rowRules: [],
            masks: { email: 'partial', note: 'partial', day: 'partial' },
            salt: SALT,
          },
        },
      ],
    });
    expect(await answer(partial, 'SELECT note, email, day FROM orders WHERE id IN (7, 21) ORDER BY id')).toBe(
      JSON.stringify([
        ['note', 'email', 'day'],
        [
          ['S***', 'p***@example.com', '2***'],
          ['***', 'p***@example.com', '2***'],
        ],
      ]),
    );
  });
});
