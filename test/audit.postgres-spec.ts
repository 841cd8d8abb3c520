/** The audit trail on a PostgreSQL server, where transactions really run at the same time; the embedded database takes turns. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Account, Client, newAccount } from './support/client.js';
import { newSource, numbers } from './support/data.js';
import { eventually } from './support/patience.js';
import { type PostgresServer, startPostgres } from './support/postgres.mjs';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

const SOME_SQL = 'SELECT max(n) FROM numbers';
/** Takes a second or so. */
const LONG_SQL = 'SELECT sum(a.n * b.n + c.n) FROM numbers a, numbers b, numbers c WHERE c.n < 300';

const LOCK_NOT_AVAILABLE = '55P03';

const PEOPLE = 4;
const ROUNDS = 6;

describe('the audit trail on a PostgreSQL server', () => {
  let postgres: PostgresServer;
  let database: pg.Client;
  let servers: TestServer[] = [];
  let root: Account;
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    postgres = await startPostgres();
    const url = await postgres.createDatabase('audited');
    const first = await startServer({ DATABASE_URL: url });
    // A second process on the same system of record and the same files.
    servers = [first, await startServer({ DATABASE_URL: url }, first.dataDir)];
    database = new pg.Client(url);
    await database.connect();
    root = await newAccount(first.url);
    ada = await newAccount(first.url);
    ({ id: source } = await newSource(ada.client, { 'numbers.csv': numbers(1000) }));
  }, 60_000);

  afterAll(async () => {
    await database.end();
    for (const server of servers) await server.stop();
    await Promise.all(servers.slice(0, 1).map(removeDataDir));
    await postgres.stop();
  });

  const at = (n: number): string => servers[n % servers.length]?.url ?? '';
  /** Holds a row as a change of it does, and looks whether the end of the trail is free for that change then. */
  const endIsFreeBeside = async (lock: string, id: number, work: () => Promise<unknown>): Promise<boolean> => {
    await database.query('BEGIN');
    let working: Promise<unknown> | undefined;
    try {
      await database.query(lock, [id]);
      working = work();
      await eventually(waiting, (count) => count > 0);
      await database.query('SELECT id FROM audit_chain FOR UPDATE NOWAIT');
      return true;
    } catch (error) {
      if (error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE) return false;
      throw error;
    } finally {
      await database.query('ROLLBACK');
      await working;
    }
  };
  const waiting = async (): Promise<number> => {
    const { rows } = await database.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM pg_locks WHERE NOT granted`,
    );
    return rows[0]?.count ?? 0;
  };
  const ask = (sql: string, wait: number, dataSource = source) =>
    ada.client.post<Query>(`/queries?wait=${wait}`, { data_source_id: dataSource, sql });

  it.each([
    ['an account', 'SELECT id FROM users WHERE id = $1 FOR UPDATE', () => ada.id],
    ['a data source', 'SELECT id FROM data_sources WHERE id = $1 FOR UPDATE', () => source],
  ])('is not held by a new query that waits for a change of %s', async (_what, lock, id) => {
    let answer: Awaited<ReturnType<typeof ask>> | undefined;
    const free = await endIsFreeBeside(lock, id(), async () => {
      answer = await ask(SOME_SQL, 10);
    });
    expect([free, answer?.status, answer?.body.status]).toEqual([true, 201, 'succeeded']);
  });

  it('is not held by a query that succeeds while its account is being changed', async () => {
    const { body: query } = await ask(LONG_SQL, 0);
    const look = async () => (await ada.client.get<Query>(`/queries/${query.id}`)).body;
    await eventually(look, ({ status }) => status === 'running');
    const free = await endIsFreeBeside('SELECT id FROM users WHERE id = $1 FOR UPDATE', ada.id, () =>
      Promise.resolve(),
    );
    expect(free).toBe(true);
    expect(await eventually(look, ({ status }) => status !== 'running')).toMatchObject({ status: 'succeeded' });
  });

  it('says that a data source is gone to who asks it while it is being removed', async () => {
    const { id } = await newSource(ada.client, { 'numbers.csv': numbers(3) }, { name: 'Soon gone' });
    await database.query('BEGIN');
    await database.query('DELETE FROM data_sources WHERE id = $1', [id]);
    const asked = ask(SOME_SQL, 10, id);
    await eventually(waiting, (count) => count > 0);
    await database.query('COMMIT');
    expect(await asked).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('makes a change again that gave in to another one', async () => {
    // The change holds the account and waits for the end of the trail; with that held first, each waits for the other.
    await database.query('BEGIN');
    await database.query(`SET LOCAL deadlock_timeout = '10s'`);
    await database.query('SELECT id FROM audit_chain FOR UPDATE');
    const change = ada.client.patch<{ full_name: string }>(`/users/${ada.id}`, { full_name: 'Again' });
    await eventually(waiting, (count) => count > 0);
    await database.query('SELECT id FROM users WHERE id = $1 FOR UPDATE', [ada.id]);
    await database.query('COMMIT');
    expect(await change).toMatchObject({ status: 200, body: { full_name: 'Again' } });
    expect(servers.map(({ output }) => output()).join('\n')).toContain('collided with another');
    const { rows } = await database.query<{ count: string }>(
      `SELECT count(*) FROM audit_trails WHERE action = 'user.updated' AND object_id = $1`,
      [ada.id],
    );
    expect(rows).toEqual([{ count: '1' }]);
  });

  it('stays one chain when two servers write all kinds of things to it for several people', async () => {
    const people = await Promise.all(Array.from({ length: PEOPLE }, (_, n) => newAccount(at(n))));
    const statuses: number[] = [];
    const live = async ({ username, password, id }: Account, n: number): Promise<void> => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const login = { username, password };
        const { body } = await new Client(at(n)).post<{ access_token: string }>('/auth/login', login);
        const [here, there] = [n, n + 1].map((nth) => new Client(at(nth), body.access_token)) as [Client, Client];
        const own = await newSource(here, { 'numbers.csv': numbers(10) }, { name: `Source ${round}` });
        const question = { data_source_id: own.id, sql: SOME_SQL };
        const { body: earlier } = await here.post<Query>('/queries', question);
        const answers = await Promise.all([
          here.post('/queries', question),
          there.post('/queries', question),
          there.patch(`/users/${id}`, { full_name: `Round ${round}` }),
          here.delete(`/queries/${earlier.id}`),
          there.get(`/queries/${earlier.id}/result`),
          new Client(at(n + 1)).post('/auth/login', login),
          there.post('/queries', question),
          here.delete(`/data-sources/${own.id}`),
          there.post('/auth/logout-everywhere'),
        ]);
        statuses.push(...answers.map(({ status }) => status));
      }
    };
    await Promise.all(people.map(live));
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses.filter((status) => status < 300).length).toBeGreaterThan(statuses.length / 3);
    const { body: verdict } = await root.client.get<{ ok: boolean; rows: number }>('/audit-trails/verify');
    expect(verdict).toMatchObject({ ok: true, problems: [] });
    expect(verdict.rows).toBeGreaterThan(PEOPLE * ROUNDS * 4);
  }, 120_000);
});
