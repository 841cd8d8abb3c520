import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { literal, TABLE_FORMAT } from '../sql-text.js';
import { joinParquet } from './join-parquet.js';

let folder: string;
let instance: DuckDBInstance;
let db: DuckDBConnection;
const { signal } = new AbortController();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lumiere-join-'));
  instance = await DuckDBInstance.create();
  db = await instance.connect();
});
afterAll(async () => {
  db.closeSync();
  instance.closeSync();
  await rm(folder, { recursive: true, force: true });
});

const rowsOf = (range: string): string => `
  SELECT i AS id, 'name ' || (i % 50) AS name, i % 3 = 0 AS third, (i * 1.25)::DECIMAL(30,4) AS amount, [i, -i] AS pair,
         {a: i, b: [{c: i::VARCHAR}]} AS nested, DATE '2020-01-01' + (i % 900)::INTEGER AS day, i / 7 AS ratio,
         CASE WHEN i % 5 > 0 THEN i END AS "gap ""s"
  FROM range(${range}) t(i)`;

async function write(name: string, select: string): Promise<string> {
  const file = join(folder, name);
  await db.run(
    `COPY (${select}) TO ${literal(file)} (${TABLE_FORMAT}, ROW_GROUP_SIZE 4096, KV_METADATA {about: 'rows'})`,
  );
  return file;
}

async function value(sql: string): Promise<unknown> {
  return (await db.runAndReadAll(sql)).getRows()[0]?.[0];
}

describe('joining Parquet files', () => {
  it('gives a file with the rows of all, in their order, and what the first one says of itself', async () => {
    const pieces = [
      await write('a.parquet', rowsOf('0, 9000')),
      await write('none.parquet', rowsOf('0')),
      await write('b.parquet', rowsOf('9000, 9001')),
      await write('c.parquet', rowsOf('9001, 30000')),
    ];
    const whole = join(folder, 'whole.parquet');
    const bytes = await joinParquet(pieces, whole, signal);
    const rows = `read_parquet(${literal(whole)}, file_row_number = true)`;
    const expected = `SELECT *, id AS file_row_number FROM (${rowsOf('0, 30000')})`;
    expect(await value(`SELECT count(*) FROM (FROM ${rows} EXCEPT ALL ${expected})`)).toBe(0n);
    expect(await value(`SELECT count(*) FROM (${expected} EXCEPT ALL FROM ${rows})`)).toBe(0n);
    expect(await value(`SELECT num_rows FROM parquet_file_metadata(${literal(whole)})`)).toBe(30_000n);
    expect(await value(`SELECT decode(value) FROM parquet_kv_metadata(${literal(whole)})`)).toBe('rows');
    expect(await value(`SELECT size FROM read_blob(${literal(whole)})`)).toBe(BigInt(bytes));
  });

  it('leaves statistics and Bloom filters where readers find them', async () => {
    const pieces = [await write('d.parquet', rowsOf('0, 9000')), await write('e.parquet', rowsOf('9000, 20000'))];
    const whole = join(folder, 'filtered.parquet');
    await joinParquet(pieces, whole, signal);
    const metadata = `parquet_metadata(${literal(whole)})`;
    expect(await value(`SELECT count(*) FROM ${metadata} WHERE bloom_filter_offset IS NOT NULL`)).not.toBe(0n);
    const probed = `parquet_bloom_probe(${literal(whole)}, 'name', 'nobody')`;
    expect(await value(`SELECT bool_and(bloom_filter_excludes) FROM ${probed}`)).toBe(true);
    expect(await value(`SELECT count(*) FROM read_parquet(${literal(whole)}) WHERE id = 19999`)).toBe(1n);
    const largest = `SELECT max(stats_max::BIGINT) FROM ${metadata} WHERE path_in_schema = 'id'`;
    expect(await value(largest)).toBe(19_999n);
  });

  it('refuses files of different columns, and stops when it is told to', async () => {
    const [one, other] = [await write('f.parquet', 'SELECT 1 AS x'), await write('g.parquet', 'SELECT 1 AS y')];
    await expect(joinParquet([one, other], join(folder, 'none-1.parquet'), signal)).rejects.toThrow('same columns');
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(joinParquet([one], join(folder, 'none-2.parquet'), stopped)).rejects.toThrow('stopped');
  });
});
