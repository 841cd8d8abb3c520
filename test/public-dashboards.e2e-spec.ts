/** Public links: dashboards for anybody who has one. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { newSource } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Link {
  id: number;
  token: string;
  url: string;
  has_password: boolean;
  revoked_at: string | null;
}
interface PublicDashboard {
  name: string;
  published_at: string;
  access_rules: string;
  filters: { name: string; locked: boolean; values: string[] | null; choices: string[] | null }[];
  cards: { name: string; shown: { rows: unknown[][]; restricted: boolean } | null; problem: { code: string } | null }[];
}

const SALES = 'region,amount\nNorth,10\nSouth,20\nNorth,30\n';

describe('public links', () => {
  const anybody = new Client(serverUrl());
  let ada: Account;
  let bob: Account;
  let source: number;
  let stored: Stored;

  beforeAll(async () => {
    stored = await Stored.open();
    // The first account of all would be an administrator.
    await newAccount();
    [ada, bob] = [await newAccount(), await newAccount()];
    ({ id: source } = await newSource(ada.client, { 'sales.csv': SALES }));
  });
  afterAll(() => stored.close());

  /** A dashboard with one chart. */
  const made = async (sql = 'SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY region') => {
    const filter = { name: 'region', data_source_id: source, table: 'sales', column: 'region', kind: 'values' };
    const { body } = await ada.client.post<{ id: number }>('/dashboards', { name: 'Sales', filters: [filter] });
    const query = (await ada.client.post<Query>('/queries', { data_source_id: source, sql })).body;
    await ada.client.post(`/dashboards/${body.id}/charts`, { query_id: query.id, name: 'By region' });
    return body.id;
  };
  const link = (id: number, body: object = {}, { client } = ada) =>
    client.post<Link & Problem>(`/dashboards/${id}/public-links`, body);
  const open = (token: string, query = '', headers: Record<string, string> = {}) =>
    anybody.get<PublicDashboard & Problem>(`/public/dashboards/${token}${query}`, headers);
  const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`x:${password}`).toString('base64')}` });
  const rowsOf = async (token: string, query = '') => (await open(token, query)).body.cards[0]?.shown?.rows;

  it('show what was published to anybody, as data and as a page', async () => {
    const id = await made();
    const { status, body } = await link(id);
    expect(status).toBe(201);
    expect(Buffer.from(body.token, 'base64url')).toHaveLength(32);
    expect(body.url).toMatch(new RegExp(`/api/v1/public/dashboards/${body.token}$`));
    const data = await open(body.token);
    expect([data.status, data.headers.get('cache-control'), data.headers.get('vary')]).toEqual([
      200,
      'private, no-store',
      'Accept, Authorization',
    ]);
    expect(data.body).toMatchObject({ name: 'Sales', access_rules: expect.stringContaining('made this link') });
    expect(data.body.cards[0]?.shown?.rows).toEqual([
      ['North', 40],
      ['South', 20],
    ]);
    const accept = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };
    const page = await anybody.raw(`/api/v1/public/dashboards/${body.token}`, { headers: accept });
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-.*form-action 'self'/,
    );
    expect(page.headers.get('referrer-policy')).toBe('no-referrer');
    const html = await page.text();
    expect(html).toContain('<meta name="lumiere:access-rules" content="Rows are shown under the access rules');
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)|\sstyle=/);
    // Neither who made it, nor how the data is asked for.
    expect(JSON.stringify(data.body) + html).not.toMatch(new RegExp(`${ada.username}|SELECT|data_source`));
  });

  it('show what was published last, and nothing that has changed since', async () => {
    const id = await made();
    const { token } = (await link(id)).body;
    await ada.client.patch(`/dashboards/${id}`, { name: 'Draft' });
    expect((await open(token)).body.name).toBe('Sales');
    await ada.client.post(`/dashboards/${id}/publish`);
    expect((await open(token)).body.name).toBe('Draft');
  });

  it('keep nothing of the token but its hash, and tell it once', async () => {
    const id = await made();
    const { token } = (await link(id, { password: 'correct horse' })).body;
    expect(await stored.tablesHolding(token)).toEqual([]);
    expect(await stored.tablesHolding('correct horse')).toEqual([]);
    const listed = await ada.client.get<Page<Link>>(`/dashboards/${id}/public-links`);
    expect(listed.body.items).toEqual([expect.objectContaining({ has_password: true, revoked_at: null })]);
    expect(JSON.stringify(listed.body)).not.toContain(token);
  });

  it('end when they are revoked, when their time is over, and with what they show', async () => {
    const id = await made();
    const expires_at = new Date(Date.now() + 60_000).toISOString();
    const [first, second, third] = [await link(id), await link(id, { expires_at }), await link(id)];
    expect((await open(second.body.token)).status).toBe(200);
    expect((await ada.client.delete(`/dashboards/${id}/public-links/${first.body.id}`)).status).toBe(204);
    await stored.rows(`UPDATE public_links SET expires_at = now() WHERE id = $1`, [second.body.id]);
    for (const { body } of [first, second]) expect((await open(body.token)).status).toBe(404);
    expect((await open(randomUUID())).status).toBe(404);
    expect((await open(third.body.token)).status).toBe(200);
    await ada.client.delete(`/dashboards/${id}`);
    expect((await open(third.body.token)).status).toBe(404);
    const past = await link(await made(), { expires_at: '2020-01-01T00:00:00Z' });
    expect([past.status, past.body.errors?.[0]?.field]).toEqual([422, 'expires_at']);
  });

  it('ask for their password, and make guessing slow', async () => {
    const { token } = (await link(await made(), { password: 'correct horse' })).body;
    const asked = await open(token);
    expect([asked.status, asked.body.code, asked.headers.get('www-authenticate')]).toEqual([
      401,
      'link_password_needed',
      'Basic realm="Shared dashboard", charset="UTF-8"',
    ]);
    expect((await open(token, '', basic('correct horse'))).status).toBe(200);
    const guesses = [];
    for (let guess = 0; guess < 7; guess += 1) guesses.push((await open(token, '', basic(`guess ${guess}`))).status);
    expect(guesses.slice(0, 5)).toEqual([401, 401, 401, 401, 401]);
    expect(guesses.slice(5)).toContain(429);
    // Who has proven to know it goes on looking.
    expect((await open(token, '', basic('correct horse'))).status).toBe(200);
    expect((await link(await made(), { password: 'short' })).status).toBe(422);
    expect((await link(await made(), { password: 'x'.repeat(73) })).status).toBe(422);
  });

  it('let readers filter, but not by what is locked', async () => {
    const id = await made();
    const [free, locked] = [(await link(id)).body.token, (await link(id, { filters: ['region:South'] })).body.token];
    expect(await rowsOf(free, '?filter=region:North')).toEqual([['North', 40]]);
    expect(await rowsOf(locked)).toEqual([['South', 20]]);
    const refused = await open(locked, '?filter=region:North');
    expect([refused.status, refused.body.code]).toEqual([422, 'validation_failed']);
    expect((await open(locked)).body.filters).toEqual([
      expect.objectContaining({ name: 'region', locked: true, values: ['South'], choices: null }),
    ]);
    expect((await link(id, { filters: ['nope:1'] })).status).toBe(422);
    // Without the filter there is nothing to lock, and nothing is shown.
    await ada.client.patch(`/dashboards/${id}`, { filters: [] });
    await ada.client.post(`/dashboards/${id}/publish`);
    expect((await open(locked)).status).toBe(422);
    const form = await anybody.raw(`/api/v1/public/dashboards/${free}`, { headers: { accept: 'text/html' } });
    expect(form.status).toBe(200);
  });

  it('let readers set a range on the page, change a preset, and leave it open, without a script', async () => {
    const files = { 'visits.csv': 'day,people\n2024-01-05,1\n2024-02-05,20\n2024-03-05,300\n' };
    const { id: own } = await newSource(ada.client, files, { name: `Visits ${randomUUID()}` });
    const range = { data_source_id: own, table: 'visits', kind: 'range' };
    const filters = [
      { ...range, name: 'day', label: 'Day', column: 'day', presets: ['2024-02-01..'] },
      { ...range, name: 'people', label: 'People', column: 'people' },
    ];
    const { body } = await ada.client.post<{ id: number }>('/dashboards', { name: 'Visits', filters });
    const sql = 'SELECT sum(people) AS people FROM visits';
    const query = (await ada.client.post<Query>('/queries', { data_source_id: own, sql })).body;
    await ada.client.post(`/dashboards/${body.id}/charts`, { query_id: query.id, name: 'People' });
    const { token } = (await link(body.id)).body;
    const response = await anybody.raw(`/api/v1/public/dashboards/${token}`, { headers: { accept: 'text/html' } });
    const html = await response.text();
    expect(html).toContain('<input type="date" name="from.day" value="2024-02-01" aria-label="Day, from">');
    expect(html).toContain('<input type="date" name="to.day" value="" aria-label="Day, to">');
    expect(html).toContain('<input type="number" step="any" name="from.people" value="" aria-label="People, from">');
    // As a browser sends the form.
    const sent = (fields: Record<string, string>) => {
      const all = { 'from.day': '', 'to.day': '', 'from.people': '', 'to.people': '', ...fields };
      return rowsOf(token, `?${new URLSearchParams(all).toString()}`);
    };
    expect(await rowsOf(token)).toEqual([[320]]);
    expect(await sent({ 'from.day': '2024-01-01', 'to.day': '2024-02-28' })).toEqual([[21]]);
    expect(await sent({})).toEqual([[321]]);
    expect(await sent({ 'from.people': '100' })).toEqual([[300]]);
    expect((await open(token, '?from.day=yesterday')).status).toBe(422);
    expect((await open(token, '?from.nothing=1')).status).toBe(422);
    expect((await open(token, '?from=1')).status).toBe(422);
  });

  it('are in the audit trail with what they publish, and their owner is told of what others have made', async () => {
    const id = await made();
    await ada.client.post(`/dashboards/${id}/shares`, { user_id: bob.id, permission: 'manage' });
    const { body: first } = await link(id, {}, bob);
    const trail = await stored.rows<{ action: string; user_id: number }>(
      `SELECT action, user_id FROM audit_trails
       WHERE object_type = 'dashboard' AND object_id = $1 AND action = 'dashboard.published'
          OR object_type = 'public_link' AND object_id = $2 ORDER BY id`,
      [id, first.id],
    );
    expect(trail).toEqual([
      { action: 'dashboard.published', user_id: bob.id },
      { action: 'public_link.created', user_id: bob.id },
    ]);
    await ada.client.patch(`/dashboards/${id}`, { name: 'Changed' });
    await bob.client.post(`/dashboards/${id}/publish`);
    await ada.client.post(`/dashboards/${id}/publish`);
    await link(id);
    const { items } = (await ada.client.get<Page<{ title: string; meta: { dashboard_id?: number } }>>('/notifications'))
      .body;
    expect(items.filter(({ meta }) => meta.dashboard_id === id).map(({ title }) => title)).toEqual([
      `${bob.username} has published your dashboard “Changed”`,
      `${bob.username} has made a public link to your dashboard “Sales”`,
    ]);
  });

  it('are as many as may be at a time, whatever has ended before', async () => {
    const id = await made();
    await link(id);
    await stored.rows(
      `INSERT INTO public_links (dashboard_id, token_hash, filters, created_by, role_ids, expires_at)
       SELECT dashboard_id, md5(n::text || id) || md5(id || n::text), filters, created_by, role_ids,
              CASE WHEN n > 50 THEN now() - interval '1 day' END
       FROM public_links, generate_series(1, 149) n WHERE dashboard_id = $1`,
      [id],
    );
    // 51 are alive, and 99 are over.
    expect((await link(id)).status).toBe(201);
    await stored.rows('UPDATE public_links SET expires_at = NULL WHERE dashboard_id = $1', [id]);
    expect((await link(id)).status).toBe(409);
  });

  it('show rows under the rules of who made them, then and now', async () => {
    const own = await newSource(ada.client, { 'sales.csv': SALES }, { name: `Sales ${randomUUID()}` });
    const { body } = await ada.client.post<{ id: number }>('/dashboards', { name: 'Sales' });
    const sql = 'SELECT sum(amount) AS total FROM sales';
    const query = (await ada.client.post<Query>('/queries', { data_source_id: own.id, sql })).body;
    await ada.client.post(`/dashboards/${body.id}/charts`, { query_id: query.id, name: 'Total' });
    const { token } = (await link(body.id)).body;
    expect(await rowsOf(token)).toEqual([[60]]);
    const rules = [{ table: 'sales', predicate: "region = 'North'", roles: ['analyst'] }];
    await ada.client.put(`/data-sources/${own.id}/rules`, { rules });
    expect(await rowsOf(token)).toEqual([[40]]);
    // Without the role the rule would not hold for her any more; for the link it does.
    await stored.rows(
      `WITH role AS (INSERT INTO roles (name, permissions) SELECT $1, permissions FROM roles WHERE name = 'analyst' RETURNING id)
       UPDATE user_roles SET role_id = role.id FROM role WHERE user_id = $2`,
      [`other-${randomUUID().slice(0, 8)}`, ada.id],
    );
    expect(await rowsOf(token)).toEqual([[40]]);
    await stored.rows(`UPDATE user_roles SET role_id = roles.id FROM roles WHERE name = 'analyst' AND user_id = $1`, [
      ada.id,
    ]);
  });

  it('are made by who may publish and manage, and end when they may not any more', async () => {
    const id = await made();
    expect((await link(id, {}, bob)).status).toBe(404);
    const share = (permission: string) => ada.client.post(`/dashboards/${id}/shares`, { user_id: bob.id, permission });
    await share('edit');
    expect((await link(id, {}, bob)).status).toBe(403);
    await share('manage');
    const { token } = (await link(id, {}, bob)).body;
    expect((await open(token)).status).toBe(200);
    await share('edit');
    expect((await open(token)).status).toBe(404);
    await share('manage');
    await stored.rows('UPDATE users SET is_active = false WHERE id = $1', [bob.id]);
    expect((await open(token)).status).toBe(404);
    await stored.rows('UPDATE users SET is_active = true WHERE id = $1', [bob.id]);
  });

  it('leave in the audit trail who looked, as far as that is known', async () => {
    const { token, id } = (await link(await made())).body;
    const { headers } = await open(token);
    const trail = await stored.rows<{ actor: string; action: string; link: string }>(
      `SELECT actor, action, diff->'details'->>'public_link_id' AS link FROM audit_trails WHERE request_id = $1`,
      [headers.get('x-request-id')],
    );
    expect(trail).toEqual([{ actor: 'anonymous', action: 'query.rows_read', link: String(id) }]);
  });
});
