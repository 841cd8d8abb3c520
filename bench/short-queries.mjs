/**
 * What Lumiere adds to a query that takes no time at its source, and how 64 people fare who ask such queries at once. The
 * metadata are on a PostgreSQL server, and so is one of the sources.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { postgresBinaries, startPostgres } from '../test/support/postgres.mjs';
import { loopWatch } from './loop-watch.mjs';
import { inMilliseconds, median, quantile, timed } from './numbers.mjs';
import { signUp, startServer } from './server.mjs';
import { bareConnection, sqlText } from './wide-csv.mjs';
import { uploadCsv } from './wide-source.mjs';

const ROUNDS = 60;
const WARM_UP = 15;
const MOST_EXTRA_MS = 10;
const AT_ONCE = 64;
const EACH = 12;
const MOST_P99_TIMES = 8;
const MOST_HELD_UP_MS = 50;

/** @param {import('./run.mjs').Bench} bench */
export async function measureShortQueries(bench) {
  if (postgresBinaries() === null) {
    bench.say('PostgreSQL is not installed; nothing is measured');
    return [];
  }
  const database = await startPostgres();
  const watch = loopWatch(bench.folder);
  let server;
  try {
    const address = await database.createDatabase('source');
    server = await startServer(join(bench.folder, 'short'), {
      DATABASE_URL: await database.createDatabase('metadata'),
      SOURCE_NETWORKS: 'loopback',
      ...watch.environment,
    });
    const { token, call } = await signUp(server.url);
    const sources = {
      files: await fileSource(bench, server, token),
      PostgreSQL: await databaseSource(call, address),
    };
    const bare = { files: await bareFiles(bench), PostgreSQL: await barePostgres(address) };
    try {
      const results = [];
      for (const [kind, source] of Object.entries(sources))
        results.push(await overhead(bench, kind, call, source, bare[kind]));
      for (const [kind, source] of Object.entries(sources)) {
        results.push(...(await crowd(bench, kind, call, source, (work) => watch.during(server.pid, work))));
      }
      return results;
    } finally {
      for (const { end } of Object.values(bare)) await end();
    }
  } finally {
    await server?.stop();
    await database.stop();
  }
}

/** Every statement is another one, so that no answer is a kept one. */
function statement(table, number) {
  return `SELECT name, amount + ${number} AS amount FROM ${table} WHERE id = ${1 + (number % 3)}`;
}

async function overhead(bench, kind, call, { id, table }, bare) {
  const [direct, asked] = [[], []];
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const bareMs = await timed(() => bare.run(statement(bare.table, round)));
    const askedMs = await timed(() => ask(call, id, statement(table, round)));
    if (round < WARM_UP) continue;
    direct.push(bareMs);
    asked.push(askedMs);
  }
  const extra = median(asked) - median(direct);
  bench.say(`${kind}: p50 ${inMilliseconds(median(asked))}, p95 ${inMilliseconds(quantile(asked, 0.95))}`);
  return {
    what: `A query that takes no time, over ${kind}, more than bare`,
    measured: `${inMilliseconds(extra)} (${inMilliseconds(median(asked))} to ${inMilliseconds(median(direct))})`,
    target: `≤ ${MOST_EXTRA_MS} ms`,
    ok: extra <= MOST_EXTRA_MS,
  };
}

async function crowd(bench, kind, call, { id, table }, during) {
  const times = [];
  const person = async (number) => {
    for (let turn = 0; turn < EACH; turn += 1) {
      times.push(await timed(() => ask(call, id, statement(table, 1_000 + number * EACH + turn))));
    }
  };
  const everybody = () => Promise.all(Array.from({ length: AT_ONCE }, (_, number) => person(number)));
  const heldUp = await during(everybody);
  const [p50, p99] = [median(times), quantile(times, 0.99)];
  return [
    {
      what: `${AT_ONCE} queries at once over ${kind}, p99 to p50`,
      measured: `${(p99 / p50).toFixed(1)}× (${inMilliseconds(p99)} to ${inMilliseconds(p50)})`,
      target: `≤ ${MOST_P99_TIMES}×`,
      ok: p99 <= MOST_P99_TIMES * p50,
    },
    {
      what: `Event loop held up meanwhile, at the most`,
      measured: inMilliseconds(heldUp),
      target: `≤ ${MOST_HELD_UP_MS} ms`,
      ok: heldUp <= MOST_HELD_UP_MS,
    },
  ];
}

async function ask(call, id, sql) {
  const query = await call('POST', '/queries?wait=30', { data_source_id: id, sql });
  if (query.status !== 'succeeded') throw new Error(`the query ${query.status}: ${JSON.stringify(query.error)}`);
}

const ROWS = [
  [1, 'one', 10],
  [2, 'two', 20],
  [3, 'three', 30],
];

async function csv(bench) {
  const path = join(bench.folder, 'short.csv');
  await writeFile(path, ['id,name,amount', ...ROWS.map((row) => row.join(','))].join('\n'));
  return path;
}

async function fileSource(bench, server, token) {
  const { id } = await uploadCsv({ url: server.url, token, path: await csv(bench), name: 'short' });
  return { id, table: 'short' };
}

async function databaseSource(call, address) {
  const client = new pg.Client(address);
  await client.connect();
  await client.query('CREATE TABLE short (id integer PRIMARY KEY, name text, amount integer)');
  for (const row of ROWS) await client.query('INSERT INTO short VALUES ($1, $2, $3)', row);
  await client.end();
  const { hostname, port } = new URL(address);
  const { id } = await call('POST', '/data-sources', {
    name: 'database',
    type: 'postgres',
    host: hostname,
    port: Number(port),
    database_name: 'source',
    username: 'postgres',
    password: '',
    ssl_mode: 'disable',
  });
  return { id, table: 'short' };
}

async function bareFiles(bench) {
  const connection = await bareConnection();
  const parquet = join(bench.folder, 'short.parquet');
  await connection.run(`COPY (FROM read_csv(${sqlText(await csv(bench))})) TO ${sqlText(parquet)} (FORMAT parquet)`);
  return {
    table: `read_parquet(${sqlText(parquet)})`,
    run: (sql) => connection.runAndReadAll(sql),
    end: () => connection.closeSync(),
  };
}

async function barePostgres(address) {
  const client = new pg.Client(address);
  await client.connect();
  return { table: 'short', run: (sql) => client.query(sql), end: () => client.end() };
}
