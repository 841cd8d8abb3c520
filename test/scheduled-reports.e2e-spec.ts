/** Results that are made and sent by the clock. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem } from './support/client.js';
import { newSource, numbers, SHOP } from './support/data.js';
import { Mailbox, type ReceivedMail, REFUSED_MAILBOX } from './support/mailbox.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Report {
  id: number;
  name: string;
  cron_expr: string;
  timezone: string;
  payload: { query_id: number; format: string; recipients: string[] };
  is_active: boolean;
  last_run_at: string | null;
  next_run_at: string | null;
}

interface Delivery {
  id: number;
  recipient: string;
  scheduled_for: string;
  status: string;
  attempts: number;
  attempt_log: { at: string; error: string | null }[];
  error: string | null;
  export_id: number | null;
  sent_at: string | null;
}

const PUBLIC_URL = 'https://lumiere.example.com';
const LINK = /https:\/\/lumiere\.example\.com(\/api\/v1\/public\/exports\/[\w-]{43})/;
/** The clock looks every minute, and the queue a little later. */
const A_TICK_MS = 100_000;

const emailOf = ({ username }: Account): string => `${username}@example.com`;

/** A mail without the folds of its lines (RFC 2045, 6.7). */
function unfolded(mail: ReceivedMail | undefined): string {
  return (mail?.text ?? '').replaceAll('=\r\n', '');
}

/** The content of an attachment, whose part says base64. */
function attached({ text }: ReceivedMail, fileName: string): string {
  const part = text.split(/\r\n--/).find((one) => one.includes(`filename=${fileName}`)) ?? '';
  return Buffer.from(part.slice(part.indexOf('\r\n\r\n')).replace(/\s/g, ''), 'base64').toString();
}

describe('scheduled reports', () => {
  let mailbox: Mailbox;
  let server: TestServer;
  let stored: Stored;
  let ada: Account;
  let bob: Account;
  let source: number;

  beforeAll(async () => {
    mailbox = await Mailbox.open();
    server = await startServer({
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
      LUMIERE_PUBLIC_URL: PUBLIC_URL,
      REPORT_MAX_ATTACHMENT_KB: '20',
    });
    stored = await Stored.embedded(server.dataDir);
    // The first account of all would be an administrator.
    await newAccount(server.url);
    [ada, bob] = [await newAccount(server.url), await newAccount(server.url)];
    ({ id: source } = await newSource(ada.client, { ...SHOP, 'numbers.csv': numbers(1000) }));
  });
  afterAll(async () => {
    await stored.close();
    await server.stop();
    await mailbox.close();
    await removeDataDir(server);
  });

  const ask = async (sql: string): Promise<number> =>
    (await ada.client.post<Query>('/queries?wait=30', { data_source_id: source, sql })).body.id;
  const wanted = async (more: object = {}, recipients = [emailOf(ada)], sql = 'SELECT order_id FROM orders') => ({
    name: 'Orders <of> the week',
    cron_expr: '0 7 * * 1',
    timezone: 'Europe/Berlin',
    payload: { query_id: await ask(sql), format: 'csv', recipients },
    ...more,
  });
  const make = async (request: object): Promise<Report> => {
    const { status, body } = await ada.client.post<Report>('/scheduled-reports', request);
    expect([status, body]).toEqual([201, expect.anything()]);
    return body;
  };
  const run = (id: number) => ada.client.post<{ deliveries: Delivery[] }>(`/scheduled-reports/${id}/run?wait=30`);
  const history = async (id: number): Promise<Delivery[]> =>
    (await ada.client.get<Page<Delivery>>(`/scheduled-reports/${id}/deliveries`)).body.items;
  const within = async <T>(look: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> => {
    const deadline = Date.now() + A_TICK_MS;
    for (;;) {
      const seen = await look();
      if (isWanted(seen)) return seen;
      if (Date.now() > deadline) throw new Error(`It did not come to that; last seen: ${JSON.stringify(seen)}`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };

  it('say when they run next by the clock of their time zone, and are paused, resumed, changed and removed', async () => {
    const report = await make(await wanted());
    const next = new Date(report.next_run_at ?? '');
    const local = new Intl.DateTimeFormat('en-GB', {
      timeZone: 'Europe/Berlin',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    });
    expect(local.format(next)).toMatch(/Mon.*07:00/);
    expect(next.getTime()).toBeGreaterThan(Date.now());
    const path = `/scheduled-reports/${report.id}`;
    const paused = await ada.client.patch<Report>(path, { is_active: false });
    expect(paused.body).toMatchObject({ is_active: false, next_run_at: null });
    const resumed = await ada.client.patch<Report>(path, { is_active: true, cron_expr: '30 6 * * *', name: 'Daily' });
    expect(resumed.body).toMatchObject({ is_active: true, name: 'Daily', cron_expr: '30 6 * * *' });
    expect(local.format(new Date(resumed.body.next_run_at ?? ''))).toMatch(/06:30/);
    expect((await ada.client.get<Page<Report>>('/scheduled-reports')).body.items.map(({ id }) => id)).toContain(
      report.id,
    );
    for (const attempt of [
      bob.client.get(path),
      bob.client.patch(path, { name: 'mine' }),
      bob.client.delete(path),
      bob.client.post(`${path}/run`),
    ]) {
      expect((await attempt).status).toBe(404);
    }
    expect((await ada.client.delete(path)).status).toBe(204);
    expect((await ada.client.get(path)).status).toBe(404);
  });

  it('are refused by name when their time, their query or a recipient is not there', async () => {
    const good = await wanted();
    for (const [body, status, field] of [
      [{ ...good, cron_expr: 'every day' }, 422, 'cron_expr'],
      [{ ...good, cron_expr: '0 0 30 2 *' }, 422, 'cron_expr'],
      [{ ...good, timezone: 'Mars/Base' }, 422, 'timezone'],
      [{ ...good, payload: { ...good.payload, recipients: [] } }, 422, 'payload.recipients'],
      [{ ...good, payload: { ...good.payload, format: 'docx' } }, 422, 'payload.format'],
      [
        { ...good, payload: { ...good.payload, recipients: [emailOf(ada), 'stranger@elsewhere.example'] } },
        422,
        'payload.recipients[1]',
      ],
      [{ ...good, payload: { ...good.payload, recipients: ['webhook:999999'] } }, 422, 'payload.recipients[0]'],
      [{ ...good, payload: { ...good.payload, query_id: 2_000_000_000 } }, 404, undefined],
    ] as const) {
      const refused = await ada.client.post<Problem>('/scheduled-reports', body);
      expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([status, field]);
    }
    const theirs = await bob.client.post<Problem>('/scheduled-reports', good);
    expect([theirs.status, theirs.body.code]).toEqual([404, 'not_found']);
  });

  it('ask their query anew, and send the file by mail', async () => {
    const files = { 'orders.csv': SHOP['orders.csv'] };
    const { id: own } = await newSource(ada.client, files);
    const { body: query } = await ada.client.post<Query>('/queries', {
      data_source_id: own,
      sql: 'SELECT count(*) AS n FROM orders',
    });
    const payload = { query_id: query.id, format: 'csv', recipients: [ada.username] };
    const report = await make({ ...(await wanted()), payload });
    await ada.client.addFiles(own, { 'orders.csv': `${SHOP['orders.csv']}8,1,2025-04-01,paid,10\n` });
    const { status, body } = await run(report.id);
    expect(status).toBe(201);
    expect(body.deliveries).toMatchObject([
      { recipient: ada.username, status: 'sent', attempts: 1, error: null, attempt_log: [{ error: null }] },
    ]);
    const mail = (await mailbox.mailsTo(emailOf(ada), 1)).at(-1);
    expect(mail?.headers).toContain('Subject: Orders <of> the week');
    expect(mail?.headers).toContain(`Message-ID: <report-delivery-${body.deliveries[0]?.id ?? 0}@example.com>`);
    expect(mail?.text).toContain('text/html');
    expect(unfolded(mail)).toContain('Orders &lt;of&gt; the week');
    const [file] = (await ada.client.get<Page<{ query_id: number }>>('/exports')).body.items;
    expect(file?.query_id).not.toBe(query.id);
    expect(attached(mail as ReceivedMail, `query-${file?.query_id ?? 0}.csv`)).toBe('n\n8\n');
    expect(await history(report.id)).toHaveLength(1);
  });

  it('link to a file that is too large for a mail, for whoever has the link, until the rules change', async () => {
    const { id: own } = await newSource(ada.client, { 'numbers.csv': numbers(20_000) });
    const { body: query } = await ada.client.post<Query>('/queries', {
      data_source_id: own,
      sql: 'SELECT n FROM numbers',
    });
    const payload = { query_id: query.id, format: 'csv', recipients: [emailOf(ada)] };
    const report = await make({ ...(await wanted()), name: 'Large', payload });
    const before = mailbox.mails.length;
    expect((await run(report.id)).body.deliveries[0]?.status).toBe('sent');
    const mail = await eventually(
      async () => mailbox.mails[before],
      (one) => one !== undefined,
    );
    expect(mail?.text).not.toContain('filename=');
    const [, path = ''] = LINK.exec(unfolded(mail)) ?? [];
    const visitor = new Client(server.url);
    const response = await visitor.raw(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect((await response.text()).split('\n')).toHaveLength(20_002);
    expect((await visitor.raw(`${path.slice(0, -1)}_`)).status).toBe(404);
    await ada.client.put(`/data-sources/${own}/rules`, {
      rules: [{ table: 'numbers', predicate: 'n < 5', roles: ['analyst'] }],
    });
    expect((await visitor.raw(path)).status).toBe(409);
    // And the next one holds what she may see by then.
    const [delivery] = (await run(report.id)).body.deliveries;
    expect(await (await ada.client.raw(`/api/v1/exports/${delivery?.export_id ?? 0}/download`)).text()).toBe(
      'n\n0\n1\n2\n3\n4\n',
    );
  });

  it('give nobody what they may not see: it fails for that recipient, and the owner is told', async () => {
    const report = await make(await wanted({ name: 'For two' }, [emailOf(ada), emailOf(bob)]));
    const { deliveries } = (await run(report.id)).body;
    const byRecipient = Object.fromEntries(deliveries.map(({ recipient, status }) => [recipient, status]));
    expect(byRecipient).toEqual({ [emailOf(ada)]: 'sent', [emailOf(bob)]: 'failed' });
    expect(deliveries.find(({ status }) => status === 'failed')).toMatchObject({
      attempts: 1,
      export_id: null,
      error: expect.stringMatching(/no such data source/),
    });
    expect(mailbox.mails.filter(({ to }) => to.includes(emailOf(bob)))).toEqual([]);
    const told = await stored.rows<{ title: string }>(
      `SELECT title FROM notifications WHERE user_id = $1 AND channel = 'in_app' AND meta ->> 'scheduled_report_id' = $2`,
      [ada.id, String(report.id)],
    );
    expect(told).toEqual([{ title: `The report “For two” did not reach ${emailOf(bob)}` }]);
  });

  it('show a dashboard to each recipient as they may see it', async () => {
    const { body: dashboard } = await ada.client.post<{ id: number }>('/dashboards', { name: 'Orders' });
    const chart = {
      query_id: await ask('SELECT status, sum(amount) AS total FROM orders GROUP BY ALL'),
      name: 'By status',
    };
    expect((await ada.client.post(`/dashboards/${dashboard.id}/charts`, chart)).status).toBe(201);
    const payload = { dashboard_id: dashboard.id, format: 'pdf', recipients: [ada.username, bob.username] };
    const report = await make({ ...(await wanted()), payload });
    const statuses = async (): Promise<string[]> => (await run(report.id)).body.deliveries.map(({ status }) => status);
    expect(await statuses()).toEqual(['sent', 'failed']);
    const share = { user_id: bob.id, permission: 'view' };
    expect((await ada.client.post(`/dashboards/${dashboard.id}/shares`, share)).status).toBe(201);
    expect(await statuses()).toEqual(['sent', 'sent']);
  });

  it('say so when the query is gone', async () => {
    const request = await wanted();
    const report = await make(request);
    await ada.client.delete(`/queries/${request.payload.query_id}`);
    expect((await run(report.id)).body.deliveries).toMatchObject([
      { status: 'failed', error: expect.stringMatching(/no such query/) },
    ]);
  });

  it(
    'are tried again when the mail server does not take them, and each try is kept',
    async () => {
      await stored.rows('UPDATE users SET email = $2 WHERE id = $1', [
        bob.id,
        `${REFUSED_MAILBOX}-${bob.username}@example.com`,
      ]);
      const { id: own } = await newSource(bob.client, SHOP);
      const { body: query } = await bob.client.post<Query>('/queries', { data_source_id: own, sql: 'SELECT 1 AS one' });
      const payload = { query_id: query.id, format: 'csv', recipients: [bob.username] };
      const { body: report } = await bob.client.post<Report>('/scheduled-reports', {
        name: 'Refused',
        cron_expr: '0 7 * * *',
        payload,
      });
      await bob.client.post(`/scheduled-reports/${report.id}/run?wait=0`);
      const look = async () =>
        (await bob.client.get<Page<Delivery>>(`/scheduled-reports/${report.id}/deliveries`)).body.items[0];
      const tried = await within(look, (delivery) => (delivery?.attempts ?? 0) >= 2);
      expect(tried?.attempt_log.every(({ error }) => error !== null)).toBe(true);
      // The file was made once, whatever became of the mails.
      const { items } = (await bob.client.get<Page<{ format: string }>>('/exports')).body;
      expect(items.filter(({ format }) => format === 'csv')).toHaveLength(1);
    },
    A_TICK_MS + 30_000,
  );

  it(
    'run by themselves when they are due, once for all times that were missed',
    async () => {
      const report = await make(await wanted({ cron_expr: '* * * * *', name: 'Missed' }));
      await stored.rows(`UPDATE scheduled_reports SET next_run_at = now() - interval '3 hours' WHERE id = $1`, [
        report.id,
      ]);
      const deliveries = await within(
        () => history(report.id),
        (found) => found.some(({ status }) => status === 'sent'),
      );
      const { body: now } = await ada.client.patch<Report>(`/scheduled-reports/${report.id}`, { is_active: false });
      expect(now.last_run_at).not.toBeNull();
      const missed = deliveries.filter(({ scheduled_for: at }) => Date.parse(at) < Date.now() - 120_000);
      expect(missed).toHaveLength(1);
      expect(deliveries.length).toBeLessThanOrEqual(2);
    },
    A_TICK_MS + 30_000,
  );

  it('are not run while they are paused', async () => {
    const report = await make(await wanted({ is_active: false }));
    expect(report.next_run_at).toBeNull();
    expect((await run(report.id)).body.deliveries).toMatchObject([{ status: 'sent' }]);
  });
});

describe('the files of exports', () => {
  it(
    'are removed when their time is over',
    async () => {
      const server = await startServer();
      const ada = await newAccount(server.url);
      const { id } = await newSource(ada.client, SHOP);
      const { body: query } = await ada.client.post<Query>('/queries', { data_source_id: id, sql: 'SELECT 1 AS one' });
      const { body: made } = await ada.client.post<{ id: number; status: string }>('/exports?wait=30', {
        query_id: query.id,
        format: 'csv',
      });
      expect(made.status).toBe('succeeded');
      const stored = await Stored.embedded(server.dataDir);
      await stored.rows(`UPDATE exports SET expires_at = now() - interval '1 second' WHERE id = $1`, [made.id]);
      await stored.close();
      const deadline = Date.now() + A_TICK_MS;
      let status = '';
      while (status !== 'expired' && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        status = (await ada.client.get<{ status: string }>(`/exports/${made.id}`)).body.status;
      }
      expect(status).toBe('expired');
      await server.stop();
      await removeDataDir(server);
    },
    A_TICK_MS + 30_000,
  );
});
