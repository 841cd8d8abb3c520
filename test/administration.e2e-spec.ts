import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers } from './support/data.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';

interface ManagedAccount {
  id: number;
  username: string;
  email: string;
  is_active: boolean;
  roles: string[];
}

interface Role {
  id: number;
  name: string;
  permissions: string[];
  is_built_in: boolean;
}

interface Overview {
  users: { total: number; active: number; administrators: number };
  data_sources: { total: number; rows: number };
  queries: { total: number; by_status: Record<string, number> };
  storage: { sources_bytes: number; results_bytes: number; total_bytes: number };
  costs: { amount: number; tokens: number; api_calls: number; query_time_ms: number };
  growth: { date: string; users: number; data_sources: number; queries: number }[];
}

describe('administration', () => {
  let server: TestServer;
  let root: Account;

  beforeAll(async () => {
    server = await startServer();
    root = await newAccount(server.url);
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const person = (): Promise<Account> => newAccount(server.url);
  const giveRoles = (account: Account, roles: string[], by = root) =>
    by.client.put<ManagedAccount & Problem>(`/users/${account.id}/roles`, { roles });
  const setActive = (account: Account, isActive: boolean, by = root) =>
    by.client.patch<ManagedAccount & Problem>(`/admin/users/${account.id}`, { is_active: isActive });
  const remove = (account: Account, heir?: Account, by = root) =>
    by.client.delete<Problem>(`/admin/users/${account.id}${heir === undefined ? '' : `?transfer_to=${heir.id}`}`);
  const statusOf = async (client: Client, path = '/auth/me'): Promise<number> => (await client.get(path)).status;
  const keyOf = async (account: Account, scopes: string[], more: object = {}): Promise<Client> => {
    const { body } = await account.client.post<{ key: string }>('/api-keys', { name: 'k', scopes, ...more });
    return new Client(server.url, undefined, body.key);
  };
  const newRole = async (permissions: string[]): Promise<Role> => {
    const name = `role-${Math.random().toString(36).slice(2, 10)}`;
    const { status, body } = await root.client.post<Role>('/roles', { name, permissions });
    if (status !== 201) throw new Error(`No role was made: ${JSON.stringify(body)}`);
    return body;
  };
  const sessionOf = async ({ username, password }: Account): Promise<{ access_token: string; refresh_token: string }> =>
    (
      await new Client(server.url).post<{ access_token: string; refresh_token: string }>('/auth/login', {
        username,
        password,
      })
    ).body;

  it('is closed to everybody else', async () => {
    const { client, id } = await person();
    const body = { is_active: false, roles: ['admin'], name: 'mine', permissions: ['users:manage'] };
    const attempts = await Promise.all([
      client.get<Problem>('/admin/users'),
      client.get<Problem>('/admin/overview'),
      client.patch<Problem>(`/admin/users/${id}`, { is_active: body.is_active }),
      client.delete<Problem>(`/admin/users/${root.id}`),
      client.put<Problem>(`/users/${id}/roles`, { roles: body.roles }),
      client.post<Problem>('/roles', { name: body.name, permissions: body.permissions }),
      client.patch<Problem>('/roles/2', { permissions: body.permissions }),
      client.delete<Problem>('/roles/2'),
    ]);
    expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 403));
    expect(attempts.map(({ body: { detail } }) => /permission (\S+)\./.exec(detail)?.[1])).toEqual([
      'users:manage',
      'system:read',
      'users:manage',
      'users:manage',
      'roles:manage',
      'roles:manage',
      'roles:manage',
      'roles:manage',
    ]);
  });

  it('says so when it can send no mail, whether there is such an account or not', async () => {
    const { username } = await person();
    const visitor = new Client(server.url);
    for (const email of [`${username}@example.com`, 'nobody-at-all@example.com']) {
      const { status, body } = await visitor.post<{ detail: string }>('/auth/password/forgot', { email });
      expect([status, body.detail]).toEqual([
        202,
        'This server sends no mail. Ask an administrator for a new password.',
      ]);
    }
  });

  describe('the list of accounts', () => {
    it('goes page by page and masks addresses', async () => {
      const made = [await person(), await person(), await person()].map(({ id }) => id);
      const seen: ManagedAccount[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { body }: { body: Page<ManagedAccount> } = await root.client.get(
          `/admin/users?limit=2&include_total=true${cursor === '' ? '' : `&cursor=${cursor}`}`,
        );
        expect(body.items.length).toBeLessThanOrEqual(2);
        seen.push(...body.items);
        cursor = body.next_cursor;
      }
      const ids = seen.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)].sort((a, b) => b - a));
      expect(ids).toEqual(expect.arrayContaining([root.id, ...made]));
      expect(seen.map(({ email }) => email)).toEqual(seen.map(() => 'u•••@example.com'));
      expect(seen.find(({ id }) => id === root.id)?.roles).toEqual(['admin']);
    });

    it('is searched by user name and address, taking % and _ for what they are', async () => {
      const ada = await person();
      const find = async (text: string): Promise<number[]> =>
        (await root.client.get<Page<ManagedAccount>>(`/admin/users?search=${encodeURIComponent(text)}`)).body.items.map(
          ({ id }) => id,
        );
      expect(await find(ada.username.toUpperCase())).toEqual([ada.id]);
      expect(await find(`${ada.username}@EXAMPLE`)).toEqual([ada.id]);
      for (const text of ['%', '_', `' OR 1=1 --`]) expect(await find(text)).toEqual([]);
    });
  });

  it('shows one account as the list does', async () => {
    const ada = await person();
    const { status, body } = await root.client.get<ManagedAccount>(`/admin/users/${ada.id}`);
    const listed = await root.client.get<Page<ManagedAccount>>(`/admin/users?search=${ada.username}`);
    expect([status, body]).toEqual([200, listed.body.items[0]]);
    expect(await statusOf(root.client, '/admin/users/999999')).toBe(404);
    expect(await statusOf(ada.client, `/admin/users/${ada.id}`)).toBe(403);
  });

  describe('roles', () => {
    it('count from the next request on, for sessions and for keys', async () => {
      const ada = await person();
      const key = await keyOf(ada, ['*']);
      expect((await giveRoles(ada, ['admin'])).body).toMatchObject({ id: ada.id, roles: ['admin'] });
      expect(await statusOf(ada.client, '/admin/overview')).toBe(200);
      expect(await statusOf(key, '/admin/overview')).toBe(200);
      expect((await giveRoles(ada, ['viewer', 'analyst'])).body.roles).toEqual(['analyst', 'viewer']);
      expect(await statusOf(ada.client, '/admin/overview')).toBe(403);
      expect(await statusOf(key, '/admin/overview')).toBe(403);
      expect(await statusOf(key)).toBe(200);
    });

    it('leave a key no more than its owner has now', async () => {
      const ada = await person();
      const key = await keyOf(ada, ['queries:write', 'data_sources:read']);
      await giveRoles(ada, ['viewer']);
      const { status, body } = await key.post<Problem>('/queries', { data_source_id: 1, question: 'anything?' });
      expect([status, body.detail]).toEqual([403, expect.stringContaining('queries:write')]);
      expect(await statusOf(key, '/data-sources')).toBe(200);
    });

    it('must exist, and there must be one', async () => {
      const ada = await person();
      const unknown = await giveRoles(ada, ['analyst', 'emperor']);
      expect([unknown.status, unknown.body.errors?.[0]?.field]).toEqual([422, 'roles[1]']);
      expect((await giveRoles(ada, [])).status).toBe(422);
      expect((await root.client.put('/users/999999/roles', { roles: ['analyst'] })).status).toBe(404);
      expect(
        (await root.client.get<Page<ManagedAccount>>(`/admin/users?search=${ada.username}`)).body.items[0]?.roles,
      ).toEqual(['analyst']);
    });

    it('are made, changed and removed by administrators', async () => {
      const role = await newRole(['account:read']);
      const ada = await person();
      await giveRoles(ada, [role.name]);
      expect(await statusOf(ada.client, '/data-sources')).toBe(403);
      const changed = await root.client.patch<Role>(`/roles/${role.id}`, { permissions: ['data_sources:read'] });
      expect(changed.body).toMatchObject({ name: role.name, permissions: ['data_sources:read'], is_built_in: false });
      expect(await statusOf(ada.client, '/data-sources')).toBe(200);
      const used = await root.client.delete<Problem>(`/roles/${role.id}`);
      expect([used.status, used.body.code]).toEqual([409, 'conflict']);
      await giveRoles(ada, ['viewer']);
      expect((await root.client.delete(`/roles/${role.id}`)).status).toBe(204);
      expect((await root.client.delete(`/roles/${role.id}`)).status).toBe(404);
    });

    it('of the start stay as they are', async () => {
      const { items } = (await root.client.get<Page<Role>>('/roles')).body;
      const builtIn = items.filter((role) => role.is_built_in);
      expect(builtIn.map(({ name }) => name).sort()).toEqual(['admin', 'analyst', 'viewer']);
      for (const { id } of builtIn) {
        expect((await root.client.patch(`/roles/${id}`, { permissions: [] })).status).toBe(409);
        expect((await root.client.delete(`/roles/${id}`)).status).toBe(409);
      }
    });

    it.each([
      [422, { name: 'odd', permissions: ['*'] }],
      [422, { name: 'odd', permissions: ['queries:explode'] }],
      [422, { name: 'Odd Name', permissions: [] }],
      [422, { name: 'odd', permissions: [], id: 1 }],
      [409, { name: 'analyst', permissions: [] }],
    ])('are refused with %i: %j', async (status, body) => {
      expect((await root.client.post('/roles', body)).status).toBe(status);
    });

    it('are no way up for somebody who may only manage roles', async () => {
      const clerk = await person();
      const ada = await person();
      const role = await newRole(['roles:manage', 'users:manage', 'account:read']);
      await giveRoles(clerk, [role.name]);
      expect((await giveRoles(clerk, ['admin'], clerk)).status).toBe(403);
      expect((await giveRoles(ada, ['analyst', 'viewer'], clerk)).body.detail).toContain('data_sources:read');
      const wider = await clerk.client.patch<Problem>(`/roles/${role.id}`, {
        permissions: ['roles:manage', 'system:read'],
      });
      expect([wider.status, wider.body.detail]).toEqual([403, expect.stringContaining('system:read')]);
      const made = await clerk.client.post('/roles', { name: 'spy', permissions: ['queries:read'] });
      expect(made.status).toBe(403);
      expect((await giveRoles(root, [role.name], clerk)).status).toBe(403);
      expect((await setActive(root, false, clerk)).status).toBe(403);
      expect((await remove(root, clerk, clerk)).status).toBe(403);
      expect((await giveRoles(ada, [role.name], clerk)).status).toBe(200);
    });

    it('given by a key are within its scopes', async () => {
      const ada = await person();
      const key = await keyOf(root, ['roles:manage', 'account:read']);
      expect((await key.put(`/users/${ada.id}/roles`, { roles: ['admin'] })).status).toBe(403);
    });
  });

  describe('closing an account', () => {
    it('ends its sessions and keys on the next request, and opening it does not bring the sessions back', async () => {
      const ada = await person();
      const session = await sessionOf(ada);
      const key = await keyOf(ada, ['*']);
      const closed = await setActive(ada, false);
      expect([closed.status, closed.body.is_active]).toEqual([200, false]);
      expect(await statusOf(ada.client)).toBe(401);
      expect(await statusOf(key)).toBe(401);
      const visitor = new Client(server.url);
      const { username, password } = ada;
      expect((await visitor.post('/auth/login', { username, password })).status).toBe(401);
      expect((await setActive(ada, true)).body.is_active).toBe(true);
      expect((await visitor.post('/auth/refresh', { refresh_token: session.refresh_token })).status).toBe(401);
      expect(await statusOf(ada.client)).toBe(401);
      expect(await statusOf(new Client(server.url, (await sessionOf(ada)).access_token))).toBe(200);
      expect(await statusOf(key)).toBe(200);
    });

    it('is for others to do, and so is deleting it', async () => {
      const second = await person();
      await giveRoles(second, ['admin']);
      const closed = await setActive(second, false, second);
      expect([closed.status, closed.body.detail]).toEqual([409, expect.stringContaining('close your own account')]);
      const removed = await remove(second, root, second);
      expect([removed.status, removed.body.detail]).toEqual([409, expect.stringContaining('delete your own account')]);
      expect((await setActive(second, true, second)).status).toBe(200);
      expect((await setActive(second, false)).status).toBe(200);
    });

    it('takes is_active and nothing else', async () => {
      const ada = await person();
      for (const body of [{}, { is_active: 'no' }, { is_active: null }, { is_active: true, roles: ['admin'] }]) {
        expect((await root.client.patch(`/admin/users/${ada.id}`, body)).status).toBe(422);
      }
      expect((await root.client.patch('/admin/users/999999', { is_active: false })).status).toBe(404);
    });
  });

  describe('the last administrator', () => {
    it('cannot be demoted, closed or deleted', async () => {
      for (const answer of [await giveRoles(root, ['analyst']), await setActive(root, false), await remove(root)]) {
        expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
      }
      expect(await statusOf(root.client, '/admin/overview')).toBe(200);
    });

    it('is not the last one while another is active', async () => {
      const second = await person();
      await giveRoles(second, ['admin']);
      await setActive(second, false);
      expect((await giveRoles(root, ['analyst'])).status).toBe(409);
      await setActive(second, true);
      expect((await giveRoles(root, ['analyst'])).status).toBe(200);
      const back = new Client(server.url, (await sessionOf(second)).access_token);
      expect((await back.put(`/users/${root.id}/roles`, { roles: ['admin'] })).status).toBe(200);
      expect((await remove(second)).status).toBe(204);
    });

    it('remains when two dismiss each other at the same time', async () => {
      const second = await person();
      await giveRoles(second, ['admin']);
      const answers = await Promise.all([giveRoles(root, ['analyst'], second), giveRoles(second, ['analyst'], root)]);
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
      if (answers[0]?.status === 200) await giveRoles(root, ['admin'], second);
      await giveRoles(second, ['analyst']);
      expect(await statusOf(root.client, '/admin/overview')).toBe(200);
    });
  });

  describe('deleting an account', () => {
    it('ends it with its sessions and keys', async () => {
      const ada = await person();
      const session = await sessionOf(ada);
      const key = await keyOf(ada, ['*']);
      expect((await remove(ada)).status).toBe(204);
      expect([await statusOf(ada.client), await statusOf(key)]).toEqual([401, 401]);
      const refreshed = await new Client(server.url).post('/auth/refresh', { refresh_token: session.refresh_token });
      expect(refreshed.status).toBe(401);
      expect((await remove(ada)).status).toBe(404);
    });

    it('asks who gets what others may rely on, and hands it over', async () => {
      const ada = await person();
      const heir = await person();
      const { id } = await newSource(ada.client, { 'numbers.csv': numbers(3) }, { name: 'Numbers' });
      await newSource(heir.client, { 'numbers.csv': numbers(5) }, { name: 'numbers' });
      const asked = await remove(ada);
      expect([asked.status, asked.body.detail]).toEqual([409, expect.stringContaining('data sources: 1')]);
      expect(await statusOf(ada.client)).toBe(200);
      for (const other of [ada.id, 999_999]) {
        expect((await root.client.delete(`/admin/users/${ada.id}?transfer_to=${other}`)).status).toBe(422);
      }
      expect((await remove(ada, heir)).status).toBe(204);
      const got = await heir.client.get<{ name: string; row_count: number }>(`/data-sources/${id}`);
      expect(got.body).toMatchObject({ name: `Numbers (${ada.username})`, row_count: 3 });
      const answer = await heir.client.post<Query>('/queries', { data_source_id: id, question: 'How many numbers?' });
      expect(answer.body.rows).toEqual([[3]]);
    });

    it('stops what is running and leaves no result behind', async () => {
      const ada = await person();
      const heir = await person();
      const { id } = await newSource(ada.client, { 'numbers.csv': numbers(1000) });
      await ada.client.post('/queries', { data_source_id: id, question: 'How many numbers?' });
      await ada.client.post('/queries?wait=0', { data_source_id: id, sql: ENDLESS_SQL });
      expect(await readdir(join(server.dataDir, 'results', String(id)))).not.toEqual([]);
      expect((await remove(ada, heir)).status).toBe(204);
      expect(await readdir(join(server.dataDir, 'results', String(id)))).toEqual([]);
    });
  });

  describe('the overview', () => {
    it('counts what is new', async () => {
      const read = async (): Promise<Overview> => (await root.client.get<Overview>('/admin/overview')).body;
      const before = await read();
      const ada = await person();
      const { id } = await newSource(ada.client, { 'numbers.csv': numbers(10) });
      await ada.client.post('/queries', { data_source_id: id, question: 'How many numbers?' });
      const after = await read();
      expect(after.users).toEqual({ ...before.users, total: before.users.total + 1, active: before.users.active + 1 });
      expect(after.users.administrators).toBe(1);
      expect(after.data_sources).toEqual({ total: before.data_sources.total + 1, rows: before.data_sources.rows + 10 });
      expect(after.queries.total).toBe(before.queries.total + 1);
      expect(after.queries.by_status['succeeded']).toBe((before.queries.by_status['succeeded'] ?? 0) + 1);
      expect(after.storage.sources_bytes).toBeGreaterThan(before.storage.sources_bytes);
      expect(after.storage.results_bytes).toBeGreaterThan(before.storage.results_bytes);
      expect(after.storage.total_bytes).toBe(after.storage.sources_bytes + after.storage.results_bytes);
      expect(after.costs).toMatchObject({ amount: 0, tokens: 0, api_calls: 0 });
      expect(after.costs.query_time_ms).toBeGreaterThan(before.costs.query_time_ms);
    });

    it('shows each of the last 30 days', async () => {
      const { growth, users } = (await root.client.get<Overview>('/admin/overview')).body;
      expect(growth).toHaveLength(30);
      const days = growth.map(({ date }) => date);
      expect(days).toEqual([...new Set(days)].sort());
      expect(Date.parse(days[29] ?? '') - Date.parse(days[0] ?? '')).toBe(29 * 86_400_000);
      expect(growth.reduce((sum, day) => sum + day.users, 0)).toBe(users.total);
    });

    it('is not for a key that is for certain data sources', async () => {
      const { id } = await newSource(root.client, { 'numbers.csv': numbers(3) }, { name: 'For one key' });
      const key = await keyOf(root, ['*'], { data_source_ids: [id] });
      const refused = await key.get<Problem>('/admin/overview');
      expect([refused.status, refused.body.detail]).toEqual([403, expect.stringContaining('for certain data sources')]);
      expect((await key.get<Problem>('/admin/users')).body.detail).toContain('users:manage');
      const asked = await root.client.post<Problem>('/api-keys', {
        name: 'k',
        scopes: ['system:read'],
        data_source_ids: [id],
      });
      expect([asked.status, asked.body.errors?.[0]?.field]).toEqual([422, 'scopes[0]']);
    });
  });
});
