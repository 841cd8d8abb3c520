import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem, serverUrl } from './support/client.js';
import { CUSTOMERS, newSource, SHOP } from './support/data.js';
import type { ApiKey, Page, Query } from './support/shapes.js';

type NewKey = ApiKey & { key: string };

describe('API keys', () => {
  let ada: Account;
  let bob: Account;
  let shop: number;
  let other: number;

  beforeAll(async () => {
    // The first account of the server may be its administrator; neither of these is.
    await newAccount();
    ada = await newAccount();
    bob = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP, { name: 'Shop' }));
    ({ id: other } = await newSource(ada.client, { 'customers.csv': CUSTOMERS }, { name: 'Other' }));
  });

  const ask = (body: Record<string, unknown>) => ada.client.post<NewKey & Problem>('/api-keys', { name: 'k', ...body });
  const make = async (body: Record<string, unknown> = {}): Promise<NewKey & { client: Client }> => {
    const answer = await ask({ scopes: ['*'], ...body });
    if (answer.status !== 201) throw new Error(`No key was made: ${JSON.stringify(answer.body)}`);
    return { ...answer.body, client: new Client(serverUrl(), undefined, answer.body.key) };
  };
  const stored = async (id: number): Promise<ApiKey | undefined> =>
    (await ada.client.get<Page<ApiKey>>('/api-keys')).body.items.find((key) => key.id === id);
  const fieldsOf = ({ status, body }: { status: number; body: Problem }) => [status, body.errors?.[0]?.field];

  describe('when they are made', () => {
    it('are shown once, and never again', async () => {
      const { key, client: _, ...rest } = await make({ name: 'Nightly', scopes: ['queries:read'] });
      expect(key).toMatch(/^lum_[0-9a-f]{10}_[\w-]{43}$/);
      expect(rest).toMatchObject({ name: 'Nightly', prefix: key.slice(0, 14), is_active: true, last_used_at: null });
      const list = await ada.client.get<Page<ApiKey>>('/api-keys');
      expect(list.body.items.find(({ id }) => id === rest.id)).toEqual(rest);
      expect(JSON.stringify(list.body)).not.toContain(key.slice(15));
    });

    it('refuse a scope that does not exist, and one that their owner does not have', async () => {
      expect(fieldsOf(await ask({ scopes: ['queries:explode'] }))).toEqual([422, 'scopes']);
      const beyond = await ask({ scopes: ['queries:read', 'users:manage'] });
      expect(beyond.body.errors).toEqual([{ field: 'scopes[1]', message: 'is not a permission that you have' }]);
      expect(beyond.status).toBe(422);
      expect(fieldsOf(await ask({ scopes: [] }))).toEqual([422, 'scopes']);
    });

    it('cannot be given the management of keys', async () => {
      const { status, body } = await ask({ scopes: ['api_keys:manage'] });
      expect([status, body.errors]).toEqual([422, [{ field: 'scopes[0]', message: 'is not for API keys' }]]);
    });

    it.each([
      ['expires_at', { expires_at: '2020-01-01T00:00:00Z' }],
      ['expires_at', { expires_at: '2031-02-30T00:00:00Z' }],
      ['expires_at', { expires_at: '2031-01-01T00:00:00' }],
      ['expires_at', { expires_at: 4_102_444_800_000 }],
      ['allowed_ips', { allowed_ips: ['10.0.0.0/33'] }],
      ['allowed_ips', { allowed_ips: ['example.com'] }],
      ['allowed_ips', { allowed_ips: [] }],
      ['data_source_ids', { data_source_ids: [0] }],
      ['data_source_ids', { data_source_ids: [] }],
      ['name', { name: ' ' }],
    ])('refuse a bad %s: %j', async (field, body) => {
      expect(fieldsOf(await ask({ scopes: ['*'], ...body }))).toEqual([422, field]);
    });

    it.each([{ user_id: 1 }, { is_active: false }, { key_hash: 'a'.repeat(64) }, { prefix: 'lum_x' }, { key: 'mine' }])(
      'take nothing that is not for people to set: %j',
      async (body) => {
        expect(fieldsOf(await ask({ scopes: ['*'], ...body }))).toEqual([422, Object.keys(body)[0]]);
      },
    );
  });

  describe('when they are used', () => {
    it('stand for their owner', async () => {
      const { client } = await make();
      expect((await client.get<{ id: number }>('/auth/me')).body.id).toBe(ada.id);
      const answer = await client.post<Query>('/queries', { data_source_id: shop, question: 'How many orders?' });
      expect([answer.status, answer.body.rows]).toEqual([201, [[7]]]);
    });

    it('do what their scopes say and no more, and the refusal names the permission', async () => {
      const { client } = await make({ scopes: ['data_sources:read'] });
      expect((await client.get('/data-sources')).status).toBe(200);
      const { status, body } = await client.delete<Problem>(`/data-sources/${shop}`);
      expect([status, body.code]).toEqual([403, 'forbidden']);
      expect(body.detail).toBe(
        'This API key does not include the permission data_sources:write. Use a key that has it, or sign in.',
      );
    });

    it('do not manage keys, whatever their scopes', async () => {
      const { client, id } = await make();
      const made = await client.post<Problem>('/api-keys', { name: 'child', scopes: ['*'] });
      expect([made.status, made.body.detail]).toEqual([403, expect.stringContaining('api_keys:manage')]);
      expect((await client.get('/api-keys')).status).toBe(403);
      expect((await client.delete(`/api-keys/${id}`)).status).toBe(403);
    });

    it('are refused beside a bearer token, because nobody could say which one counts', async () => {
      const { key } = await make();
      const both = new Client(serverUrl(), bob.client.token, key);
      const { status, body } = await both.get<Problem>('/auth/me');
      expect([status, body.detail]).toEqual([401, 'Send either a bearer token or an API key, not both.']);
    });

    it('end at their time', async () => {
      const { client } = await make({ expires_at: new Date(Date.now() + 1000).toISOString() });
      expect((await client.get('/auth/me')).status).toBe(200);
      await sleep(1050);
      expect((await client.get('/auth/me')).status).toBe(401);
    });

    it('work from their addresses only', async () => {
      expect((await (await make({ allowed_ips: ['192.0.2.0/24', '2001:db8::1'] })).client.get('/auth/me')).status).toBe(
        401,
      );
      expect((await (await make({ allowed_ips: ['192.0.2.7', '127.0.0.0/8'] })).client.get('/auth/me')).status).toBe(
        200,
      );
    });

    it('do not believe an address that the caller claims', async () => {
      const { client } = await make({ allowed_ips: ['192.0.2.7'] });
      expect((await client.get('/auth/me', { 'x-forwarded-for': '192.0.2.7' })).status).toBe(401);
    });

    it('answer the same whatever is wrong with them', async () => {
      const { key } = await make();
      const revoked = await make();
      await ada.client.delete(`/api-keys/${revoked.id}`);
      const abroad = await make({ allowed_ips: ['192.0.2.7'] });
      const wrong = [
        `${key.slice(0, -1)}${key.endsWith('A') ? 'B' : 'A'}`,
        key.slice(0, 14),
        '',
        'x'.repeat(5000),
        `${key} `,
      ];
      const answers = await Promise.all(
        [...wrong, `${key}, ${key}`, revoked.key, abroad.key].map((text) =>
          new Client(serverUrl(), undefined, text).get<Problem>('/auth/me'),
        ),
      );
      const seen = new Set(answers.map(({ status, body }) => `${status} ${body.code} ${body.detail}`));
      // A space at the end of a header is no part of its value.
      expect(answers[4]?.status).toBe(200);
      expect(answers.filter((_, index) => index !== 4).every(({ status }) => status === 401)).toBe(true);
      expect(seen.size).toBe(2);
    });

    it('record their last use, at most once a minute', async () => {
      const { client, id } = await make();
      await client.get('/auth/me');
      const first = (await stored(id))?.last_used_at;
      expect(Date.now() - Date.parse(first ?? '')).toBeLessThan(10_000);
      await client.get('/auth/me');
      expect((await stored(id))?.last_used_at).toBe(first);
    });
  });

  describe('for certain data sources', () => {
    it('see these alone, in lists and one by one', async () => {
      const { client } = await make({ data_source_ids: [shop] });
      const { items, total } = (await client.get<Page<{ id: number }>>('/data-sources?include_total=true')).body;
      expect([items.map(({ id }) => id), total]).toEqual([[shop], 1]);
      for (const path of ['', '/schema', '/tables/customers/preview']) {
        expect((await client.get(`/data-sources/${other}${path}`)).status).toBe(404);
      }
      expect((await client.patch(`/data-sources/${other}`, { name: 'Mine' })).status).toBe(404);
      expect((await client.delete(`/data-sources/${other}`)).status).toBe(404);
    });

    it('ask these alone, and see no query of another', async () => {
      const { client } = await make({ data_source_ids: [shop] });
      const sql = 'SELECT count(*) FROM customers';
      const elsewhere = (await ada.client.post<Query>('/queries', { data_source_id: other, sql })).body.id;
      expect((await client.post('/queries', { data_source_id: other, sql })).status).toBe(404);
      for (const path of ['', '/result', '/chart', '/history']) {
        expect((await client.get(`/queries/${elsewhere}${path}`)).status).toBe(404);
      }
      expect((await client.post(`/queries/${elsewhere}/rerun`)).status).toBe(404);
      const here = (await client.post<Query>('/queries', { data_source_id: shop, sql })).body.id;
      const seen = (await client.get<Page<Query>>('/queries')).body.items;
      expect(seen.map(({ id }) => id)).toContain(here);
      expect(seen.every((query) => query.data_source_id === shop)).toBe(true);
    });

    it('do not add others', async () => {
      const { client } = await make({ data_source_ids: [shop] });
      const { status, body } = await client.upload<Problem>({ 'customers.csv': CUSTOMERS });
      expect([status, body.code]).toEqual([403, 'forbidden']);
    });

    it('are not made for what is not their owner’s, whether it exists or not', async () => {
      const own = await newSource(bob.client, { 'own.csv': CUSTOMERS });
      for (const id of [shop, 999_999]) {
        const { status, body } = await bob.client.post<Problem>('/api-keys', {
          name: 'k',
          scopes: ['*'],
          data_source_ids: [own.id, id],
        });
        expect([status, body.errors]).toEqual([
          422,
          [{ field: 'data_source_ids[1]', message: 'is not the id of a data source of yours' }],
        ]);
      }
    });
  });

  describe('when they are revoked', () => {
    it('end at once and stay in the list', async () => {
      const { client, id } = await make();
      expect((await client.get('/auth/me')).status).toBe(200);
      expect((await ada.client.delete(`/api-keys/${id}`)).status).toBe(204);
      expect((await client.get('/auth/me')).status).toBe(401);
      const first = await stored(id);
      expect(first).toMatchObject({ is_active: false, revoked_at: expect.any(String) });
      expect((await ada.client.delete(`/api-keys/${id}`)).status).toBe(204);
      expect(await stored(id)).toEqual(first);
    });

    it('are their owner’s alone to see and revoke', async () => {
      const { client, id } = await make();
      expect((await bob.client.get<Page<ApiKey>>('/api-keys')).body.items.map((key) => key.id)).not.toContain(id);
      const refused = await bob.client.delete<Problem>(`/api-keys/${id}`);
      expect([refused.status, refused.body.code]).toEqual([404, 'not_found']);
      expect((await client.get('/auth/me')).status).toBe(200);
    });
  });
});
