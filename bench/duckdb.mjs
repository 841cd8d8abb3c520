/** From a source of files into a stored result, against DuckDB's own COPY of the same statement to the same kind of file. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { inMegabytes, inMilliseconds, median, timed } from './numbers.mjs';
import { memoryGrowth } from './server.mjs';
import { sqlText } from './wide-csv.mjs';

const ROWS = 1_000_000;
const ROUNDS = 7;
const LEAST_SPEED = 0.9;
const MOST_BYTES = 200e6;
const MEMORY = 256e6;
const THREADS = 2;
const SQL = 'SELECT * FROM orders';

/** @param {import('./run.mjs').Bench} bench */
export async function measureDuckDb(bench) {
  const { DuckDbFileConnector } = await import('../dist/src/engine/connectors/duckdb/index.js');
  const { TABLE_FORMAT } = await import('../dist/src/engine/connectors/duckdb/sql-text.js');
  const folder = join(bench.folder, 'duckdb');
  await mkdir(folder);
  const table = join(folder, 'orders.parquet');
  const instance = await DuckDBInstance.create(':memory:', { threads: String(THREADS), memory_limit: `${MEMORY}B` });
  const bare = await instance.connect();
  try {
    await fill(bare, table);
    await bare.run(`CREATE VIEW orders AS FROM read_parquet(${sqlText(table)})`);
    const connector = new DuckDbFileConnector({
      maxMemoryBytes: MEMORY,
      threads: THREADS,
      maxSpillBytes: 2e9,
      scratchDirectory: folder,
      tables: [{ name: 'orders', file: table }],
    });
    const resultFile = join(folder, 'result.parquet');
    const copied = async () => {
      await bare.run(`COPY (${SQL}) TO ${sqlText(resultFile)} (${TABLE_FORMAT})`);
    };
    const stored = async () => {
      const { rowCount, truncated } = await connector.run({
        sql: SQL,
        resultFile,
        limits: { maxRows: ROWS, maxResultBytes: 1e9, maxMemoryBytes: MEMORY, timeoutMs: 120_000 },
        signal: new AbortController().signal,
      });
      if (rowCount !== ROWS || truncated) throw new Error(`the result has ${rowCount} rows`);
    };
    const [copies, runs, growths] = [[], [], []];
    // The first round warms both up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const copy = await timed(copied);
      await rm(resultFile);
      let run = 0;
      const growth = await memoryGrowth(process.pid, async () => {
        run = await timed(stored);
      });
      await rm(resultFile);
      if (round === 0) continue;
      copies.push(copy);
      runs.push(run);
      growths.push(growth);
    }
    bench.say(`COPY ${copies.map(inMilliseconds).join(', ')}; stored ${runs.map(inMilliseconds).join(', ')}`);
    const speed = median(copies) / median(runs);
    const growth = Math.max(...growths);
    return [
      {
        what: '1,000,000 rows from files, speed to COPY … TO Parquet',
        measured: `${(speed * 100).toFixed(0)}% (${inMilliseconds(median(runs))} to ${inMilliseconds(median(copies))})`,
        target: `≥ ${LEAST_SPEED * 100}%`,
        ok: speed >= LEAST_SPEED,
      },
      {
        what: 'Memory growth of a result from files',
        measured: inMegabytes(growth),
        target: `< ${inMegabytes(MOST_BYTES)}`,
        ok: growth < MOST_BYTES,
      },
    ];
  } finally {
    bare.closeSync();
    instance.closeSync();
  }
}

/** The ten columns that `postgres.mjs` has. */
async function fill(connection, file) {
  await connection.run(`
    COPY (
      SELECT i AS id, (i * 7919 % 50000)::INTEGER AS customer_id, 'Customer ' || (i * 7919 % 50000) AS customer,
        ['Oslo', 'Bergen', 'Trondheim', 'Stavanger', 'Tromsø'][(1 + i % 5)::INTEGER] AS city,
        TIMESTAMPTZ '2020-01-01 00:00:00+00' + i * INTERVAL '37 seconds' AS placed_at,
        DATE '2020-01-01' + (i % 1800)::INTEGER AS ship_date, (i % 13)::INTEGER AS quantity,
        ((i * 31 % 100000) / 100)::DECIMAL(12,2) AS price, random() AS score, i % 3 = 0 AS paid
      FROM range(1, ${ROWS} + 1) t(i)
    ) TO ${sqlText(file)} (FORMAT parquet, COMPRESSION zstd)`);
}
