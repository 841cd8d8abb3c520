import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDuckDbGuard, type DuckDbGuard } from './guard.js';
import type { GuardedTable } from '../guard.js';
import type { ColumnFilter, TableNeed } from '../table-need.js';

const A: GuardedTable = { name: 'a', columns: ['id', 'x', 'note'] };
const B: GuardedTable = { name: 'b', columns: ['id', 'y', 'day'] };

describe('what a statement needs of its tables', () => {
  let guard: DuckDbGuard;

  beforeAll(async () => {
    guard = await createDuckDbGuard();
  });

  afterAll(() => guard.close());

  const needsOf = (sql: string, tables = [A, B]): Promise<TableNeed[]> => guard.needsOf(sql, { tables });
  const inWords = ({ column, operator, values }: ColumnFilter): string =>
    [column, operator, ...values.map(({ text }) => text)].join(' ');
  /** The conditions for each place of each table, as `a: x = 1, x > 0 | x = 2`. */
  const filtersOf = async (sql: string): Promise<string[]> =>
    (await needsOf(sql)).flatMap(({ table, places }) =>
      places.length === 0 ? [] : [`${table}: ${places.map((filters) => filters.map(inWords).join(', ')).join(' | ')}`],
    );
  const columnsOf = async (sql: string): Promise<string[]> =>
    (await needsOf(sql)).map(({ table, columns }) => `${table}: ${columns.join(' ')}`);
  const passageOf = async (sql: string) => (await needsOf(sql))[0]?.passesThrough;

  it.each([
    ['SELECT x FROM a', ['a: x']],
    ['SELECT * FROM a', ['a: id x note']],
    ['SELECT count(*) FROM a', ['a: ']],
    ['SELECT a.note FROM a JOIN b USING (id) ORDER BY y', ['a: id note', 'b: id y']],
    ['SELECT 1 FROM a NATURAL JOIN b', ['a: id', 'b: id']],
    ['SELECT q FROM a AS t(p, q)', ['a: id x note']],
    ['SELECT * EXCLUDE (note) FROM a', ['a: id x note']],
    ['SELECT t FROM a AS t', ['a: id x note']],
    ['WITH c AS (SELECT x FROM a) SELECT y FROM c JOIN b ON c.x = b.y', ['a: x', 'b: y']],
    ['SELECT x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.id = a.id)', ['a: id x', 'b: id']],
    ['FROM (PIVOT a ON x USING sum(id))', ['a: id x note']],
    ['SUMMARIZE a', ['a: id x note']],
  ])('are the columns that it reads: %s', async (sql, expected) => {
    expect(await columnsOf(sql)).toEqual(expected);
  });

  it.each([
    [`x = 1 AND note LIKE 'p%' AND 5 < id`, ['a: x = 1, note like p%, id > 5']],
    ['x IN (1, 2) AND id NOT IN (3) AND x BETWEEN -1 AND 2.50', ['a: x in 1 2, id not in 3, x between -1 2.50']],
    [`x IS NULL AND note IS NOT NULL`, ['a: x is null, note is not null']],
    ['x = true', ['a: x = true']],
    ['x = 1 OR id = 2', []],
    ['NOT (x = 1)', ['a: x <> 1']],
    ['NOT (x = 1 AND id = 2)', []],
    ['x = NULL AND id IN (1, NULL)', []],
    ['x = id AND x + 1 = 2 AND abs(x) = 1', []],
    ['x = random() AND id > length(note)', []],
    [`note ILIKE 'p%' AND note NOT LIKE 'q%' AND note COLLATE NOCASE = 'p'`, []],
    ['x IS DISTINCT FROM 1', []],
    ['note.field = 1', []],
    ['x = (SELECT max(y) FROM b)', []],
    ['x = 99999999999999999999', []],
    ['x = 1e3', []],
  ])('are conditions on a column and values, and no others: WHERE %s', async (where, expected) => {
    expect(await filtersOf(`SELECT 1 FROM a WHERE ${where}`)).toEqual(expected);
  });

  it.each([
    ['a JOIN b ON a.id = b.id AND b.y = 1 WHERE x = 2', ['a: x = 2', 'b: y = 1']],
    ['a, b WHERE x = 2 AND y = 1', ['a: x = 2', 'b: y = 1']],
    ['a JOIN b ON a.id = b.id WHERE id = 1', []],
    ['a LEFT JOIN b ON a.id = b.id AND b.y = 1 AND a.x = 2', ['b: y = 1']],
    ['a LEFT JOIN b ON a.id = b.id WHERE b.y = 1', ['b: y = 1']],
    ['a LEFT JOIN b ON a.id = b.id WHERE b.y IS NULL AND a.x IS NULL', ['a: x is null']],
    ['a RIGHT JOIN b ON a.x = 2 AND b.y = 1 WHERE a.x IS NULL', ['a: x = 2']],
    ['a FULL JOIN b ON a.x = 2 AND b.y = 1', []],
    ['a FULL JOIN b ON a.id = b.id WHERE b.y = 1 AND a.x IS NULL', ['b: y = 1']],
    ['a SEMI JOIN b ON a.x = 2 AND b.y = 1', ['a: x = 2', 'b: y = 1']],
    ['a ANTI JOIN b ON a.x = 2 AND b.y = 1 WHERE a.x = 3', ['a: x = 3', 'b: y = 1']],
    ['a ASOF JOIN b ON a.id >= b.id WHERE b.y = 1 AND a.x = 2', []],
    ['a POSITIONAL JOIN b WHERE b.y = 1', []],
    ['a TABLESAMPLE 10% WHERE x = 2', []],
    ['a LEFT JOIN (b JOIN a c ON c.x = 3) ON a.id = b.id AND b.y IS NULL', ['b: y is null']],
  ])('are tried on the side of a join where nothing can be missed: FROM %s', async (from, expected) => {
    expect(await filtersOf(`SELECT 1 FROM ${from}`)).toEqual(expected);
  });

  it('are taken from where the table stands, not from around it', async () => {
    expect(await filtersOf('SELECT * FROM (SELECT * FROM a) WHERE x = 1')).toEqual([]);
    expect(await filtersOf('SELECT x FROM a WHERE EXISTS (SELECT 1 FROM b WHERE a.x = 1 AND y = 2)')).toEqual([
      'b: y = 2',
    ]);
    expect(await filtersOf('SELECT x AS m FROM a GROUP BY x HAVING x = 1')).toEqual([]);
    expect(await filtersOf('SELECT x FROM a QUALIFY x = 1 AND row_number() OVER () = 1')).toEqual([]);
    expect(await filtersOf('SELECT x FROM a WHERE x = 1 USING SAMPLE 5 ROWS')).toEqual([]);
    expect(await filtersOf('FROM a, LATERAL (SELECT 1 FROM b WHERE b.y = 2 AND a.x = 1)')).toEqual(['b: y = 2']);
  });

  it('are those of any place where the table is read more than once', async () => {
    expect(await filtersOf('SELECT 1 FROM a WHERE x = 1 UNION ALL SELECT 2 FROM a WHERE x > 5 AND id = 2')).toEqual([
      'a: x = 1 | x > 5, id = 2',
    ]);
    expect(await filtersOf('SELECT 1 FROM a WHERE x = (SELECT max(x) FROM a) AND id = 1')).toEqual([]);
  });

  it('end with a LIMIT only when every row of the table is a row of the result', async () => {
    expect(await passageOf('SELECT x, 1, note AS n FROM a LIMIT 5 OFFSET 2')).toEqual({ limit: 5, offset: 2 });
    expect(await passageOf('FROM a')).toEqual({ limit: null, offset: 0 });
    for (const sql of [
      'SELECT x FROM a WHERE x = 1 LIMIT 5',
      'SELECT x FROM a ORDER BY x LIMIT 5',
      'SELECT DISTINCT x FROM a LIMIT 5',
      'SELECT count(*) FROM a LIMIT 5',
      'SELECT row_number() OVER () FROM a LIMIT 5',
      'SELECT unnest([1, 2]) FROM a LIMIT 5',
      'SELECT x FROM a GROUP BY ALL LIMIT 5',
      'SELECT x FROM a LIMIT 5%',
      'SELECT x FROM a LIMIT (SELECT 5)',
      'SELECT a.x FROM a, b LIMIT 5',
      'SELECT x FROM a USING SAMPLE 10%',
      '(SELECT x FROM a LIMIT 5) UNION ALL SELECT 1',
      'WITH c AS (SELECT 1) SELECT x FROM a LIMIT 5',
    ]) {
      expect([sql, await passageOf(sql)]).toEqual([sql, null]);
    }
  });

  it('include what the table’s own rules read', async () => {
    const ruled = { ...A, rowRules: [`(note = 'open') AND (x + 1 > 2)`] };
    expect(await needsOf('SELECT id FROM a LIMIT 5', [ruled])).toEqual([
      {
        table: 'a',
        columns: ['id', 'x', 'note'],
        places: [],
        passesThrough: null,
        rules: [{ column: 'note', operator: '=', values: [{ kind: 'text', text: 'open' }] }, null],
      },
    ]);
  });
});
