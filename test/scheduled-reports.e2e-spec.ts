/** Results that are made and sent by the clock. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem } from './support/client.js';
import { newSource, numbers, SHOP } from './support/data.js';
import { BUSY_MAILBOX, Mailbox, type ReceivedMail, REFUSED_MAILBOX } from './support/mailbox.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';
import { expectedSignature, WebhookReceiver } from './support/webhook-receiver.js';

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
  let receiver: WebhookReceiver;
  let server: TestServer;
  let stored: Stored;
  let ada: Account;
  let bob: Account;
  let source: number;

  beforeAll(async () => {
    [mailbox, receiver] = [await Mailbox.open(), await WebhookReceiver.open()];
    server = await startServer({
      SMTP_URL: mailbox.url,
      MAIL_FROM: 'Lumiere <lumiere@example.com>',
      LUMIERE_PUBLIC_URL: PUBLIC_URL,
      REPORT_MAX_ATTACHMENT_KB: '20',
      EXPORTS_KEPT_PER_USER: '2',
      WEBHOOK_NETWORKS: 'loopback',
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
    await receiver.close();
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

  it('give each recipient the figures that the rules of their roles let through', async () => {
    const carol = await newAccount(server.url);
    await stored.rows(
      `WITH role AS (INSERT INTO roles (name, permissions) SELECT 'north', permissions FROM roles WHERE name = 'analyst' RETURNING id)
       UPDATE user_roles SET role_id = role.id FROM role WHERE user_id = $1`,
      [carol.id],
    );
    const { id: own } = await newSource(ada.client, { 'sales.csv': 'region,amount\nnorth,10\nsouth,20\nnorth,5\n' });
    const rules = [{ table: 'sales', predicate: "region = 'north'", roles: ['north'] }];
    expect((await ada.client.put(`/data-sources/${own}/rules`, { rules })).status).toBe(200);
    const { body: workspace } = await ada.client.post<{ id: number }>('/workspaces', { name: 'Sales' });
    await ada.client.post(`/workspaces/${workspace.id}/members`, { user_id: carol.id, permission: 'view' });
    await ada.client.post(`/workspaces/${workspace.id}/items`, { item_type: 'data_source', item_id: own });
    const sql = 'SELECT sum(amount) AS total FROM sales';
    const { body: query } = await ada.client.post<Query>('/queries', { data_source_id: own, sql });
    const payload = { query_id: query.id, format: 'csv', recipients: [ada.username, carol.username] };
    const report = await make({ ...(await wanted()), name: 'Ruled', payload });
    const { deliveries } = (await run(report.id)).body;
    expect(deliveries.map(({ status, error }) => [status, error])).toEqual([
      ['sent', null],
      ['sent', null],
    ]);
    const figures = async ({ client }: Account, exportId: number | null | undefined): Promise<string> =>
      (await client.raw(`/api/v1/exports/${exportId ?? 0}/download`)).text();
    expect(await figures(ada, deliveries[0]?.export_id)).toBe('total\n35\n');
    expect(await figures(carol, deliveries[1]?.export_id)).toBe('total\n15\n');
    const mail = (await mailbox.mailsTo(emailOf(carol), 1)).at(-1);
    expect(attached(mail as ReceivedMail, /filename=(\S+)/.exec(mail?.text ?? '')?.[1] ?? '')).toBe('total\n15\n');
  });

  it('go to nobody who may not look at such things any more, by mail or by an earlier link', async () => {
    const carol = await newAccount(server.url);
    const { id: own } = await newSource(carol.client, { 'numbers.csv': numbers(20_000) });
    const { body: query } = await carol.client.post<Query>('/queries', {
      data_source_id: own,
      sql: 'SELECT n FROM numbers',
    });
    const { body: dashboard } = await carol.client.post<{ id: number }>('/dashboards', { name: 'Numbers' });
    const schedule = { cron_expr: '0 7 * * *', name: 'Lost' };
    const ofQuery = { query_id: query.id, format: 'csv', recipients: [carol.username] };
    const ofDashboard = { dashboard_id: dashboard.id, format: 'pdf', recipients: [carol.username] };
    const ids: number[] = [];
    for (const payload of [ofQuery, ofDashboard]) {
      ids.push((await carol.client.post<Report>('/scheduled-reports', { ...schedule, payload })).body.id);
    }
    const runIt = async (id: number | undefined) =>
      (await carol.client.post<{ deliveries: Delivery[] }>(`/scheduled-reports/${id ?? 0}/run?wait=30`)).body
        .deliveries[0];
    expect(await runIt(ids[0])).toMatchObject({ status: 'sent' });
    const mail = (await mailbox.mailsTo(emailOf(carol), 1)).at(-1);
    const [, path = ''] = LINK.exec(unfolded(mail)) ?? [];
    expect((await new Client(server.url).raw(path)).status).toBe(200);
    await stored.rows(
      `WITH role AS (INSERT INTO roles (name, permissions) VALUES ('scheduler', '{scheduled_reports:read,scheduled_reports:write}') RETURNING id)
       UPDATE user_roles SET role_id = role.id FROM role WHERE user_id = $1`,
      [carol.id],
    );
    expect((await new Client(server.url).raw(path)).status).toBe(404);
    expect(await runIt(ids[0])).toMatchObject({
      status: 'failed',
      error: 'The recipient may not see results of queries.',
    });
    expect(await runIt(ids[1])).toMatchObject({ status: 'failed', error: 'The recipient may not see dashboards.' });
  });

  it('go to webhooks of their owner as one signed event, with a link to the file', async () => {
    const hook = { name: 'Reports', url: `${receiver.url}/reports`, events: ['report.failed'] };
    const { body: webhook } = await ada.client.post<{ id: number; secret: string }>('/webhooks', hook);
    const report = await make(await wanted({ name: 'Hooked' }, [`webhook:${webhook.id}`]));
    expect((await run(report.id)).body.deliveries).toMatchObject([{ status: 'sent', attempts: 1 }]);
    const [call] = await receiver.callsTo('/reports', 1);
    if (call === undefined) throw new Error('nothing came');
    expect(call.headers['webhook-signature']).toBe(expectedSignature(webhook.secret, call));
    const { type, data } = JSON.parse(call.body) as { type: string; data: { download_url: string; format: string } };
    expect([type, data.format]).toEqual(['report.delivered', 'csv']);
    const [, path = ''] = LINK.exec(data.download_url) ?? [];
    expect(await (await new Client(server.url).raw(path)).text()).toMatch(/^order_id\n/);
    const theirs = await bob.client.post<Problem>('/scheduled-reports', {
      ...(await wanted()),
      payload: { dashboard_id: 1, format: 'pdf', recipients: [`webhook:${webhook.id}`] },
    });
    expect(theirs.status).not.toBe(201);
    // What fails is told there as well, by those that take it.
    const vain = await wanted({ name: 'Vain' });
    const failing = await make(vain);
    await ada.client.delete(`/queries/${vain.payload.query_id}`);
    await run(failing.id);
    const calls = await receiver.callsTo('/reports', 2);
    expect(JSON.parse(calls[1]?.body ?? '{}')).toMatchObject({
      type: 'report.failed',
      data: { scheduled_report_id: failing.id, name: 'Vain', recipient: emailOf(ada), reason: expect.any(String) },
    });
    const logged = await stored.rows<{ details: { scheduled_report_id: number } }>(
      `SELECT details FROM system_logs WHERE component = 'reports' AND user_id = $1`,
      [ada.id],
    );
    expect(logged.map(({ details }) => details.scheduled_report_id)).toContain(failing.id);
    await ada.client.patch(`/webhooks/${webhook.id}`, { is_active: false });
    expect((await run(report.id)).body.deliveries).toMatchObject([
      { status: 'failed', error: expect.stringMatching(/switched off/) },
    ]);
  });

  it('take no place of what their recipients keep', async () => {
    const report = await make(await wanted({ name: 'Again and again' }));
    for (let nth = 0; nth < 3; nth += 1) expect((await run(report.id)).body.deliveries[0]?.status).toBe('sent');
    const own = { query_id: await ask('SELECT 1 AS one'), format: 'csv' };
    for (const expected of [201, 201, 409]) {
      expect((await ada.client.post<Problem>('/exports?wait=30', own)).status).toBe(expected);
    }
  });

  it('say so when the query is gone', async () => {
    const request = await wanted();
    const report = await make(request);
    await ada.client.delete(`/queries/${request.payload.query_id}`);
    expect((await run(report.id)).body.deliveries).toMatchObject([
      { status: 'failed', error: expect.stringMatching(/no such query/) },
    ]);
  });

  it('end at once when the mail server will never take them, and the owner is not told whom it was written to', async () => {
    const dora = await newAccount(server.url);
    const address = `${REFUSED_MAILBOX}-${dora.username}@example.com`;
    await stored.rows('UPDATE users SET email = $2 WHERE id = $1', [dora.id, address]);
    const { body: dashboard } = await ada.client.post<{ id: number }>('/dashboards', { name: 'For Dora' });
    await ada.client.post(`/dashboards/${dashboard.id}/shares`, { user_id: dora.id, permission: 'view' });
    const payload = { dashboard_id: dashboard.id, format: 'svg', recipients: [dora.username] };
    const report = await make({ ...(await wanted()), payload });
    const [delivery] = (await run(report.id)).body.deliveries;
    expect(delivery).toMatchObject({
      status: 'failed',
      attempts: 1,
      error: 'The mail server does not take mails to this recipient.',
    });
    expect(JSON.stringify(delivery)).not.toContain(REFUSED_MAILBOX);
  });

  it(
    'are tried again when the mail server does not take them now, and each try is kept',
    async () => {
      await stored.rows('UPDATE users SET email = $2 WHERE id = $1', [
        bob.id,
        `${BUSY_MAILBOX}-${bob.username}@example.com`,
      ]);
      const { id: own } = await newSource(bob.client, SHOP);
      const { body: query } = await bob.client.post<Query>('/queries', { data_source_id: own, sql: 'SELECT 1 AS one' });
      const begin = async (format: string): Promise<() => Promise<Delivery | undefined>> => {
        const payload = { query_id: query.id, format, recipients: [bob.username] };
        const request = { name: 'Busy', cron_expr: '0 7 * * *', payload };
        const { body: report } = await bob.client.post<Report>('/scheduled-reports', request);
        await bob.client.post(`/scheduled-reports/${report.id}/run?wait=0`);
        return async () =>
          (await bob.client.get<Page<Delivery>>(`/scheduled-reports/${report.id}/deliveries`)).body.items[0];
      };
      const files = async (format: string): Promise<string[]> => {
        const { items } = (await bob.client.get<Page<{ format: string; status: string }>>('/exports')).body;
        return items.filter((one) => one.format === format).map(({ status }) => status);
      };
      const [look, lookAtBroken] = [await begin('csv'), await begin('ndjson')];
      const broken = await within(lookAtBroken, (delivery) => (delivery?.attempts ?? 0) >= 1);
      // As if the server had died while it made this file.
      await stored.rows(`UPDATE exports SET status = 'running', completed_at = NULL WHERE id = $1`, [
        broken?.export_id,
      ]);
      const tried = await within(look, (delivery) => (delivery?.attempts ?? 0) >= 2);
      expect(tried?.attempt_log.map(({ error }) => error)).toEqual([
        'The mail server could not be reached, or did not take the mail.',
        'The mail server could not be reached, or did not take the mail.',
      ]);
      // The file was made once, whatever became of the mails.
      expect(await files('csv')).toEqual(['succeeded']);
      await within(lookAtBroken, (delivery) => (delivery?.attempts ?? 0) >= 2);
      expect(await files('ndjson')).toEqual(['succeeded', 'failed']);
      // Not to wait for minutes: the time of every further try has come.
      const tries = async () => {
        await stored.rows(
          `UPDATE pgboss.job SET start_after = now() WHERE name = 'reports.deliver' AND state = 'retry'`,
        );
        return look();
      };
      expect(await within(tries, (delivery) => delivery?.status === 'failed')).toMatchObject({ attempts: 4 });
      // No mail gets through to the owner, either: it is told in the application.
      const { items } = (
        await bob.client.get<Page<{ title: string; channel: string }>>('/notifications?channel=in_app')
      ).body;
      expect(items.map(({ title }) => title)).toContain(`The report “Busy” did not reach ${bob.username}`);
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
