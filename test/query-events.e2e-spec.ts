import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers, TRIPS } from './support/data.js';
import { follow } from './support/events.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

/** A statement over 1,000 numbers that takes a second or two and stores a large result. */
const LONG_SQL =
  'SELECT a.n, b.n AS m, md5(md5(md5(md5((a.n * b.n + c.n)::VARCHAR)))) AS digest FROM numbers a, numbers b, range(4) c(n)';

describe('the events of a query', () => {
  let server: TestServer;
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    server = await startServer({ QUERY_CONCURRENCY: '1', QUERY_MAX_ROWS: '5000000' });
    ada = await newAccount(server.url);
    ({ id: source } = await newSource(ada.client, { 'numbers.csv': numbers(1000), 'trips.csv': TRIPS }));
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const start = async (sql: string): Promise<number> =>
    (await ada.client.post<Query>('/queries?wait=0', { data_source_id: source, sql })).body.id;
  const cancel = (id: number) => ada.client.post<Query>(`/queries/${id}/cancel`);

  it('tell where it waits, how far it is, and how it ended, and then stop', async () => {
    const [first, second, third] = [await start(ENDLESS_SQL), await start(LONG_SQL), await start('SELECT 3 AS three')];
    const [running, waiting, last] = [
      await follow(ada.client, `/queries/${first}/events`),
      await follow(ada.client, `/queries/${second}/events`),
      await follow(ada.client, `/queries/${third}/events`),
    ];
    expect([running.status, running.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect(running.headers.get('x-accel-buffering')).toBe('no');
    expect(running.headers.get('cache-control')).toContain('no-transform');
    await eventually(
      () => Promise.resolve([running.events.length, waiting.events.length, last.events.length]),
      ([ofRunning = 0, ofWaiting = 0, ofLast = 0]) => ofRunning > 2 && ofWaiting > 0 && ofLast > 0,
    );
    expect(waiting.events).toMatchObject([{ event: 'status', data: { status: 'pending', place: 1 } }]);
    expect(last.events).toMatchObject([{ event: 'status', data: { status: 'pending', place: 2 } }]);
    await cancel(first);
    await Promise.all([running.ended, waiting.ended, last.ended]);

    const { events } = waiting;
    expect(events.map(({ event }) => event).filter((name, index, all) => name !== all[index - 1])).toEqual([
      'status',
      'progress',
      'finished',
    ]);
    expect(events[1]).toMatchObject({ event: 'status', data: { status: 'running', place: null } });
    expect(events.at(-2)).toMatchObject({
      event: 'progress',
      data: { bytes: expect.any(Number), elapsed_ms: expect.any(Number), fraction: null },
    });
    expect(events.at(-2)?.data['bytes']).toBeGreaterThan(0);
    expect(events.at(-1)?.data).toMatchObject({ id: second, status: 'succeeded', row_count: 4_000_000, error: null });
    expect(running.events.at(-1)?.data).toMatchObject({ status: 'cancelled', error: { code: 'query_cancelled' } });
    expect(last.events[1]).toMatchObject({ event: 'status', data: { status: 'pending', place: 1 } });
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('of one that has ended are one, and nothing for who has got that', async () => {
    const id = await start('SELECT 1 AS one');
    await (
      await follow(ada.client, `/queries/${id}/events`)
    ).ended;
    const late = await follow(ada.client, `/queries/${id}/events`);
    await late.ended;
    expect(late.events).toMatchObject([{ event: 'finished', data: { id, status: 'succeeded', row_count: 1 } }]);
    const again = await follow(ada.client, `/queries/${id}/events`, late.events[0]?.id);
    expect([again.status, again.events]).toEqual([204, []]);
  });

  it('go on where they were for who comes back', async () => {
    const id = await start(ENDLESS_SQL);
    const first = await follow(ada.client, `/queries/${id}/events`);
    await eventually(
      () => Promise.resolve(first.events.at(-1)),
      (event) => event?.event === 'progress',
    );
    first.leave();
    const again = await follow(ada.client, `/queries/${id}/events`, first.events.at(-1)?.id);
    await eventually(
      () => Promise.resolve(again.events.length),
      (count) => count > 1,
    );
    await cancel(id);
    await again.ended;
    const names = again.events.map(({ event }) => event);
    expect([names.includes('status'), names.at(-1)]).toEqual([false, 'finished']);
  });

  it('end when the query asks back, and when it is removed', async () => {
    const asked = await ada.client.post<Query>('/queries', {
      data_source_id: source,
      question: 'How many trips by price?',
    });
    const question = await follow(ada.client, `/queries/${asked.body.id}/events`);
    await question.ended;
    expect(question.events).toMatchObject([{ event: 'finished', data: { status: 'needs_clarification' } }]);

    const id = await start(ENDLESS_SQL);
    const removed = await follow(ada.client, `/queries/${id}/events`);
    expect((await ada.client.delete(`/queries/${id}`)).status).toBe(204);
    await removed.ended;
  });

  it('are told to nobody else', async () => {
    const id = await start('SELECT 1 AS one');
    const bob = await newAccount(server.url);
    const { status, body } = await bob.client.get<Problem>(`/queries/${id}/events`);
    expect([status, body.code]).toEqual([404, 'not_found']);
  });

  it('are followed by one person so many times at once, and can be again when they have left', async () => {
    const id = await start(ENDLESS_SQL);
    const streams = await Promise.all(Array.from({ length: 25 }, () => follow(ada.client, `/queries/${id}/events`)));
    const refused = streams.filter(({ status }) => status === 429);
    expect([refused.length, refused[0]?.headers.get('retry-after')]).toEqual([5, '5']);
    const bob = await newAccount(server.url);
    const { id: other } = await newSource(bob.client, { 'numbers.csv': numbers(3) });
    const { body } = await bob.client.post<Query>('/queries?wait=0', { data_source_id: other, sql: 'SELECT 1 AS one' });
    const ofBob = await follow(bob.client, `/queries/${body.id}/events`);
    expect(ofBob.status).toBe(200);
    for (const { leave } of streams) leave();
    const again = await eventually(
      () => follow(ada.client, `/queries/${id}/events`),
      ({ status }) => status === 200,
    );
    await cancel(id);
    await Promise.all([again.ended, ofBob.ended]);
  });

  it('end when the server stops, which does not wait for who listens', async () => {
    const stream = await follow(ada.client, `/queries/${await start(ENDLESS_SQL)}/events`);
    expect(stream.status).toBe(200);
    const started = Date.now();
    const stopped = server.stop();
    await stream.ended;
    expect([await stopped, Date.now() - started < 8_000]).toEqual([0, true]);
  });
});
