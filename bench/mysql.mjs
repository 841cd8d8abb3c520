/** From a MariaDB table into a stored result, against the bare driver that streams the same rows to nobody. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import mysql from 'mysql2';
import { mariadbBinaries, startMariaDb } from '../test/support/mariadb.mjs';
import { inMegabytes, inMilliseconds, median, timed } from './numbers.mjs';
import { memoryGrowth } from './server.mjs';

const ROWS = 1_000_000;
const ROUNDS = 3;
const LEAST_SPEED = 0.6;
const MOST_BYTES = 200e6;
const MEMORY = 256e6;

/** @param {import('./run.mjs').Bench} bench */
export async function measureMySql(bench) {
  if (mariadbBinaries() === null) {
    bench.say('MariaDB is not installed; nothing is measured');
    return [];
  }
  const { MySqlConnector } = await import('../dist/src/engine/connectors/mysql/index.js');
  const server = await startMariaDb(['--innodb-buffer-pool-size=256M']);
  try {
    await fill(server);
    const folder = join(bench.folder, 'mysql');
    await mkdir(folder);
    const address = { host: '127.0.0.1', port: server.port, username: 'root', password: '', options: {} };
    const connector = new MySqlConnector({
      address: { ...address, database: 'bench', sslMode: 'disable' },
      policy: { allowLoopback: true, allowPrivate: false },
      bounds: { maxMemoryBytes: MEMORY, threads: 2, maxSpillBytes: 2e9, scratchDirectory: folder },
    });
    const intoParquet = async () => {
      const resultFile = join(folder, 'orders.parquet');
      const { rowCount } = await connector.run({
        sql: 'SELECT * FROM orders',
        resultFile,
        limits: { maxRows: ROWS, maxResultBytes: 1e9, maxMemoryBytes: MEMORY, timeoutMs: 120_000 },
        signal: new AbortController().signal,
      });
      if (rowCount !== ROWS) throw new Error(`the result has ${rowCount} rows, not ${ROWS}`);
      await rm(resultFile);
    };
    const intoNothing = () => streamed(server.port);
    // The first of each warms the server's cache and DuckDB up.
    await intoNothing();
    await intoParquet();
    const [streams, runs, growths] = [[], [], []];
    for (let round = 1; round <= ROUNDS; round += 1) {
      streams.push(await timed(intoNothing));
      let elapsed = 0;
      growths.push(
        await memoryGrowth(process.pid, async () => {
          elapsed = await timed(intoParquet);
        }),
      );
      runs.push(elapsed);
      bench.say(`round ${round}: bare driver ${inMilliseconds(streams.at(-1))}, stored ${inMilliseconds(elapsed)}`);
    }
    await connector.close();
    const speed = median(streams) / median(runs);
    const growth = Math.max(...growths);
    return [
      {
        what: '1,000,000 rows from MariaDB, speed to the bare driver',
        measured: `${(speed * 100).toFixed(0)}% (${inMilliseconds(median(runs))} to ${inMilliseconds(median(streams))})`,
        target: `≥ ${LEAST_SPEED * 100}%`,
        ok: speed >= LEAST_SPEED,
      },
      {
        what: 'Memory growth of a result from MariaDB',
        measured: inMegabytes(growth),
        target: `< ${inMegabytes(MOST_BYTES)}`,
        ok: growth < MOST_BYTES,
      },
    ];
  } finally {
    await server.stop();
  }
}

/**
 * The driver as it comes: an object for every row.
 *
 * @param {number} port
 */
async function streamed(port) {
  const client = mysql.createConnection({ host: '127.0.0.1', port, user: 'root', database: 'bench' });
  let rows = 0;
  await new Promise((resolve, reject) => {
    client
      .query('SELECT * FROM orders')
      .on('result', () => {
        rows += 1;
      })
      .on('error', reject)
      .on('end', resolve);
  });
  client.end();
  if (rows !== ROWS) throw new Error(`the driver gave ${rows} rows, not ${ROWS}`);
}

/** @param {import('../test/support/mariadb.mjs').MariaDbServer} server */
async function fill(server) {
  const client = await server.connect();
  await client.query(`
    CREATE DATABASE bench; USE bench; SET time_zone = '+00:00';
    CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, customer varchar(20), city varchar(20), placed_at timestamp,
      ship_date date, quantity int, price decimal(12,2), score double, paid boolean);
    INSERT INTO orders SELECT seq, seq * 7919 % 50000, CONCAT('Customer ', seq * 7919 % 50000),
      ELT(1 + seq % 5, 'Oslo', 'Bergen', 'Trondheim', 'Stavanger', 'Tromsø'),
      TIMESTAMP '2020-01-01 00:00:00' + INTERVAL seq * 37 SECOND, DATE '2020-01-01' + INTERVAL seq % 1800 DAY,
      seq % 13, seq * 31 % 100000 / 100, RAND(), seq % 3 = 0
    FROM seq_1_to_${ROWS};
    ANALYZE TABLE orders`);
  await client.end();
}
