/**
 * What becomes of a statement that has passed its guard: it is run over a connection with short limits. DuckDB is always
 * there, PostgreSQL and MariaDB where they are installed. In place of a Trino cluster there is one that works on every
 * statement for ever, which shows that the connection gives up and says so to the cluster.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { DuckDbFileConnector } from '../dist/src/engine/connectors/duckdb/duckdb-file-connector.js';
import { MySqlConnector } from '../dist/src/engine/connectors/mysql/index.js';
import { PostgresConnector } from '../dist/src/engine/connectors/postgres/index.js';
import { TrinoConnector } from '../dist/src/engine/connectors/trino/index.js';
import { mariadbBinaries, startMariaDb } from '../test/support/mariadb.mjs';
import { postgresBinaries, startPostgres } from '../test/support/postgres.mjs';

const LIMITS = { maxRows: 100_000, maxResultBytes: 50_000_000, maxMemoryBytes: 500_000_000, timeoutMs: 5000 };
const BOUNDS = { maxMemoryBytes: LIMITS.maxMemoryBytes, threads: 2, maxSpillBytes: 100_000_000 };
const LOCAL = { allowLoopback: true, allowPrivate: false };
/** What a run is stopped with by a limit. */
const STOPPED = new Set(['query_timeout', 'query_out_of_memory', 'query_result_too_large']);
/** So many orders that no server gets through every combination of four of them. */
const ORDERS = 1000;

/** @typedef {(sql: string) => Promise<boolean>} Runner tells whether a limit has stopped the statement, or cut its result */

/**
 * @param {string} folder of the Parquet files of the fixture's tables
 * @param {{ tables: { name: string }[], setup: Record<string, string> }} fixture
 * @returns {Promise<{ of: Record<string, Runner | undefined>, stop: () => Promise<void> }>} by dialect
 */
export async function startRunners(folder, { tables, setup }) {
  const closing = [];
  const stop = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  const bounds = { ...BOUNDS, scratchDirectory: folder };
  const runner = (connector) => {
    closing.push(() => connector.close());
    return async (sql) => {
      const request = { sql, resultFile: join(folder, `${crypto.randomUUID()}.parquet`), limits: LIMITS };
      try {
        return (await connector.run({ ...request, signal: new AbortController().signal })).truncated;
      } catch (error) {
        return STOPPED.has(error?.code);
      }
    };
  };
  const files = tables.map(({ name }) => ({ name, file: join(folder, `${name}.parquet`) }));
  try {
    const of = { duckdb: runner(new DuckDbFileConnector({ ...bounds, tables: files })) };
    if (postgresBinaries() !== null) {
      const address = await postgres(setup.postgres, closing);
      of.postgres = runner(new PostgresConnector({ address, policy: LOCAL, bounds }));
    }
    if (mariadbBinaries() !== null) {
      const { address, isIdle } = await mariadb(setup.mysql, closing);
      const run = runner(new MySqlConnector({ address, policy: LOCAL, bounds }));
      of.mysql = async (sql) => (await run(sql)) && isIdle();
    }
    const { address, isIdle } = await endlessTrino(closing);
    const run = runner(new TrinoConnector({ address, policy: LOCAL, bounds }));
    of.trino = async (sql) => (await run(sql)) && isIdle();
    return { of, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function addressOf(port, database, username) {
  return { host: '127.0.0.1', port, database, username, password: '', sslMode: 'disable', options: {} };
}

async function postgres(setup, closing) {
  const server = await startPostgres();
  closing.push(() => server.stop());
  const { default: pg } = await import('pg');
  const client = new pg.Client(await server.createDatabase('corpus'));
  await client.connect();
  await client.query(setup);
  await client.end();
  return addressOf(client.port, 'corpus', 'postgres');
}

async function mariadb(setup, closing) {
  const server = await startMariaDb();
  closing.push(() => server.stop());
  const root = await server.connect();
  closing.push(() => root.end());
  await root.query(
    `CREATE DATABASE corpus; CREATE USER reader; GRANT SELECT ON corpus.* TO reader; USE corpus; SET sql_mode = 'ANSI_QUOTES';
     ${setup}
     INSERT INTO orders (id, customer_id, status, total) SELECT seq, 1, 'paid', 1 FROM seq_10_to_${ORDERS}`,
  );
  const isIdle = async () => {
    const [rows] = await root.query(`SELECT info FROM information_schema.processlist WHERE user = 'reader'`);
    return rows.every(({ info }) => info === null);
  };
  return { address: addressOf(server.port, 'corpus', 'reader'), isIdle };
}

/** A coordinator ("Trino client REST API") that answers every SELECT with: it is running. */
async function endlessTrino(closing) {
  const running = new Set();
  let count = 0;
  const reply = async (request, response) => {
    const answer = (body, headers = {}) =>
      response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    const state = (id) => ({ id, nextUri: `http://127.0.0.1:${port}/v1/statement/${id}`, stats: {} });
    const { method, url } = request;
    const id = url.split('/').at(-1);
    if (url === '/v1/info') answer({ nodeVersion: { version: '435' } });
    else if (method === 'POST') {
      const sql = Buffer.concat(await request.toArray()).toString('utf8');
      count += 1;
      const own = `q${count}`;
      if (sql.startsWith('START TRANSACTION')) answer({ id: own }, { 'x-trino-started-transaction-id': own });
      else if (sql === 'ROLLBACK') answer({ id: own }, { 'x-trino-clear-transaction-id': 'true' });
      else {
        running.add(own);
        answer(state(own));
      }
    } else if (method === 'DELETE') {
      running.delete(id);
      response.writeHead(204).end();
    } else setTimeout(() => answer(state(id)), 100);
  };
  const server = createServer((request, response) => void reply(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { address: addressOf(port, 'catalog', 'reader'), isIdle: () => running.size === 0 };
}
