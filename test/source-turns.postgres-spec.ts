import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, type Answer, Client, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { follow } from './support/events.js';
import { type Gate, openGate } from './support/gate.js';
import { eventually } from './support/patience.js';
import { startPostgres } from './support/postgres.mjs';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query, Rows, Schema } from './support/shapes.js';

const SHOP = `
  CREATE TABLE people (id integer PRIMARY KEY, name varchar(20), region text, note text);
  INSERT INTO people VALUES (1, 'Ada', 'north', 'tell & '), (2, 'Bob', 'south', 'x'), (3, 'Cy', 'south', 'y');
  CREATE TABLE vault (secret text); INSERT INTO vault VALUES ('the crown jewels');
  CREATE VIEW slow AS SELECT 1 AS id FROM pg_catalog.pg_sleep(0.4);
  CREATE ROLE reader LOGIN PASSWORD 'reads only';
  GRANT SELECT ON people, slow TO reader;
  ANALYZE`;

/** What who may write to a schema of the search path can leave there for others to step on. */
const TRAPS = `
  CREATE FUNCTION public.lower(varchar) RETURNS text LANGUAGE sql SECURITY DEFINER
    AS 'SELECT secret FROM public.vault';
  CREATE FUNCTION public.always(varchar, varchar) RETURNS boolean LANGUAGE sql SECURITY DEFINER
    AS 'SELECT count(*) > 0 FROM public.vault';
  CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, FUNCTION = public.always);
  CREATE TABLE public.pg_class (trap text); GRANT SELECT ON public.pg_class TO reader;
  GRANT EXECUTE ON FUNCTION public.lower(varchar), public.always(varchar, varchar) TO reader`;

const ENDLESS = 'SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b';
const KEYS = {
  LUMIERE_SECRET_KEY: 'k7vQ2mZp9RtX4wLc8NsB1yHd6GfJ3aEu',
  LUMIERE_ENCRYPTION_KEY: 'p3XwK8sVb6TnY1qMz5RgL9cHd2JfU7aE',
};

let database: Awaited<ReturnType<typeof startPostgres>>;
let sourceUrl: string;
let admin: pg.Client;
let address: { host: string; port: number; database_name: string; username: string; password: string };

beforeAll(async () => {
  database = await startPostgres();
  sourceUrl = await database.createDatabase('shop');
  const url = new URL(sourceUrl);
  admin = new pg.Client(sourceUrl);
  await admin.connect();
  await admin.query(SHOP);
  const port = Number(url.port);
  address = { host: url.hostname, port, database_name: 'shop', username: 'reader', password: 'reads only' };
}, 60_000);

afterAll(async () => {
  await admin.end();
  await database.stop();
});

/** Connections of Lumiere to the source. */
async function connections(): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE usename = 'reader'`,
  );
  return rows[0]?.n ?? -1;
}

async function connectShop(account: Account, change: object = {}): Promise<number> {
  const { status, body } = await account.client.post<UploadedSource>('/data-sources', {
    name: 'Shop',
    type: 'postgres',
    ...address,
    ...change,
  });
  expect([status, body]).toEqual([201, expect.objectContaining({ name: 'Shop' })]);
  return body.id;
}

interface SourceShape {
  row_count: number | null;
  availability: { state: string; retry_at: string | null; last_error_code: string | null };
}

describe('a database as a source', () => {
  let server: TestServer;
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    server = await startServer({
      SOURCE_NETWORKS: 'loopback',
      QUERY_CONCURRENCY: '3',
      QUERY_CONCURRENCY_PER_USER: '2',
      SOURCE_FAILURES: '2',
      SOURCE_BACK_OFF_SECONDS: '2',
    });
    ada = await newAccount(server.url);
    source = await connectShop(ada);
  }, 60_000);

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  afterEach(async () => {
    const { body } = await ada.client.get<Page<Query>>('/queries?limit=20');
    await Promise.all(body.items.map(({ id }) => ada.client.post(`/queries/${id}/cancel`)));
  });

  const run = (sql: string, wait = 10, of = source): Promise<Answer<Query & Problem>> =>
    ada.client.post<Query & Problem>(`/queries?wait=${wait}`, { data_source_id: of, sql });
  const sourceOf = async (id = source): Promise<SourceShape> =>
    (await ada.client.get<SourceShape>(`/data-sources/${id}`)).body;

  it('is looked into in turn, by no more connections than one person may have', async () => {
    const looks = Array.from({ length: 8 }, () => ada.client.get<Rows>(`/data-sources/${source}/tables/slow/preview`));
    looks.push(...Array.from({ length: 4 }, () => ada.client.post<Rows>(`/data-sources/${source}/test`)));
    let most = 0;
    let counting = Promise.resolve();
    const count = async (): Promise<void> => {
      most = Math.max(most, await connections());
    };
    const timer = setInterval(() => {
      counting = counting.then(count);
    }, 20);
    const answers = await Promise.all(looks);
    clearInterval(timer);
    await counting;
    expect(answers.map(({ status }) => status)).toEqual(looks.map(() => 200));
    expect(most).toBeLessThanOrEqual(2);
    expect(most).toBeGreaterThan(0);
  });

  it('is read again by one at a time, when it is their turn, and by nobody who has left', async () => {
    const [first, second] = [await run(ENDLESS, 0), await run(ENDLESS, 0)];
    const leaving = new AbortController();
    const left = ada.client.raw(`/api/v1/data-sources/${source}/refresh`, { method: 'POST', signal: leaving.signal });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const meanwhile = await ada.client.post<Problem>(`/data-sources/${source}/refresh`);
    expect([meanwhile.status, meanwhile.body.code]).toEqual([409, 'conflict']);
    leaving.abort();
    await expect(left).rejects.toThrow('abort');
    await new Promise((resolve) => setTimeout(resolve, 100));
    const waiting = ada.client.post(`/data-sources/${source}/refresh`);
    for (const { body } of [first, second]) await ada.client.post(`/queries/${body.id}/cancel`);
    expect((await waiting).status).toBe(200);
  });

  it('tells how many rows have come while a query runs', async () => {
    const { body } = await run(`SELECT i, repeat('x', 300) FROM generate_series(1, 900000) AS t(i)`, 0);
    const stream = await follow(ada.client, `/queries/${body.id}/events`);
    await stream.ended;
    const progress = stream.events.filter(({ event }) => event === 'progress').map(({ data }) => data);
    const rows = progress.map((data) => Number(data['rows']));
    expect(rows.toSorted((a, b) => a - b)).toEqual(rows);
    expect(rows.at(-1)).toBeGreaterThan(1000);
    expect(progress.at(-1)?.['bytes']).toBeGreaterThan(300_000);
    expect(stream.events.at(-1)).toMatchObject({
      event: 'finished',
      data: { status: 'succeeded', row_count: 900_000 },
    });
  });

  it('stops asking what a query would cost when that is cancelled', async () => {
    const locker = new pg.Client(sourceUrl);
    await locker.connect();
    await locker.query('BEGIN; LOCK TABLE people IN ACCESS EXCLUSIVE MODE');
    try {
      const asked = ada.client.post<Query>('/queries', {
        data_source_id: source,
        sql: 'SELECT name FROM people',
        dry_run: true,
      });
      const held = `SELECT count(*)::integer AS n FROM pg_stat_activity WHERE usename = 'reader' AND wait_event_type = 'Lock'`;
      const waiting = async (): Promise<number> => (await admin.query<{ n: number }>(held)).rows[0]?.n ?? -1;
      await eventually(waiting, (n) => n === 1);
      const [pending] = (await ada.client.get<Page<Query>>('/queries?limit=1')).body.items;
      expect(pending?.status).toBe('pending');
      const { body } = await ada.client.post<Query>(`/queries/${pending?.id}/cancel`);
      expect(body).toMatchObject({ id: pending?.id, status: 'cancelled', error: { code: 'query_cancelled' } });
      expect(await asked).toMatchObject({ status: 201, body: { id: pending?.id, status: 'cancelled' } });
      await eventually(connections, (n) => n === 0);
    } finally {
      await locker.end();
    }
  });

  it('has nothing of ours running any more when it has been removed', async () => {
    const other = await connectOther();
    const { body } = await run(ENDLESS, 0, other);
    await eventually(connections, (n) => n > 0);
    const waiting = await run(ENDLESS, 0, other);
    expect((await ada.client.delete(`/data-sources/${other}`)).status).toBe(204);
    for (const { id: query } of [body, waiting.body]) {
      expect((await ada.client.get(`/queries/${query}`)).status).toBe(404);
    }
    await eventually(connections, (n) => n === 0);
  });

  const connectOther = async (change: object = {}): Promise<number> => {
    const request = { name: `Other ${Math.random()}`, type: 'postgres', ...address, ...change };
    return (await ada.client.post<UploadedSource>('/data-sources', request)).body.id;
  };

  it('is asked of nothing that somebody has planted in its schemas', async () => {
    await admin.query(TRAPS);
    const { rows } = await admin.query('SELECT lower(name) AS trapped FROM people LIMIT 1');
    expect(rows).toEqual([{ trapped: 'the crown jewels' }]);
    expect((await ada.client.post(`/data-sources/${source}/refresh`)).status).toBe(200);
    const lower = await run('SELECT lower(name) AS name FROM people ORDER BY id');
    expect(lower.body).toMatchObject({ status: 'succeeded', rows: [['ada'], ['bob'], ['cy']] });
    expect(lower.body.receipt?.executed_sql).toContain('public.people');
    const equal = await run(`SELECT id FROM people WHERE name = 'Ada'::varchar`);
    expect(equal.body.rows).toEqual([[1]]);
    const named = await run('SELECT p.id FROM public.people AS p WHERE p.id = 2');
    expect(named.body.rows).toEqual([[2]]);
    const question = await ada.client.post<Query>('/queries', {
      data_source_id: source,
      question: 'How many people per region?',
    });
    expect(question.body).toMatchObject({ status: 'succeeded', row_count: 2 });
    await admin.query(`DROP TABLE public.pg_class; DROP OPERATOR public.= (varchar, varchar);
      DROP FUNCTION public.lower(varchar); DROP FUNCTION public.always(varchar, varchar)`);
  });

  it('has bare names for the tables of the schema that its user looks into first', async () => {
    await admin.query(`CREATE SCHEMA sales; CREATE TABLE sales.deals AS SELECT 5 AS n;
      CREATE ROLE seller LOGIN PASSWORD 'sells'; ALTER ROLE seller SET search_path = sales;
      GRANT USAGE ON SCHEMA sales TO seller; GRANT SELECT ON sales.deals, public.people TO seller`);
    const id = await connectOther({ username: 'seller', password: 'sells' });
    const { body } = await run('SELECT n FROM deals', 10, id);
    expect([body.rows, body.receipt?.tables]).toEqual([[[5]], ['deals']]);
    expect(body.receipt?.executed_sql).toContain('sales.deals');
    expect((await run('SELECT n FROM sales.deals', 10, id)).body.rows).toEqual([[5]]);
    expect((await run('SELECT id FROM public.people WHERE id = 1', 10, id)).body.rows).toEqual([[1]]);
    const preview = await ada.client.get<Rows>(`/data-sources/${id}/tables/deals/preview`);
    expect(preview.body.rows).toEqual([[5]]);
    expect((await ada.client.delete(`/data-sources/${id}`)).status).toBe(204);
  });

  it('names types and functions in its errors, and no values', async () => {
    const known = await run('SELECT name + 1 FROM people');
    expect(known.body.error?.detail).toContain('operator does not exist: character varying + integer');
    for (const sql of [
      'SELECT to_tsquery(note) FROM people',
      'SELECT note::jsonpath FROM people WHERE id = 1',
      `SELECT id FROM people WHERE id = 'secret words'`,
      `SELECT 'secret words &'::tsquery FROM people`,
      'SELECT note::integer FROM people',
    ]) {
      const { body } = await run(sql);
      expect([sql, body.status, body.error?.code]).toEqual([sql, 'failed', 'query_failed']);
      expect(body.error?.detail).not.toMatch(/tell|secret|words/);
    }
  });

  it('does not tell how many rows its rules keep from people', async () => {
    const rules = [{ table: 'people', predicate: `region = 'south'`, roles: [] }];
    expect((await sourceOf()).row_count).toEqual(expect.any(Number));
    expect((await ada.client.put(`/data-sources/${source}/rules`, { rules })).status).toBe(200);
    const schema = await ada.client.get<Schema>(`/data-sources/${source}/schema`);
    expect(schema.body.tables.map(({ name, row_count: rows }) => [name, rows])).toContainEqual(['people', null]);
    expect((await sourceOf()).row_count).toBeNull();
    const { body: list } = await ada.client.get<Page<SourceShape>>('/data-sources');
    expect(list.items.at(-1)?.row_count).toBeNull();
    const preview = `/data-sources/${source}/tables/people/preview?limit=1`;
    const seen: unknown[] = [];
    let page = (await ada.client.get<Rows>(preview)).body;
    for (; page.rows.length > 0; page = (await ada.client.get<Rows>(`${preview}&cursor=${page.next_cursor}`)).body) {
      seen.push(page.rows[0]?.[1], page.row_count);
    }
    expect([seen, page.next_cursor]).toEqual([['Bob', null, 'Cy', null], null]);
    await ada.client.put(`/data-sources/${source}/rules`, { rules: [] });
  });

  it('keeps the results of what is gone from it, and says that they are of before', async () => {
    await admin.query('CREATE TABLE passing AS SELECT 7 AS n; GRANT SELECT ON passing TO reader');
    await ada.client.post(`/data-sources/${source}/refresh`);
    const { body } = await run('SELECT n FROM passing');
    const seen = async (): Promise<unknown[]> => {
      const { body: query } = await ada.client.get<Query>(`/queries/${body.id}`);
      return [query.stale, query.rows];
    };
    expect(await seen()).toEqual([null, [[7]]]);
    await admin.query('DROP TABLE passing');
    await ada.client.post(`/data-sources/${source}/refresh`);
    expect(await seen()).toEqual(['schema_changed', [[7]]]);
    expect((await ada.client.post<Problem>(`/queries/${body.id}/rerun`)).body.code).toBe('sql_table_not_allowed');
  });

  it('keeps every digit of the numbers in its JSON', async () => {
    const { body } = await run(`SELECT '{"id": 12345678901234567890, "n": 1.5}'::jsonb AS j FROM people WHERE id = 1`);
    expect(body.rows).toEqual([[{ id: '12345678901234567890', n: 1.5 }]]);
  });

  describe('that cannot be reached', () => {
    let gate: Gate;
    let id: number;

    beforeAll(async () => {
      gate = await openGate(address);
      id = await connectOther({ port: gate.port });
      await gate.shut();
    });

    const test = () => ada.client.post<Problem>(`/data-sources/${id}/test`);

    it('is left alone for a while, which is told, and then tried again', async () => {
      for (let time = 0; time < 2; time += 1) {
        expect((await run('SELECT 1 AS one', 10, id)).body.error?.code).toBe('source_unreachable');
      }
      const passed = gate.passed();
      const refused = await run('SELECT 1 AS one', 10, id);
      expect([refused.status, refused.body.code]).toEqual([503, 'source_unavailable']);
      expect(refused.body.detail).toContain('source_unreachable');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const preview = await ada.client.get<Problem>(`/data-sources/${id}/tables/people/preview`);
      expect([preview.status, preview.body.code]).toEqual([503, 'source_unavailable']);
      expect((await ada.client.post<Problem>(`/data-sources/${id}/refresh`)).body.code).toBe('source_unavailable');
      expect(gate.passed()).toBe(passed);
      expect((await sourceOf(id)).availability).toEqual({
        state: 'open',
        retry_at: expect.stringMatching(/^\d{4}-/),
        last_error_code: 'source_unreachable',
      });
      expect((await sourceOf()).availability).toEqual({ state: 'closed', retry_at: null, last_error_code: null });
      expect(server.output()).toContain(`Data source ${id} is not asked until`);

      await eventually(
        () => sourceOf(id),
        ({ availability }) => availability.state === 'half_open',
      );
      expect((await run('SELECT 1 AS one', 10, id)).body.error?.code).toBe('source_unreachable');
      const { retry_at: retryAt } = (await sourceOf(id)).availability;
      expect(Date.parse(retryAt ?? '') - Date.now()).toBeGreaterThan(2_500);
    });

    it('is asked again as soon as a test has found it', async () => {
      expect((await test()).body.code).toBe('source_unreachable');
      await gate.open();
      expect((await run('SELECT 1 AS one', 10, id)).body.code).toBe('source_unavailable');
      expect((await test()).status).toBe(200);
      expect((await sourceOf(id)).availability.state).toBe('closed');
      expect((await run('SELECT 1 AS one', 10, id)).body.rows).toEqual([[1]]);
    });

    it('is not left alone because of statements that are wrong', async () => {
      for (let time = 0; time < 4; time += 1) {
        expect((await run('SELECT name + 1 FROM people', 10, id)).body.error?.code).toBe('query_failed');
      }
      expect((await run('SELECT 1 AS one', 10, id)).body.rows).toEqual([[1]]);
      await gate.shut();
    });
  });
});

describe('two servers on one system of record', () => {
  let servers: TestServer[];
  let [here, there]: (Account | undefined)[] = [];
  let source: number;

  beforeAll(async () => {
    const url = await database.createDatabase('lumiere');
    const environment = { SOURCE_NETWORKS: 'loopback', DATABASE_URL: url, ...KEYS };
    servers = [await startServer(environment), await startServer(environment)];
    here = await newAccount(servers[0]?.url);
    there = { ...here, client: new Client(servers[1]?.url ?? '', here.client.token) };
    source = await connectShop(here);
  }, 60_000);

  afterAll(async () => {
    for (const server of servers) {
      await server.stop();
      await removeDataDir(server);
    }
  });

  const start = async (): Promise<number> => {
    const asked = await here?.client.post<Query>('/queries?wait=0', { data_source_id: source, sql: ENDLESS });
    await eventually(connections, (n) => n > 0);
    return asked?.body.id ?? 0;
  };

  it('tell of, and cancel, what the other one runs', async () => {
    if (there === undefined) throw new Error('There is no second server.');
    const id = await start();
    const stream = await follow(there.client, `/queries/${id}/events`);
    await eventually(
      () => Promise.resolve(stream.events.length),
      (count) => count >= 2,
    );
    const cancelled = await there.client.post<Query>(`/queries/${id}/cancel`);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    expect((await there.client.post<Query>(`/queries/${id}/cancel`)).body.status).toBe('cancelled');
    await stream.ended;
    expect(stream.events[0]).toMatchObject({ event: 'status', data: { status: 'running' } });
    expect(stream.events.at(-1)).toMatchObject({ event: 'finished', data: { status: 'cancelled' } });
    await eventually(connections, (n) => n === 0);
  });

  it('stop what the other one runs before a source goes', async () => {
    await start();
    expect((await there?.client.delete(`/data-sources/${source}`))?.status).toBe(204);
    expect(await connections()).toBe(0);
  });
});
