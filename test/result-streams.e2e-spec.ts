/** Files that are made while they are sent: how many, and what becomes of those that nobody takes. */
import { readdir } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, numbers } from './support/data.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

/** About 50 MB of text, of which the kernel takes a few unread. */
const LARGE = `SELECT a.n, repeat(md5((a.n * 1000 + b.n)::VARCHAR), 4) AS pad FROM numbers a, numbers b LIMIT 400000`;
const IDLE_SECONDS = 2;
const LONGEST_SECONDS = 12;

describe('result files on their way', () => {
  let server: TestServer;
  let ada: Account;
  let grace: Account;
  const queries = new Map<Account, number>();
  const taken: IncomingMessage[] = [];

  beforeAll(async () => {
    server = await startServer({
      RESULT_STREAMS: '3',
      RESULT_STREAMS_PER_USER: '2',
      RESULT_STREAM_IDLE_SECONDS: String(IDLE_SECONDS),
      RESULT_STREAM_MAX_SECONDS: String(LONGEST_SECONDS),
    });
    ada = await newAccount(server.url);
    grace = await newAccount(server.url);
    for (const person of [ada, grace]) {
      const { id } = await newSource(person.client, { 'numbers.csv': numbers(1000) });
      const { body } = await person.client.post<Query>('/queries?wait=30', { data_source_id: id, sql: LARGE });
      expect([body.status, body.row_count]).toEqual(['succeeded', 400_000]);
      queries.set(person, body.id);
    }
  });
  afterEach(() => {
    for (const response of taken.splice(0)) response.destroy();
  });
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const pathOf = (person: Account, format: string): string =>
    `/api/v1/queries/${queries.get(person) ?? 0}/result?format=${format}`;
  /** Asks for a file and reads nothing of it. */
  const take = (person: Account, format = 'csv'): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${person.client.token ?? ''}` };
      const request = get(`${server.url}${pathOf(person, format)}`, { headers, agent: false }, (response) => {
        response.on('error', () => undefined);
        taken.push(response);
        resolve(response);
      });
      request.on('error', reject);
    });
  const refusal = (person: Account) => person.client.fetch<Problem>(pathOf(person, 'csv'), {});
  const isFree = async (person: Account): Promise<number> => {
    const gone = new AbortController();
    const { status } = await person.client.raw(pathOf(person, 'csv'), { signal: gone.signal });
    gone.abort();
    return status;
  };

  it('are as many for one person as may be, and one more is refused until one of them is gone', async () => {
    const first = await take(ada, 'csv');
    const second = await take(ada, 'ndjson');
    expect([first.statusCode, second.statusCode]).toEqual([200, 200]);
    const { status, body, headers } = await refusal(ada);
    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'rate_limited', '10']);
    expect(body.detail).toBe('You are taking 2 files already. Wait until one of them has arrived, and try again.');
    // Pages are not files.
    expect((await ada.client.get(`/queries/${queries.get(ada) ?? 0}/result`)).status).toBe(200);
    second.destroy();
    expect(
      await eventually(
        () => isFree(ada),
        (answered) => answered === 200,
      ),
    ).toBe(200);
  });

  it('are as many for everybody as may be', async () => {
    await take(ada, 'arrow');
    await take(ada, 'parquet');
    await take(grace);
    const { status, body, headers } = await refusal(grace);
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'overloaded', '10']);
    for (const response of taken.splice(0)) response.destroy();
    expect(
      await eventually(
        () => isFree(grace),
        (answered) => answered === 200,
      ),
    ).toBe(200);
  });

  it('are cut off when their client has stopped reading, and leave nothing behind', async () => {
    const unread = await Promise.all(['csv', 'ndjson'].map((format) => take(ada, format)));
    expect((await refusal(ada)).status).toBe(429);
    const started = Date.now();
    // Nothing is read here, so the end is seen by the places that are free again.
    await eventually(
      () => isFree(ada),
      (answered) => answered === 200,
    );
    expect(Date.now() - started).toBeGreaterThan(IDLE_SECONDS * 1000 - 500);
    const ends = unread.map(
      (response) =>
        new Promise((resolve) => {
          response.once('close', () => resolve(response.complete));
          response.resume();
        }),
    );
    expect(await Promise.all(ends)).toEqual([false, false]);
    const left = async () => (await readdir(join(server.dataDir, 'tmp'))).filter((name) => name.startsWith('spill'));
    expect(await eventually(left, (names) => names.length === 0)).toEqual([]);
  });

  it('go on to their end for a client that pauses for less than that', async () => {
    const response = await take(ada, 'ndjson');
    let bytes = 0;
    let pauses = 0;
    for await (const piece of response) {
      bytes += (piece as Buffer).length;
      if (pauses < 2 && bytes > pauses * 1e7) {
        pauses += 1;
        await new Promise((resolve) => setTimeout(resolve, (IDLE_SECONDS * 1000) / 2));
      }
    }
    expect([response.complete, bytes > 5e7]).toEqual([true, true]);
  });

  it('have to arrive in the longest time, however steadily little of them is read', async () => {
    const response = await take(ada);
    const started = Date.now();
    const slowly = setInterval(() => response.read(64 * 1024), 100);
    const complete = await new Promise((resolve) => {
      response.once('close', () => resolve(response.complete));
      // What had arrived when it was cut off is read at once.
      setTimeout(() => response.resume(), LONGEST_SECONDS * 1000 + 500);
    });
    clearInterval(slowly);
    expect(complete).toBe(false);
    expect(Date.now() - started).toBeGreaterThan(LONGEST_SECONDS * 1000 - 500);
  });
});
