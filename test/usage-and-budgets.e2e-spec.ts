/** What people use is counted, and budgets warn of it and refuse what goes beyond them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, TRIPS } from './support/data.js';
import { follow } from './support/events.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';

interface Usage {
  id: number;
  user_id: number;
  metric: string;
  value: number;
  unit: string;
  details: Record<string, unknown>;
}

interface Budget {
  id: number;
  limit: number;
  action: string;
}

interface Notification {
  id: number;
  title: string;
  read_at: string | null;
}

describe('usage and budgets', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  /** The first account is an administrator. */
  let admin: Account;
  let ada: Account;
  let bob: Account;
  let source: number;

  beforeAll(async () => {
    server = await startServer();
    admin = await newAccount(server.url);
    [ada, bob] = [await newAccount(server.url), await newAccount(server.url)];
    ({ id: source } = await newSource(ada.client, { 'trips.csv': TRIPS }));
  });
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  let n = 0;
  const ask = () => {
    n += 1;
    const sql = `SELECT count(*) + ${n} AS n FROM trips`;
    return ada.client.post<Query & Problem>('/queries', { data_source_id: source, sql });
  };
  const usageOf = async ({ client }: Account, filter = ''): Promise<Usage[]> =>
    (await client.get<Page<Usage>>(`/usage-costs?${filter}`)).body.items;
  const budget = (body: object) => admin.client.post<Budget & Problem>('/budgets', body);
  const inbox = async ({ client }: Account): Promise<Notification[]> =>
    (await client.get<Page<Notification>>('/notifications')).body.items;

  it('count the time and the bytes of queries and uploads, each for whose they are', async () => {
    const { body: query } = await ask();
    const found = await eventually(
      () => usageOf(ada),
      (some) => some.some(({ metric, details }) => metric === 'query_time' && details['query_id'] === query.id),
    );
    const [time, result] = ['query_time', 'storage'].map((metric) =>
      found.find((one) => one.metric === metric && one.details['query_id'] === query.id),
    );
    expect(time).toMatchObject({ user_id: ada.id, unit: 'ms', details: { data_source_id: source } });
    expect(time?.value).toBeGreaterThan(0);
    expect(result).toMatchObject({ unit: 'bytes' });
    expect(found.some(({ metric, details }) => metric === 'storage' && !('query_id' in details))).toBe(true);
    expect(await usageOf(bob)).toEqual([]);
    expect(await usageOf(bob, `user_id=${ada.id}`)).toEqual([]);
    expect((await usageOf(admin, `user_id=${ada.id}`)).length).toBe(found.length);
  });

  it('are summed up by metric, day and user', async () => {
    const { body } = await admin.client.get<{ items: Record<string, unknown>[] }>(
      '/usage-costs/summary?group_by=day,user&metric=query_time',
    );
    const today = new Date().toISOString().slice(0, 10);
    const [sum] = body.items;
    expect(sum).toMatchObject({ metric: 'query_time', unit: 'ms', day: today, user_id: ada.id, cost: null });
    const all = (await usageOf(ada, 'metric=query_time')).reduce((total, { value }) => total + value, 0);
    expect(sum?.['value']).toBeCloseTo(all, 3);
    expect((await bob.client.get<{ items: unknown[] }>('/usage-costs/summary')).body.items).toEqual([]);
    expect((await bob.client.get('/usage-costs/summary?group_by=moon')).status).toBe(422);
  });

  it('refuse what goes beyond a budget that blocks, until it is raised, and tell its owner once', async () => {
    const following = await follow(ada.client, '/notifications/stream');
    const { status, body: made } = await budget({
      user_id: ada.id,
      metric: 'query_time',
      limit: 0.001,
      period: 'day',
    });
    expect([status, made.action]).toEqual([201, 'block']);
    const refused = await ask();
    expect([refused.status, refused.body.code]).toEqual([429, 'budget_exceeded']);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.body.detail).toMatch(/^Your budget for query time of this day is used up\. It begins anew at /);
    const mine = await ada.client.get<{ items: object[] }>('/budgets/mine');
    expect(mine.body.items).toMatchObject([{ id: made.id, metric: 'query_time', shared: false, limit: 0.001 }]);

    expect((await admin.client.patch(`/budgets/${made.id}`, { action: 'warn' })).status).toBe(200);
    expect((await ask()).status).toBe(201);
    await eventually(
      () => inbox(ada),
      ([first]) => first?.title === 'Your budget for query time is used up',
    );
    await ask();
    await eventually(
      async () => following.events.length,
      (count) => count >= 1,
    );
    // What the second query used is written by now; and nobody is told the same twice.
    await eventually(
      () => usageOf(ada, 'metric=query_time'),
      (some) => some.length >= n - 1,
    );
    expect((await inbox(ada)).filter(({ title }) => /used up/.test(title))).toHaveLength(1);
    expect(following.events[0]).toMatchObject({
      event: 'notification',
      data: { title: 'Your budget for query time is used up', channel: 'in_app' },
    });
    following.leave();
    expect((await admin.client.delete(`/budgets/${made.id}`)).status).toBe(204);
  });

  it('hold for each of a role, and for everybody together', async () => {
    const { body: roles } = await admin.client.get<Page<{ id: number; name: string }>>('/roles');
    const analyst = roles.items.find(({ name }) => name === 'analyst')?.id;
    const ofRole = await budget({ role_id: analyst, metric: 'query_time', limit: 0.001, period: 'week' });
    expect((await ask()).body.detail).toMatch(/^Your budget for query time of this week/);
    await admin.client.delete(`/budgets/${ofRole.body.id}`);
    const shared = await budget({ metric: 'storage', limit: 1, period: 'month' });
    const upload = await ada.client.upload<Problem>({ 'more.csv': TRIPS });
    expect([upload.status, upload.body.code]).toEqual([429, 'budget_exceeded']);
    expect(upload.body.detail).toMatch(/^The budget of this installation for storage of this month/);
    expect((await ask()).status).toBe(201);
    await admin.client.delete(`/budgets/${shared.body.id}`);
    expect((await ada.client.upload({ 'more.csv': TRIPS })).status).toBe(201);
  });

  it('are set by administrators only, once for the same, for those that there are', async () => {
    const request = { user_id: bob.id, metric: 'cost', limit: 5, period: 'month' };
    expect((await bob.client.post('/budgets', request)).status).toBe(403);
    expect((await budget(request)).status).toBe(201);
    expect((await budget(request)).body.code).toBe('conflict');
    expect((await budget({ ...request, user_id: 2_000_000_000 })).body.errors).toMatchObject([{ field: 'user_id' }]);
    expect((await budget({ ...request, role_id: 1 })).status).toBe(422);
    expect((await budget({ ...request, limit: -1 })).status).toBe(422);
  });
});

describe('notifications', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let admin: Account;

  beforeAll(async () => {
    server = await startServer();
    admin = await newAccount(server.url);
  });
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  it('are listed, read one by one and all at once, and followed from the last one that somebody has', async () => {
    const { client, id } = admin;
    for (const [index, period] of ['day', 'week', 'month'].entries()) {
      await client.post('/budgets', { user_id: id, metric: 'storage', limit: 1 + index, period, action: 'warn' });
    }
    await newSource(client, { 'trips.csv': TRIPS });
    const list = async (filter = '') => (await client.get<Page<Notification>>(`/notifications${filter}`)).body.items;
    const items = await eventually(list, (some) => some.length === 3);
    const [last, , first] = items;
    if (first === undefined || last === undefined) throw new Error('Nothing was told.');
    const read = await client.post<Notification>(`/notifications/${first.id}/read`);
    expect(read.body.read_at).not.toBeNull();
    expect((await list('?unread=true')).map((one) => one.id)).toEqual(items.slice(0, 2).map((one) => one.id));
    expect((await list('?unread=false')).map((one) => one.id)).toEqual([first.id]);

    const following = await follow(client, '/notifications/stream', String(first.id));
    await eventually(
      async () => following.events.length,
      (count) => count >= 2,
    );
    expect(following.headers.get('content-type')).toContain('text/event-stream');
    expect(following.events.map((event) => event.id)).toEqual([String(first.id + 1), String(last.id)]);
    following.leave();

    expect((await client.post<{ read: number }>('/notifications/read')).body).toEqual({ read: 2 });
    expect(await list('?unread=true')).toEqual([]);
    const bob = await newAccount(server.url);
    expect((await bob.client.get(`/notifications/${first.id}`)).status).toBe(404);
    expect((await bob.client.post(`/notifications/${first.id}/read`)).status).toBe(404);
  });
});
