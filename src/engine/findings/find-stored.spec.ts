/** Results that are too large for memory are searched where they lie. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DuckDbFileConnector, readPage } from '../connectors/duckdb/index.js';
import { type Finding, findIn, findInStored } from './index.js';

const NOW = new Date('2027-01-01T00:00:00Z');

/** Sales of five years: they grow, one of twelve shops makes most of them, the discount follows the price, one row is odd. */
const SALES = (rows: number) => `
  SELECT i AS sale_id, DATE '2021-01-01' + (i * 1825 // ${rows})::INTEGER AS sold_on,
    'Shop ' || (CASE WHEN h % 10 < 8 THEN 0 ELSE 1 + h // 10 % 11 END) AS shop,
    (CASE WHEN i = ${rows} // 2 THEN 487.65 ELSE 100 + 40.0 * i / ${rows} + (h % 1009) / 40 END)::DECIMAL(10, 2) AS amount,
    (10 + (h % 1009) / 100 + (h2 % 100) / 50)::DOUBLE AS discounts
  FROM (SELECT i, hash(i) // 3 AS h, hash(i + 1000000) // 5 AS h2 FROM range(${rows}) t(i)) ORDER BY i`;

describe('findings in a stored result', () => {
  let folder: string;
  const { signal } = new AbortController();
  const bounds = () => ({ maxMemoryBytes: 512e6, threads: 2, maxSpillBytes: 1e9, scratchDirectory: folder });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lumiere-findings-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const store = async (sql: string): Promise<string> => {
    const resultFile = join(folder, 'result.parquet');
    const limits = { maxRows: 2e6, maxResultBytes: 1e9, maxMemoryBytes: 512e6, timeoutMs: 60_000 };
    await new DuckDbFileConnector({ ...bounds(), tables: [] }).run({ sql, resultFile, limits, signal });
    return resultFile;
  };
  const beginning = async (file: string, limit: number) => ({
    ...(await readPage({ file, offset: 0, limit, bounds: bounds(), signal })),
    truncated: false,
  });
  const search = (file: string, rowCount: number) => ({
    now: NOW,
    file,
    rowCount,
    bounds: bounds(),
    signal,
    timeoutMs: 20_000,
  });
  /** Numbers as far as the order of additions lets them agree. */
  const rounded = (findings: Finding[]) =>
    JSON.parse(JSON.stringify(findings), (_, value: unknown) =>
      typeof value === 'number' ? Number(value.toPrecision(9)) : value,
    ) as unknown;

  it('are those that would be found in memory', async () => {
    const file = await store(SALES(3000));
    const all = await beginning(file, 3000);
    const inMemory = await findIn(all, { now: NOW });
    expect(inMemory.map(({ key }) => key).sort()).toEqual([
      'concentration-2-3',
      'concentration-2-4',
      'correlation-3-4',
      'outlier-3',
      'trend-1-3',
    ]);
    expect(rounded(await findInStored(all, search(file, 3000)))).toEqual(rounded(inMemory));
  });

  it('are about all rows, not about the first ones', async () => {
    const file = await store(SALES(60_000));
    const findings = await findInStored(await beginning(file, 5000), search(file, 60_000));
    expect(findings.find(({ type }) => type === 'outlier')).toMatchObject({
      rows: [30_000],
      figures: { values: ['487.65'], count: 60_000 },
    });
    expect(findings.find(({ type }) => type === 'trend')?.figures).toMatchObject({ periods: 60, period: 'month' });
  });

  it('end with the time that they are given', async () => {
    const file = await store(SALES(60_000));
    const hurried = { ...search(file, 60_000), timeoutMs: 1 };
    await expect(findInStored(await beginning(file, 5000), hurried)).rejects.toMatchObject({ code: 'query_timeout' });
  });
});
