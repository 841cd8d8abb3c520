/** What a list of queries costs when there are a million of them, against a thousand: p50 of a page over HTTP, wherever it begins. */
import { join } from 'node:path';
import pg from 'pg';
import { postgresBinaries, startPostgres } from '../test/support/postgres.mjs';
import { inMilliseconds, median, timed } from './numbers.mjs';
import { signUp, startServer } from './server.mjs';

const FEW = 1_000;
const MANY = 1_000_000;
const ROUNDS = 60;
const WARM_UP = 15;
const MOST_GROWTH = 1.5;
const PAGE = 20;

/** Pages by what they are asked for with; a cursor is added to where the page begins. */
const FILTERS = {
  'first page': '',
  'of a rare state': '&status=cancelled',
  'of a rare origin': '&origin=verified',
  'of one source': '&data_source_id=SOURCE',
  'of a rare state at one source': '&status=cancelled&data_source_id=SOURCE',
  'before a moment long ago': '&created_before=2021-01-01T00:00:00Z',
  'of a state, between two moments':
    '&status=failed&created_after=2021-01-01T00:00:00Z&created_before=2023-01-01T00:00:00Z',
  'with a rare word': '&text=zebra',
  'with a frequent word': '&text=orders',
};

/** @param {import('./run.mjs').Bench} bench */
export async function measureHistory(bench) {
  if (postgresBinaries() === null) {
    bench.say('PostgreSQL is not installed; nothing is measured');
    return [];
  }
  const postgres = await startPostgres();
  const opened = [];
  try {
    for (const rows of [FEW, MANY]) {
      opened.push(await open(postgres, rows, join(bench.folder, `history-${rows}`)));
      bench.say(`${rows} queries are there`);
    }
    const results = [];
    for (const [name, filter] of Object.entries(FILTERS)) {
      results.push(
        await compare(
          name,
          opened.map(({ call, source }) => ({ call, filter: filter.replace('SOURCE', source) })),
        ),
      );
    }
    // As deep as there is with few: the last page but one.
    const deep = opened.map(async ({ call, rows }) => {
      const cursor = await cursorAt(call, Math.min(1000, Math.floor(rows / PAGE) - 1));
      return { call, filter: `&cursor=${cursor}` };
    });
    results.push(await compare('1,000 pages down by cursor', await Promise.all(deep)));
    for (const { call, rows } of opened) {
      const total = await timed(() => call('GET', `/queries?limit=${PAGE}&include_total=true`));
      bench.say(`with the total of ${rows}: ${inMilliseconds(total)}`);
    }
    return results;
  } finally {
    for (const { stop } of opened) await stop();
    await postgres.stop();
  }
}

/** A server over its own database, with so many queries of one person. */
async function open(postgres, rows, dataDir) {
  const database = await postgres.createDatabase(`history_${rows}`);
  const server = await startServer(dataDir, { DATABASE_URL: database });
  try {
    const { call } = await signUp(server.url);
    const { id: userId } = await call('GET', '/auth/me');
    return { call, rows, source: await fill(database, userId, rows), stop: server.stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** The same page of both, by turns, so that whatever else the machine does falls on both. */
async function compare(name, both) {
  const times = both.map(() => []);
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const [index, { call, filter }] of both.entries()) {
      let page;
      const elapsed = await timed(async () => (page = await call('GET', `/queries?limit=${PAGE}${filter}`)));
      if (page.items.length !== PAGE) throw new Error(`${filter} gave ${page.items.length} items, not ${PAGE}`);
      if (round >= WARM_UP) times[index].push(elapsed);
    }
  }
  const [few, many] = times.map(median);
  const growth = many / few;
  return {
    what: `A list of queries, ${name}`,
    measured: `${growth.toFixed(2)}× (${inMilliseconds(few)} of ${FEW}, ${inMilliseconds(many)} of ${MANY})`,
    target: `≤ ${MOST_GROWTH}×`,
    ok: growth <= MOST_GROWTH,
  };
}

async function cursorAt(call, depth) {
  let cursor = null;
  for (let page = 0; page < depth; page += 1) {
    const { next_cursor: next } = await call(
      'GET',
      `/queries?limit=${PAGE}${cursor === null ? '' : `&cursor=${cursor}`}`,
    );
    cursor = next;
  }
  return cursor;
}

/** One person's queries from 2020 on, at twenty sources: of what is rare there are 50, at the first of them, whatever number there is in all. */
async function fill(database, userId, rows) {
  const client = new pg.Client(database);
  await client.connect();
  try {
    // The keys that are referred to are right; looking each of them up would take most of the time.
    await client.query('SET session_replication_role = replica');
    await client.query("SET work_mem = '256MB'");
    const { rows: sources } = await client.query(
      `INSERT INTO data_sources (name, type, status, owner_id)
       SELECT 'Source ' || i, 'file', 'ready', $1 FROM generate_series(1, 20) AS i RETURNING id`,
      [userId],
    );
    const first = sources[0].id;
    await client.query(
      `INSERT INTO queries (user_id, data_source_id, engine, status, origin, natural_language, generated_sql, receipt,
                            executed_rows, max_rows, timeout_ms, created_at)
       SELECT $1, $2 + i % 20, 'duckdb', CASE WHEN rare THEN 'cancelled' WHEN i % 7 = 0 THEN 'failed' ELSE 'succeeded' END,
              CASE WHEN rare THEN 'verified' WHEN i % 3 = 0 THEN 'user_sql' ELSE 'rule_based' END,
              CASE WHEN rare THEN 'How old is the zebra?' ELSE 'How many orders of product ' || i % 5000 END,
              'SELECT count(*) FROM orders WHERE product_id = ' || i % 5000,
              jsonb_build_object('tables', jsonb_build_array('orders'), 'checks', jsonb_build_array()),
              1, 10000, 60000, timestamptz '2020-01-01' + i * (interval '2000 days' / $3)
       FROM (SELECT i, i % ($3 / 50) = 0 AS rare FROM generate_series(1, $3::int) AS i) AS numbered`,
      [userId, first, rows],
    );
    await client.query(
      `INSERT INTO query_history (query_id, user_id, action) SELECT id, user_id, 'created' FROM queries
       UNION ALL SELECT id, user_id, 'executed' FROM queries`,
    );
    await client.query('VACUUM ANALYZE');
    return first;
  } finally {
    await client.end();
  }
}
