import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GuardScope } from '../guard.js';
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

const columnsOf = async (sql: string): Promise<string[]> =>
  (await guard.check(sql, scope)).columns.map(({ table, column }) => `${table}.${column}`).sort();

describe('lineage', () => {
  it('spells tables and columns as the catalogue does', async () => {
    const { tables, columns } = await guard.check('SELECT CITY FROM stations', scope);
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
