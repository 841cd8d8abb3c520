/** A database of 2,000 tables: connecting it, its schema page by page, and questions, with the event loop looked at meanwhile. */
import { join } from 'node:path';
import pg from 'pg';
import { postgresBinaries, startPostgres } from '../test/support/postgres.mjs';
import { loopWatch } from './loop-watch.mjs';
import { inMilliseconds, median, timed } from './numbers.mjs';
import { signUp, startServer } from './server.mjs';

const TABLES = 2_000;
const SUBJECTS = ['orders', 'customers', 'invoices', 'products', 'shipments', 'payments', 'visits', 'tickets'];
const ROUNDS = 10;
const MOST_INTROSPECTION_MS = 10_000;
const MOST_QUESTION_MS = 150;
const MOST_HELD_UP_MS = 50;

/** @param {import('./run.mjs').Bench} bench */
export async function measureManyTables(bench) {
  if (postgresBinaries() === null) {
    bench.say('PostgreSQL is not installed; nothing is measured');
    return [];
  }
  const database = await startPostgres();
  const watch = loopWatch(bench.folder);
  let server;
  try {
    const address = await database.createDatabase('source');
    await fill(address);
    server = await startServer(join(bench.folder, 'many-tables'), {
      DATABASE_URL: await database.createDatabase('metadata'),
      SOURCE_NETWORKS: 'loopback',
      ...watch.environment,
    });
    const { call } = await signUp(server.url);
    const during = (work) => watch.during(server.pid, work);
    let source;
    let connecting = 0;
    const connectHeldUp = await during(async () => {
      connecting = await timed(async () => {
        source = await connect(call, address);
      });
    });
    let pages = 0;
    const schemaHeldUp = await during(async () => {
      pages = await readSchema(call, source.id);
    });
    let first = 0;
    const firstHeldUp = await during(async () => {
      first = await timed(() => ask(call, source.id, 0));
    });
    const times = [];
    const heldUp = await during(async () => {
      for (let round = 1; round <= ROUNDS; round += 1) times.push(await timed(() => ask(call, source.id, round)));
    });
    bench.say(`the first question took ${inMilliseconds(first)}; the schema came in ${pages} pages`);
    const held = { connecting: connectHeldUp, schema: schemaHeldUp, 'first question': firstHeldUp, questions: heldUp };
    bench.say(
      `event loop held up: ${Object.entries(held)
        .map(([when, longest]) => `${when} ${inMilliseconds(longest)}`)
        .join(', ')}`,
    );
    const longest = Math.max(...Object.values(held));
    return [
      line(`${TABLES} tables connected and introspected`, connecting, MOST_INTROSPECTION_MS, '<'),
      line(`A question about ${TABLES} tables`, median(times), MOST_QUESTION_MS, '<'),
      line('Event loop held up by all of this, at the most', longest, MOST_HELD_UP_MS, '≤'),
    ];
  } finally {
    await server?.stop();
    await database.stop();
  }
}

function line(what, measured, most, sign) {
  return {
    what,
    measured: inMilliseconds(measured),
    target: `${sign} ${inMilliseconds(most)}`,
    ok: measured <= most,
  };
}

async function fill(address) {
  const client = new pg.Client(address);
  await client.connect();
  for (let from = 0; from < TABLES; from += 100) {
    const statements = Array.from({ length: 100 }, (_, index) => {
      const number = from + index;
      const name = `${SUBJECTS[number % SUBJECTS.length]}_${number}`;
      return `CREATE TABLE ${name} (id integer PRIMARY KEY, name text, status text, city text, country text, amount numeric(12,2),
        quantity integer, rating double precision, created_at timestamptz, changed_on date);
        INSERT INTO ${name} VALUES (1, 'n', 'open', 'Oslo', 'Norway', 10.5, 3, 4.5, now(), current_date)`;
    });
    await client.query(statements.join(';\n'));
  }
  await client.query('ANALYZE');
  await client.end();
}

function connect(call, address) {
  const { hostname, port } = new URL(address);
  return call('POST', '/data-sources', {
    name: 'many',
    type: 'postgres',
    host: hostname,
    port: Number(port),
    database_name: 'source',
    username: 'postgres',
    password: '',
    ssl_mode: 'disable',
  });
}

async function readSchema(call, id) {
  let [pages, tables, cursor] = [0, 0, ''];
  do {
    const page = await call('GET', `/data-sources/${id}/schema?limit=100${cursor && `&cursor=${cursor}`}`);
    pages += 1;
    tables += page.tables.length;
    cursor = page.next_cursor;
  } while (cursor !== null);
  if (tables !== TABLES) throw new Error(`the schema has ${tables} tables`);
  return pages;
}

/** Without running it: what is measured is the reading of the question. */
async function ask(call, id, round) {
  const question = `Total amount of orders ${round * SUBJECTS.length} by city`;
  const query = await call('POST', '/queries?wait=30', { data_source_id: id, question, dry_run: true });
  if (query.sql === undefined && query.status === 'failed') throw new Error(JSON.stringify(query.error));
  return query.status;
}
