/** From a PostgreSQL table into a stored result, against a binary COPY of the same rows that nobody looks at. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { postgresBinaries, startPostgres } from '../test/support/postgres.mjs';
import { inMegabytes, inMilliseconds, median, timed } from './numbers.mjs';
import { memoryGrowth } from './server.mjs';

const ROWS = 1_000_000;
const ROUNDS = 3;
const LEAST_SPEED = 0.6;
const MOST_BYTES = 200e6;
const MEMORY = 256e6;

/** @param {import('./run.mjs').Bench} bench */
export async function measurePostgres(bench) {
  if (postgresBinaries() === null) {
    bench.say('PostgreSQL is not installed; nothing is measured');
    return [];
  }
  const { PostgresConnector } = await import('../dist/src/engine/connectors/postgres/index.js');
  const { CopyOut } = await import('../dist/src/engine/connectors/postgres/copy-out.js');
  const server = await startPostgres();
  const client = new pg.Client(await server.createDatabase('bench'));
  try {
    await client.connect();
    await fill(client);
    const folder = join(bench.folder, 'postgres');
    await mkdir(folder);
    const connector = new PostgresConnector({
      address: {
        host: client.host,
        port: client.port,
        database: 'bench',
        username: 'postgres',
        password: '',
        sslMode: 'disable',
        options: {},
      },
      policy: { allowLoopback: true, allowPrivate: false },
      bounds: { maxMemoryBytes: MEMORY, threads: 2, maxSpillBytes: 2e9, scratchDirectory: folder },
    });
    const intoNothing = async () => {
      const copy = new CopyOut({
        text: 'COPY (SELECT * FROM orders) TO STDOUT (FORMAT binary)',
        maxRows: Number.MAX_SAFE_INTEGER,
        sink: () => undefined,
      });
      client.query(copy);
      await copy.copied;
    };
    const intoParquet = async () => {
      const resultFile = join(folder, 'orders.parquet');
      const { rowCount } = await connector.run({
        sql: 'SELECT * FROM public.orders',
        resultFile,
        limits: { maxRows: ROWS, maxResultBytes: 1e9, maxMemoryBytes: MEMORY, timeoutMs: 120_000 },
        signal: new AbortController().signal,
      });
      if (rowCount !== ROWS) throw new Error(`the result has ${rowCount} rows, not ${ROWS}`);
      await rm(resultFile);
    };
    // The first of each warms the server's cache and DuckDB up.
    await intoNothing();
    await intoParquet();
    const [copies, runs, growths] = [[], [], []];
    for (let round = 1; round <= ROUNDS; round += 1) {
      copies.push(await timed(intoNothing));
      let elapsed = 0;
      growths.push(
        await memoryGrowth(process.pid, async () => {
          elapsed = await timed(intoParquet);
        }),
      );
      runs.push(elapsed);
      bench.say(`round ${round}: binary COPY ${inMilliseconds(copies.at(-1))}, stored ${inMilliseconds(elapsed)}`);
    }
    await connector.close();
    const speed = median(copies) / median(runs);
    const growth = Math.max(...growths);
    return [
      {
        what: '1,000,000 rows from PostgreSQL, speed to binary COPY',
        measured: `${(speed * 100).toFixed(0)}% (${inMilliseconds(median(runs))} to ${inMilliseconds(median(copies))})`,
        target: `≥ ${LEAST_SPEED * 100}%`,
        ok: speed >= LEAST_SPEED,
      },
      {
        what: 'Memory growth of a result from PostgreSQL',
        measured: inMegabytes(growth),
        target: `< ${inMegabytes(MOST_BYTES)}`,
        ok: growth < MOST_BYTES,
      },
    ];
  } finally {
    await client.end();
    await server.stop();
  }
}

/** @param {pg.Client} client */
async function fill(client) {
  await client.query(`
    CREATE TABLE orders AS SELECT i::bigint AS id, (i::bigint * 7919 % 50000)::int AS customer_id,
      'Customer ' || (i::bigint * 7919 % 50000) AS customer,
      (ARRAY['Oslo', 'Bergen', 'Trondheim', 'Stavanger', 'Tromsø'])[1 + i % 5] AS city,
      timestamptz '2020-01-01' + i * interval '37 seconds' AS placed_at, date '2020-01-01' + (i % 1800) AS ship_date,
      (i % 13)::int AS quantity, ((i::bigint * 31 % 100000)::numeric / 100)::numeric(12,2) AS price,
      random() AS score, i % 3 = 0 AS paid
    FROM generate_series(1, ${ROWS}) AS t(i)`);
  await client.query('VACUUM ANALYZE orders');
}
