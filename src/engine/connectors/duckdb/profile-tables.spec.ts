import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDBInstance } from '@duckdb/node-api';
import type { CatalogColumn, CatalogTable } from '../../catalog/catalog.js';
import { profileTables } from './profile-tables.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-profile-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function profile(name: string, select: string): Promise<CatalogTable> {
  const file = join(folder, `${name}.parquet`);
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const bounds = { maxMemoryBytes: 200_000_000, threads: 2, maxSpillBytes: 1_000_000, scratchDirectory: folder };
  const [table] = await profileTables({ tables: [{ name, file }], signal: new AbortController().signal, ...bounds });
  if (!table) throw new Error('No table was profiled.');
  return table;
}

function column(table: CatalogTable, name: string): CatalogColumn {
  const found = table.columns.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`There is no column ${name}.`);
  return found;
}

describe('profiling a table', () => {
  it('counts, measures and samples each column', async () => {
    const table = await profile(
      'trips',
      `SELECT i AS trip_id, ['north', 'south', 'north'][1 + i % 3] AS region, DATE '2024-01-01' + (i % 10)::INT AS day,
         TIMESTAMP '2024-01-01 10:00:00' AS at, CASE WHEN i % 2 = 0 THEN i / 4 END AS fare, [i] AS stops
       FROM range(30) t(i)`,
    );
    expect(table).toMatchObject({ rowCount: 30, primaryKey: ['trip_id'] });
    expect(column(table, 'region')).toMatchObject({
      type: 'text',
      nullable: false,
      values: ['north', 'south'],
      stats: { distinct: 2, nulls: 0, min: 'north', max: 'south', samples: ['north', 'south'] },
    });
    expect(column(table, 'day').stats).toMatchObject({ distinct: 10, min: '2024-01-01', max: '2024-01-10' });
    expect(column(table, 'at').stats).toMatchObject({ min: '2024-01-01T10:00:00' });
    expect(column(table, 'fare')).toMatchObject({ type: 'float', nullable: true, stats: { nulls: 15, distinct: 15 } });
    expect(column(table, 'stops')).toMatchObject({ type: 'list', stats: { distinct: null, nulls: 0, samples: [] } });
  });

  it('keeps no values of a column that has many, or long ones', async () => {
    const table = await profile(
      'many',
      `SELECT 'v' || i AS many, repeat('x', 500) || i % 3 AS long FROM range(6000) t(i)`,
    );
    expect(column(table, 'many')).toMatchObject({ values: null, stats: { distinct: 6_000 } });
    expect(column(table, 'long').values).toBeNull();
    expect(Math.max(...column(table, 'long').stats.samples.map((sample) => sample.length))).toBe(200);
  });

  it('approximates the number of distinct values above 10,000 and still proves a primary key', async () => {
    const table = await profile('large', 'SELECT i AS id, i % 40000 AS other_id FROM range(50000) t(i)');
    expect(table.primaryKey).toEqual(['id']);
    expect(column(table, 'other_id').stats.distinct).toBeGreaterThan(30_000);
  });

  it('leaves out values that a text cannot hold everywhere', async () => {
    const table = await profile('nul', `SELECT ['a' || chr(0), 'b'][1 + i % 2] AS v FROM range(4) t(i)`);
    expect(column(table, 'v').values).toEqual(['b']);
  });

  it('describes a thousand columns and a table without rows', async () => {
    const columns = Array.from({ length: 1_000 }, (_, i) => `${i} AS c${i}`).join(', ');
    expect((await profile('wide', `SELECT ${columns}`)).columns).toHaveLength(1_000);
    const empty = await profile('empty', 'SELECT 1 AS id WHERE false');
    expect(empty).toMatchObject({ rowCount: 0, primaryKey: [] });
    expect(column(empty, 'id').stats).toMatchObject({ nulls: 0, min: null, max: null, samples: [] });
  });
});
