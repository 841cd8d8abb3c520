import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Answer, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers } from './support/data.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';

const ENDED = new Set(['succeeded', 'failed', 'cancelled']);

describe('running queries', () => {
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: source } = await newSource(ada.client, { 'numbers.csv': numbers(1000) }));
  });

  const run = (sql: string, wait = 10): Promise<Answer<Query>> =>
    ada.client.post<Query>(`/queries?wait=${wait}`, { data_source_id: source, sql });
  const get = async (id: number): Promise<Query> => (await ada.client.get<Query>(`/queries/${id}`)).body;
  const untilEnded = (id: number): Promise<Query> =>
    eventually(
      () => get(id),
      (query) => ENDED.has(query.status),
    );

  it('answers at once when nobody wants to wait, and says where to look', async () => {
    const { status, headers, body } = await run('SELECT sum(n) FROM numbers', 0);
    expect(status).toBe(202);
    expect(headers.get('location')).toBe(`/api/v1/queries/${body.id}`);
    expect(ENDED.has(body.status)).toBe(false);
    expect(await untilEnded(body.id)).toMatchObject({ status: 'succeeded', rows: [[499_500]] });
  });

  it('stops a query that is cancelled, and lets it be when that comes twice', async () => {
    const { body: running } = await run(ENDLESS_SQL, 0);
    await eventually(
      () => get(running.id),
      (query) => query.status === 'running',
    );
    const cancelled = await ada.client.post<Query>(`/queries/${running.id}/cancel`);
    expect([cancelled.status, cancelled.body.status, cancelled.body.error?.code]).toEqual([
      200,
      'cancelled',
      'query_cancelled',
    ]);
    const again = await ada.client.post<Query>(`/queries/${running.id}/cancel`);
    expect([again.status, again.body.finished_at]).toEqual([200, cancelled.body.finished_at]);
  });

  it('answers somebody else while one person has filled the queue', async () => {
    const flood = await Promise.all(Array.from({ length: 12 }, () => run(ENDLESS_SQL, 0)));
    try {
      const bob = await newAccount();
      const { id } = await newSource(bob.client, { 'numbers.csv': numbers(10) });
      const { body } = await bob.client.post<Query>('/queries', {
        data_source_id: id,
        sql: 'SELECT sum(n) FROM numbers',
      });
      expect(body).toMatchObject({ status: 'succeeded', rows: [[45]] });
      const waiting = await Promise.all(flood.map(({ body: query }) => get(query.id)));
      expect(waiting.filter(({ status }) => ENDED.has(status))).toEqual([]);
    } finally {
      await Promise.all(flood.map(({ body: query }) => ada.client.post(`/queries/${query.id}/cancel`)));
    }
  });

  it('leaves a query that has ended as it is when it is cancelled', async () => {
    const { body } = await run('SELECT 1 AS one');
    const { status, body: after } = await ada.client.post<Query>(`/queries/${body.id}/cancel`);
    expect([status, after.status]).toEqual([200, 'succeeded']);
  });

  it('stops a query whose caller goes away while waiting', async () => {
    const goAway = new AbortController();
    const asked = ada.client.raw('/api/v1/queries?wait=30', {
      method: 'POST',
      body: JSON.stringify({ data_source_id: source, sql: ENDLESS_SQL }),
      headers: { 'content-type': 'application/json' },
      signal: goAway.signal,
    });
    const newest = async (): Promise<Query | undefined> =>
      (await ada.client.get<Page<Query>>('/queries?limit=1')).body.items[0];
    const running = await eventually(newest, (query) => query?.status === 'running');
    goAway.abort();
    await expect(asked).rejects.toThrow('abort');
    expect(await untilEnded(running?.id ?? 0)).toMatchObject({
      status: 'cancelled',
      error: { code: 'query_cancelled' },
    });
  });

  it('refuses functions that could not be stopped', async () => {
    const { status, body } = await ada.client.post<Problem>('/queries', {
      data_source_id: source,
      sql: "SELECT levenshtein(repeat('a', 1000000), repeat('b', 1000000))",
    });
    expect([status, body.code]).toEqual([422, 'sql_function_not_allowed']);
  });

  it('queues what is beyond the number of runs at a time, and cancels in the queue too', async () => {
    const asked = await Promise.all(Array.from({ length: 7 }, () => run(ENDLESS_SQL, 0)));
    const ids = asked.map(({ body }) => body.id);
    const last = Math.max(...ids);
    expect((await ada.client.post<Query>(`/queries/${last}/cancel`)).body.status).toBe('cancelled');
    await Promise.all(ids.map((id) => ada.client.post(`/queries/${id}/cancel`)));
    const ended = await Promise.all(ids.map((id) => untilEnded(id)));
    expect(new Set(ended.map((query) => query.status))).toEqual(new Set(['cancelled']));
    expect((await run('SELECT 1 AS one')).body.status).toBe('succeeded');
  });

  it('keeps people apart who ask at the same moment', async () => {
    const people = await Promise.all([newAccount(), newAccount()]);
    const asked = await Promise.all(
      people.map(async ({ client }, index) => {
        const { id } = await newSource(client, { 'mine.csv': `owner\n${index}\n` });
        const body = { data_source_id: id, sql: 'SELECT owner FROM mine' };
        return Promise.all(Array.from({ length: 12 }, () => client.post<Query>('/queries', body)));
      }),
    );
    for (const [index, answers] of asked.entries()) {
      expect(answers.map(({ status, body }) => [status, body.rows])).toEqual(answers.map(() => [201, [[index]]]));
    }
  });

  it('runs the same again as a query of its own', async () => {
    const { body: first } = await run('SELECT max(n) AS most FROM numbers');
    const { status, body: second } = await ada.client.post<Query>(`/queries/${first.id}/rerun`);
    expect(status).toBe(201);
    expect(second.id).toBeGreaterThan(first.id);
    expect(second).toMatchObject({ sql: first.sql, rows: first.rows, origin: 'user_sql', status: 'succeeded' });
  });

  it('remembers what happened to a query', async () => {
    const { body } = await run('SELECT 1 AS one');
    const history = await ada.client.get<Page<{ action: string; user_id: number; details: object }>>(
      `/queries/${body.id}/history`,
    );
    expect(history.body.items).toMatchObject([
      { action: 'created', user_id: ada.id, details: { origin: 'user_sql' } },
      { action: 'executed', user_id: ada.id, details: { status: 'succeeded', row_count: 1 } },
    ]);
  });

  it('lists queries newest first, by cursor, and of one source only when asked to', async () => {
    const { client } = await newAccount();
    const [one, other] = [
      await newSource(client, { 'one.csv': numbers(3) }),
      await newSource(client, { 'other.csv': numbers(3) }),
    ];
    const ids: number[] = [];
    for (const { id } of [one, one, other]) {
      const { body } = await client.post<Query>('/queries', { data_source_id: id, sql: 'SELECT 1 AS one' });
      ids.unshift(body.id);
    }
    const all = await client.get<Page<Query>>('/queries?limit=2&include_total=true');
    expect([all.body.total, all.body.items.map((query) => query.id)]).toEqual([3, ids.slice(0, 2)]);
    const rest = await client.get<Page<Query>>(`/queries?limit=2&cursor=${all.body.next_cursor}`);
    expect([rest.body.next_cursor, rest.body.items.map((query) => query.id)]).toEqual([null, ids.slice(2)]);
    const ofOne = await client.get<Page<Query>>(`/queries?data_source_id=${one.id}&include_total=true`);
    expect([ofOne.body.total, ofOne.body.items.map((query) => query.id)]).toEqual([2, ids.slice(1)]);
  });

  it('removes a query with its result, a running one too', async () => {
    const { body: done } = await run('SELECT 1 AS one');
    const { body: running } = await run(ENDLESS_SQL, 0);
    for (const { id } of [done, running]) {
      expect((await ada.client.delete(`/queries/${id}`)).status).toBe(204);
      expect((await ada.client.get(`/queries/${id}`)).status).toBe(404);
    }
  });

  it('does not tell anybody else that the query exists', async () => {
    const { body: query } = await run('SELECT 1 AS one');
    const { client } = await newAccount();
    const path = `/queries/${query.id}`;
    const answers = [
      await client.get<Problem>(path),
      await client.delete<Problem>(path),
      await client.get<Problem>(`${path}/result`),
      await client.get<Problem>(`${path}/result?format=csv`),
      await client.get<Problem>(`${path}/chart`),
      await client.get<Problem>(`${path}/history`),
      await client.post<Problem>(`${path}/rerun`),
      await client.post<Problem>(`${path}/cancel`),
      await client.post<Problem>(`${path}/answer`, { text: 'yes' }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual(answers.map(() => [404, 'not_found']));
    expect((await client.get<Page<unknown>>('/queries')).body.items).toEqual([]);
    expect((await ada.client.get(path)).status).toBe(200);
  });
});

describe('a server whose sources are removed while they are asked', () => {
  let server: TestServer;
  let ada: Account;

  beforeAll(async () => {
    server = await startServer();
    ada = await newAccount(server.url);
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const newest = async (): Promise<Query | undefined> =>
    (await ada.client.get<Page<Query>>('/queries?limit=1')).body.items[0];
  /** Files and folders below a folder of the data directory. */
  const below = async (folder: string): Promise<string[]> =>
    (await readdir(join(server.dataDir, folder), { recursive: true })).filter((name) => name.includes('.parquet'));
  const askAndWait = async (sql: string, signal: AbortSignal): Promise<{ source: number; asked: Promise<number> }> => {
    const { id: source } = await newSource(ada.client, { 'numbers.csv': numbers(1000) });
    const asked = ada.client.raw('/api/v1/queries?wait=30', {
      method: 'POST',
      body: JSON.stringify({ data_source_id: source, sql }),
      headers: { 'content-type': 'application/json' },
      signal,
    });
    await eventually(newest, (query) => query?.status === 'running' && query.data_source_id === source);
    return {
      source,
      asked: asked.then(
        ({ status }) => status,
        () => 0,
      ),
    };
  };

  it('stops what runs there first, and keeps nothing of it', async () => {
    const { source, asked } = await askAndWait(ENDLESS_SQL, new AbortController().signal);
    expect((await ada.client.delete(`/data-sources/${source}`)).status).toBe(204);
    // It is told that the query was cancelled, if it is still there to be told of.
    expect([201, 404]).toContain(await asked);
    expect(await below('results')).toEqual([]);
    expect(await readdir(join(server.dataDir, 'tmp'))).toEqual([]);
    expect((await ada.client.get(`/data-sources/${source}`)).status).toBe(404);
  });

  it('goes on when the caller leaves at the same moment', async () => {
    const goAway = new AbortController();
    const { source, asked } = await askAndWait(ENDLESS_SQL, goAway.signal);
    const removed = ada.client.delete(`/data-sources/${source}`);
    goAway.abort();
    expect([(await removed).status, await asked]).toEqual([204, 0]);
    await eventually(
      () => readdir(join(server.dataDir, 'tmp')),
      (left) => left.length === 0,
    );
    expect((await ada.client.get('/auth/me')).status).toBe(200);
    expect(server.output()).not.toContain('foreign key');
  });

  it('writes a result aside until it is whole', async () => {
    const goAway = new AbortController();
    const { asked } = await askAndWait(ENDLESS_SQL, goAway.signal);
    await eventually(
      () => below('tmp'),
      (files) => files.length === 1,
    );
    expect(await below('results')).toEqual([]);
    goAway.abort();
    await asked;
  });
});
