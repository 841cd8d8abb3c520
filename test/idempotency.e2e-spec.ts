/** `Idempotency-Key`: a request that is sent again does nothing, and gets the first answer. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Answer, Client, newAccount, type Problem, type UploadedSource } from './support/client.js';
import { CUSTOMERS, ENDLESS_SQL, newSource, numbers } from './support/data.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer } from './support/server.mjs';
import type { ApiKey, Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

const REPLAYED = 'idempotency-replayed';

describe('a request with an Idempotency-Key', () => {
  let ada: Account;
  let source: number;
  let stored: Stored;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: source } = await newSource(ada.client, { 'numbers.csv': numbers(1000) }));
    stored = await Stored.open();
  });
  afterAll(() => stored.close());

  const ask = (
    key: string,
    body: object = {},
    path = '/queries',
    client = ada.client,
  ): Promise<Answer<Query & Problem>> =>
    client.post(
      path,
      { data_source_id: source, sql: 'SELECT count(*) AS n FROM numbers', ...body },
      { 'idempotency-key': key },
    );
  const asked = async (marker: string): Promise<Query[]> => {
    const { body } = await ada.client.get<Page<Query>>('/queries?limit=200');
    return body.items.filter(({ sql }) => sql?.includes(marker));
  };

  it('is answered again as at first, and nothing is done', async () => {
    const marker = `m${randomUUID().slice(0, 8)}`;
    const sql = `SELECT count(*) AS ${marker} FROM numbers`;
    const key = randomUUID();
    const first = await ask(key, { sql });
    expect([first.status, first.headers.get(REPLAYED)]).toEqual([201, null]);
    const again = await ask(key, { sql });
    expect([again.status, again.headers.get(REPLAYED), again.headers.get('location')]).toEqual([
      201,
      'true',
      first.headers.get('location'),
    ]);
    expect(again.body).toEqual(first.body);
    expect(await asked(marker)).toHaveLength(1);
    const [entry] = await stored.rows<{ user_id: number }>(
      `SELECT user_id FROM audit_trails WHERE action = 'idempotency_key.replayed' AND user_id = $1`,
      [ada.id],
    );
    expect(entry?.user_id).toBe(ada.id);
  });

  it('makes one query when it comes twenty times at once', async () => {
    const marker = `m${randomUUID().slice(0, 8)}`;
    const key = randomUUID();
    const sql = `SELECT count(*) AS ${marker} FROM numbers`;
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(key, { sql })));
    const done = answers.filter(({ status }) => status === 201);
    expect(done.filter(({ headers }) => headers.get(REPLAYED) === null)).toHaveLength(1);
    expect(new Set(done.map(({ body }) => body.id)).size).toBe(1);
    for (const { status, body, headers } of answers.filter((answer) => answer.status !== 201)) {
      expect([status, body.code, headers.get('retry-after')]).toEqual([409, 'idempotency_in_progress', '2']);
    }
    expect(await asked(marker)).toHaveLength(1);
    expect((await ask(key, { sql })).body.id).toBe(done[0]?.body.id);
  });

  it('is refused with the key of another request, also where that one is still at work', async () => {
    const key = randomUUID();
    await ask(key);
    for (const [body, path] of [
      [{ sql: 'SELECT 2 AS n' }, '/queries'],
      [{}, '/queries?wait=9'],
    ] as const) {
      const answer = await ask(key, body, path);
      expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_key_reused']);
    }
  });

  it('has its key for itself: neither another person’s, nor another route’s, nor that of another API key', async () => {
    const key = randomUUID();
    const { body: first } = await ask(key);
    const bob = await newAccount();
    expect((await ask(key, {}, '/queries', bob.client)).status).toBe(404);
    const rerun = await ada.client.post<Query>(`/queries/${first.id}/rerun`, undefined, { 'idempotency-key': key });
    expect([rerun.status, rerun.headers.get(REPLAYED)]).toEqual([201, null]);
    const { id: other } = await newSource(ada.client, { 'customers.csv': CUSTOMERS });
    const { body: limited } = await ada.client.post<ApiKey & { key: string }>('/api-keys', {
      name: 'Limited',
      scopes: ['*'],
      data_source_ids: [other],
    });
    expect((await ask(key, {}, '/queries', new Client(ada.client.url, undefined, limited.key))).status).toBe(404);
  });

  it('gets its refusal again when that came of trying, and may be tried again when it was not valid', async () => {
    const [refused, invalid] = [randomUUID(), randomUUID()];
    const first = await ask(refused, { sql: 'DROP TABLE numbers' });
    const again = await ask(refused, { sql: 'DROP TABLE numbers' });
    expect([again.status, again.headers.get(REPLAYED)]).toEqual([422, 'true']);
    expect({ ...again.body, request_id: '' }).toEqual({ ...first.body, request_id: '' });
    expect((await ask(invalid, { max_rows: 0 })).body.code).toBe('validation_failed');
    expect((await ask(invalid, { max_rows: 1 })).status).toBe(201);
    const { status, body } = await ask('x'.repeat(256));
    expect([status, body.errors?.[0]?.field]).toEqual([422, 'Idempotency-Key']);
  });

  it('keeps a secret that is shown once where nobody can read it', async () => {
    const create = (): Promise<Answer<ApiKey & { key: string }>> =>
      ada.client.post('/api-keys', { name: 'Once', scopes: ['queries:read'] }, { 'idempotency-key': 'once' });
    const [first, again] = [await create(), await create()];
    expect([first.status, again.status, again.body.key]).toEqual([201, 201, first.body.key]);
    expect(await stored.tablesHolding(first.body.key)).toEqual([]);
    const { body } = await ada.client.get<Page<ApiKey>>('/api-keys');
    expect(body.items.filter(({ name }) => name === 'Once')).toHaveLength(1);
  });

  it('makes one source of an upload that is sent twice', async () => {
    const key = randomUUID();
    const upload = (): Promise<Answer<UploadedSource>> => {
      const form = new FormData();
      form.append('name', `Twice ${key}`);
      form.append('file', new Blob([CUSTOMERS]), 'customers.csv');
      return ada.client.fetch('/api/v1/data-sources/upload', {
        method: 'POST',
        body: form,
        headers: { 'idempotency-key': key },
      });
    };
    const [first, again] = [await upload(), await upload()];
    expect([first.status, again.status, again.body.id]).toEqual([201, 201, first.body.id]);
  });

  it('says that it is at work, goes on when its caller has gone, and is not held up by a process that died', async () => {
    const key = randomUUID();
    const marker = `m${randomUUID().slice(0, 8)}`;
    const sql = `SELECT (${ENDLESS_SQL}) AS ${marker}`;
    const gone = new AbortController();
    const first = ada.client
      .raw('/api/v1/queries?wait=30', {
        method: 'POST',
        signal: gone.signal,
        headers: { 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify({ data_source_id: source, sql }),
      })
      .catch(() => null);
    const [running] = await eventually(
      () => asked(marker),
      (queries) => queries[0]?.status === 'running',
    );
    const second = await ask(key, { sql }, '/queries?wait=30');
    expect([second.status, second.body.code]).toEqual([409, 'idempotency_in_progress']);
    gone.abort();
    await first;
    await eventually(
      () => ask(key, { sql }, '/queries?wait=30'),
      ({ status }) => status === 409,
    );
    expect((await asked(marker))[0]?.status).toBe('running');
    await ada.client.post(`/queries/${running?.id}/cancel`);
    const told = await eventually(
      () => ask(key, { sql }, '/queries?wait=30'),
      ({ status }) => status === 201,
    );
    expect([told.body.id, told.body.status, told.headers.get(REPLAYED)]).toEqual([running?.id, 'cancelled', 'true']);
    // As if the process had died in the middle of it.
    const died = randomUUID();
    await ask(died);
    await stored.rows(
      `UPDATE idempotency_keys SET answer_encrypted = NULL, busy_until = now() + interval '30 seconds' WHERE key = $1`,
      [died],
    );
    expect((await ask(died)).status).toBe(409);
    await stored.rows(`UPDATE idempotency_keys SET busy_until = now() - interval '1 second' WHERE key = $1`, [died]);
    const anew = await ask(died);
    expect([anew.status, anew.headers.get(REPLAYED)]).toEqual([201, null]);
  });

  it('is answered again after a restart, until a day has passed', async () => {
    const server = await startServer();
    const person = await newAccount(server.url);
    const create = (url: string): Promise<Answer<ApiKey & { key: string }>> =>
      new Client(url, person.client.token).post(
        '/api-keys',
        { name: 'Kept', scopes: ['*'] },
        { 'idempotency-key': 'kept' },
      );
    const first = await create(server.url);
    await server.stop();
    const later = await startServer({}, server.dataDir);
    try {
      const again = await create(later.url);
      expect([again.status, again.headers.get(REPLAYED), again.body.key]).toEqual([201, 'true', first.body.key]);
    } finally {
      await later.stop();
      await removeDataDir(later);
    }
    const key = randomUUID();
    const { body } = await ask(key);
    await stored.rows(`UPDATE idempotency_keys SET expires_at = now() WHERE key = $1`, [key]);
    expect((await ask(key)).body.id).not.toBe(body.id);
  });
});
