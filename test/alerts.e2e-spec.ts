/** Alerts: conditions on the results of queries, evaluated when these have run, told once by mail, webhook and in the application. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource } from './support/data.js';
import { Mailbox } from './support/mailbox.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';
import { WebhookReceiver } from './support/webhook-receiver.js';

interface Alert {
  id: number;
  name: string;
  state: string;
  condition: Record<string, unknown>;
  failing_since: string | null;
  last_value: number | null;
  last_evaluated_at: string | null;
}

interface AlertEvent {
  kind: string;
  value: number | null;
  details: { sentence: string; query_id?: number };
}

interface Told {
  title: string;
  body: string;
  channel: string;
  status: string;
  meta: Record<string, unknown>;
}

const sales = (last: number): string =>
  `day,revenue,region\n${[100, 104, 98, 101, 103, 97, 99, 102, 100, last].map((value, n) => `2025-01-${String(n + 1).padStart(2, '0')},${value},north`).join('\n')}\n`;
const NEWEST = 'SELECT revenue FROM sales ORDER BY day DESC LIMIT 1';
const SERIES = 'SELECT day, revenue FROM sales ORDER BY day';

describe('alerts', () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  let mailbox: Mailbox;
  let receiver: WebhookReceiver;
  let ada: Account;
  let bob: Account;
  let source: number;

  beforeAll(async () => {
    [mailbox, receiver] = [await Mailbox.open(), await WebhookReceiver.open()];
    server = await startServer({
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
      WEBHOOK_NETWORKS: 'loopback',
      // What has no zone is UTC, wherever the server is.
      TZ: 'Asia/Tokyo',
    });
    [ada, bob] = [await newAccount(server.url), await newAccount(server.url)];
    ({ id: source } = await newSource(ada.client, { 'sales.csv': sales(100) }));
  });
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await mailbox.close();
    await receiver.close();
  });

  const ask = async (sql: string): Promise<number> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source, sql })).body.id;
  const revenueIs = (last: number) => ada.client.addFiles(source, { 'sales.csv': sales(last) });
  const rerun = (queryId: number) => ada.client.post<Query>(`/queries/${queryId}/rerun`);
  const create = (condition: object, more: object = {}) =>
    ada.client.post<Alert & Problem>('/alerts', { name: 'Revenue', condition, ...more });
  const get = async (id: number): Promise<Alert> => (await ada.client.get<Alert>(`/alerts/${id}`)).body;
  const events = async (id: number): Promise<AlertEvent[]> =>
    (await ada.client.get<Page<AlertEvent>>(`/alerts/${id}/events`)).body.items;
  const told = async (id: number): Promise<Told[]> =>
    (await ada.client.get<Page<Told>>('/notifications')).body.items.filter(({ meta }) => meta['alert_id'] === id);
  /** Runs the query again and waits until the alert has looked at it. */
  const lookAgain = async (id: number, queryId: number): Promise<Alert> => {
    const { last_evaluated_at: before } = await get(id);
    await rerun(queryId);
    return eventually(
      () => get(id),
      ({ last_evaluated_at: now }) => now !== before,
    );
  };

  it('trigger when their query has run and the figure is beyond the value, and tell it once until it is back', async () => {
    await revenueIs(100);
    const queryId = await ask(NEWEST);
    const { status, body: alert } = await create(
      { query_id: queryId, type: 'threshold', operator: 'lt', value: 50 },
      { severity: 'critical', notification_channel: 'email' },
    );
    expect([status, alert.state]).toEqual([201, 'ok']);
    expect(alert.condition).toMatchObject({ column: 'revenue', operator: '<', aggregate: 'any', consecutive: 1 });
    expect(await lookAgain(alert.id, queryId)).toMatchObject({ state: 'ok', last_value: 100 });
    await revenueIs(20);
    expect(await lookAgain(alert.id, queryId)).toMatchObject({ state: 'triggered', last_value: 20 });
    await lookAgain(alert.id, queryId);
    await revenueIs(90);
    expect(await lookAgain(alert.id, queryId)).toMatchObject({ state: 'ok', last_value: 90 });
    expect(await events(alert.id)).toMatchObject([
      { kind: 'resolved', value: 90 },
      { kind: 'triggered', value: 20, details: { sentence: 'revenue is 20 in a row, which is < 50.' } },
    ]);
    const mails = await mailbox.mailsTo(`${ada.username}@example.com`, 2);
    expect(mails).toHaveLength(2);
    expect(mails[0]?.headers).toContain('Critical');
    expect(mails[0]?.text).toContain('revenue is 20');
    expect((await told(alert.id)).map(({ channel }) => channel)).toEqual(['email', 'email']);
  });

  it('say what they would do, and do nothing', async () => {
    await revenueIs(10);
    const queryId = await ask(NEWEST);
    const { body: alert } = await create({ query_id: queryId, type: 'threshold', operator: '<', value: 50 });
    const queries = async () => (await ada.client.get<Page<Query>>('/queries?include_total=true')).body.total;
    const before = await queries();
    const tried = await ada.client.post(`/alerts/${alert.id}/test`);
    expect(tried.body).toEqual({
      would: 'trigger',
      met: true,
      value: 10,
      sentence: 'revenue is 10 in a row, which is < 50.',
    });
    expect(await queries()).toBe(before);
    expect(await get(alert.id)).toMatchObject({ state: 'ok', last_evaluated_at: null });
    expect(await events(alert.id)).toEqual([]);
    expect(await told(alert.id)).toEqual([]);
  });

  it('tell webhooks, signed, and wait for as many evaluations as are asked for', async () => {
    await ada.client.post('/webhooks', { name: 'Hook', url: `${receiver.url}/alerts`, events: ['alert.triggered'] });
    await revenueIs(10);
    const queryId = await ask(NEWEST);
    const condition = { query_id: queryId, type: 'threshold', operator: '<', value: 50, consecutive: 2 };
    const { body: alert } = await create(condition, { notification_channel: 'webhook' });
    expect((await lookAgain(alert.id, queryId)).state).toBe('ok');
    expect((await lookAgain(alert.id, queryId)).state).toBe('triggered');
    const [call] = await receiver.callsTo('/alerts', 1);
    expect(JSON.parse(call?.body ?? '{}')).toMatchObject({
      type: 'alert.triggered',
      data: { alert_id: alert.id, kind: 'triggered', value: 10, severity: 'warning' },
    });
  });

  it('know a change, an anomaly and what is missing, in the rows of one result', async () => {
    await revenueIs(300);
    const series = await ask(SERIES);
    const empty = await ask(`SELECT revenue FROM sales WHERE region = 'south'`);
    const tried = async (condition: object) => {
      const { body: alert } = await create(condition);
      return (await ada.client.post<{ would: string; sentence: string }>(`/alerts/${alert.id}/test`)).body;
    };
    expect(await tried({ query_id: series, type: 'change', column: 'revenue', value: 50 })).toMatchObject({
      would: 'trigger',
      sentence: 'revenue is 300 after 100: up 200 %.',
    });
    expect((await tried({ query_id: series, type: 'change', operator: '<', value: -10 })).would).toBe('nothing');
    expect((await tried({ query_id: series, type: 'anomaly' })).sentence).toMatch(/far above the usual 100 /);
    expect((await tried({ query_id: series, type: 'missing', column: 'day', value: 24 })).would).toBe('trigger');
    expect(await tried({ query_id: empty, type: 'missing' })).toMatchObject({
      would: 'trigger',
      sentence: 'The query has no rows.',
    });
    await revenueIs(101);
    expect((await tried({ query_id: series, type: 'anomaly' })).would).toBe('nothing');
  });

  it('tell their owner once that they cannot be evaluated, and why', async () => {
    await revenueIs(10);
    const queryId = await ask('SELECT revenue, region FROM sales');
    const { body: alert } = await create({
      query_id: queryId,
      type: 'threshold',
      column: 'revenue',
      operator: '<',
      value: 5,
    });
    const stored = await Stored.embedded(server.dataDir);
    // As if the query had brought that column once.
    await stored.rows(`UPDATE alerts SET condition = condition || '{"column": "profit"}' WHERE id = $1`, [alert.id]);
    await stored.close();
    expect((await lookAgain(alert.id, queryId)).failing_since).not.toBeNull();
    await lookAgain(alert.id, queryId);
    expect(await told(alert.id)).toMatchObject([
      {
        title: '“Revenue” cannot be evaluated',
        body: 'The result has no column “profit” any more. Change the alert, or the query.',
      },
    ]);
    expect((await events(alert.id)).map(({ kind }) => kind)).toEqual(['failed']);
  });

  it('take times without a zone for UTC', async () => {
    const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString().slice(0, 19);
    const files = { 'arrivals.csv': `seen\n${hoursAgo(5)}\n${hoursAgo(1)}\n` };
    const { id } = await newSource(ada.client, files);
    const { body: query } = await ada.client.post<Query>('/queries', {
      data_source_id: id,
      sql: 'SELECT seen FROM arrivals',
    });
    const { body: alert } = await create({ query_id: query.id, type: 'missing', column: 'seen', value: 2 });
    const { body: tried } = await ada.client.post<{ would: string; value: number }>(`/alerts/${alert.id}/test`);
    expect(tried.would).toBe('nothing');
    expect(tried.value).toBeCloseTo(1, 0);
  });

  describe('that change again and again', () => {
    let stored: Stored;
    beforeAll(async () => {
      stored = await Stored.embedded(server.dataDir);
    });
    afterAll(() => stored.close());
    const titles = async (id: number): Promise<string[]> => (await told(id)).map(({ title }) => title).reverse();

    it('say so once, are then written down only, and say how they stand when they have become quiet', async () => {
      const queryId = await ask(NEWEST);
      const { body: alert } = await create({ query_id: queryId, type: 'threshold', operator: '<', value: 50 });
      for (const revenue of [10, 90, 10, 90, 10, 90, 10]) {
        await revenueIs(revenue);
        await lookAgain(alert.id, queryId);
      }
      expect(await events(alert.id)).toHaveLength(7);
      const four = ['has triggered', 'is back to normal', 'has triggered', 'is back to normal'];
      const so = [...four, 'keeps changing'].map((what) => `“Revenue” ${what}`);
      expect(await titles(alert.id)).toEqual(so);
      await lookAgain(alert.id, queryId);
      expect(await titles(alert.id)).toEqual(so);
      await stored.rows(`UPDATE alert_events SET created_at = now() - interval '2 hours' WHERE alert_id = $1`, [
        alert.id,
      ]);
      await lookAgain(alert.id, queryId);
      await lookAgain(alert.id, queryId);
      expect(await titles(alert.id)).toEqual([...so, '“Revenue” has triggered']);
    });

    it('do not tell each time that they cannot be evaluated, either', async () => {
      const queryId = await ask(NEWEST);
      const { body: alert } = await create({ query_id: queryId, type: 'threshold', operator: '<', value: 5 });
      for (let nth = 0; nth < 7; nth += 1) {
        await stored.rows(`UPDATE alerts SET condition = condition || '{"column": "profit"}' WHERE id = $1`, [
          alert.id,
        ]);
        expect((await lookAgain(alert.id, queryId)).failing_since).not.toBeNull();
        await stored.rows(`UPDATE alerts SET condition = condition || '{"column": "revenue"}' WHERE id = $1`, [
          alert.id,
        ]);
        expect((await lookAgain(alert.id, queryId)).failing_since).toBeNull();
      }
      const fourTimes = Array.from({ length: 4 }, () => '“Revenue” cannot be evaluated');
      expect(await titles(alert.id)).toEqual([...fourTimes, '“Revenue” keeps changing']);
    });

    it('are as many for one person as may be', async () => {
      const { body: alert } = await create({ query_id: await ask(NEWEST), type: 'threshold', operator: '<', value: 5 });
      await stored.rows(
        `INSERT INTO alerts (user_id, name, query_id, condition, severity, notification_channel, is_active)
         SELECT user_id, 'one of many', query_id, condition, severity, notification_channel, false
         FROM alerts, generate_series(1, 200 - (SELECT count(*) FROM alerts WHERE user_id = $2)) WHERE id = $1`,
        [alert.id, ada.id],
      );
      const more = await create(alert.condition);
      expect([more.status, more.body.code]).toEqual([409, 'conflict']);
      await stored.rows(`DELETE FROM alerts WHERE name = 'one of many'`);
    });
  });

  it('keep to conditions that go together with the query', async () => {
    const queryId = await ask('SELECT revenue, revenue * 2 AS twice, region FROM sales');
    const refused = async (condition: object): Promise<string[]> => {
      const { status, body } = await create({ query_id: queryId, ...condition });
      expect(status).toBe(422);
      return (body.errors ?? []).map(({ field, message }) => `${field} ${message}`);
    };
    const threshold = { type: 'threshold', operator: '>', value: 1 };
    expect(await refused(threshold)).toEqual(['condition.column is needed: one of revenue, twice']);
    expect(await refused({ ...threshold, column: 'profit' })).toEqual([
      'condition.column is no column of the result, which has revenue, twice, region',
    ]);
    expect(await refused({ ...threshold, column: 'region' })).toEqual([
      'condition.column is not a number; those are: revenue, twice',
    ]);
    expect(await refused({ type: 'threshold', column: 'twice', value: 1 })).toEqual([
      'condition.operator is needed for a threshold, such as >',
    ]);
    expect(await refused({ ...threshold, column: 'twice', schedule: '99 99 * * *' })).toHaveLength(1);
    expect(await refused({ ...threshold, column: 'twice', schedule: '0 7 * * *', timezone: 'Mars/Base' })).toHaveLength(
      1,
    );
    expect(
      (await bob.client.post('/alerts', { name: 'x', condition: { query_id: queryId, ...threshold } })).status,
    ).toBe(404);
  });

  it('are their owner’s alone, begin anew with another condition, and go with their history', async () => {
    const queryId = await ask(NEWEST);
    const condition = {
      query_id: queryId,
      type: 'threshold',
      operator: '>',
      value: 0,
      schedule: '0 7 * * *',
      timezone: 'Europe/Berlin',
    };
    const { body: alert } = await create(condition);
    expect((await bob.client.get(`/alerts/${alert.id}`)).status).toBe(404);
    expect((await lookAgain(alert.id, queryId)).state).toBe('triggered');
    const changed = await ada.client.patch<Alert>(`/alerts/${alert.id}`, { condition: { ...condition, value: 1 } });
    expect(changed.body).toMatchObject({ state: 'ok', condition: { value: 1, schedule: '0 7 * * *' } });
    expect((await ada.client.delete(`/alerts/${alert.id}`)).status).toBe(204);
    expect((await ada.client.get(`/alerts/${alert.id}/events`)).status).toBe(404);
  });
});
