import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem, serverUrl, type UploadedSource } from './support/client.js';
import { CUSTOMERS, newSource, ORDERS } from './support/data.js';
import type { ApiKey, Query, Rows, Schema } from './support/shapes.js';

interface Member {
  name: string;
  data_source_id: number;
  table: string;
  missing: boolean;
}
type Source = UploadedSource & { type: string; version: number; members: Member[] | null };

const BUDGETS = `country,budget
United Kingdom,200
Germany,500
France,100
`;

describe('a source that is combined from files', () => {
  let ada: Account;
  let shop: UploadedSource;
  let crm: UploadedSource;
  let combined: Source;

  beforeAll(async () => {
    // The first account of all would be an administrator.
    await newAccount();
    ada = await newAccount();
    shop = await newSource(ada.client, { 'orders.csv': ORDERS }, { name: 'Shop' });
    crm = await newSource(ada.client, { 'customers.csv': CUSTOMERS, 'budgets.csv': BUDGETS }, { name: 'My CRM' });
    combined = await combine('Everything', [part(shop, 'orders'), part(crm, 'customers'), part(crm, 'budgets')]);
  });

  const part = (source: { id: number }, table: string, name?: string) => ({
    data_source_id: source.id,
    table,
    ...(name === undefined ? {} : { name }),
  });
  const tryCombine = (name: string, tables: object[], client = ada.client) =>
    client.post<Source & Problem>('/data-sources', { name, type: 'combined', tables });
  const combine = async (name: string, tables: object[]): Promise<Source> => {
    const { status, body } = await tryCombine(name, tables);
    expect([status, body]).toEqual([201, expect.objectContaining({ name })]);
    return body;
  };
  const runOn = async (source: { id: number }, sql: string, client = ada.client) =>
    (await client.post<Query & Problem>('/queries', { data_source_id: source.id, sql })).body;
  const run = (sql: string) => runOn(combined, sql);
  const ask = async (question: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: combined.id, question })).body;
  const setRules = async (source: { id: number }, rules: object[]): Promise<void> => {
    expect((await ada.client.put(`/data-sources/${source.id}/rules`, { rules })).status).toBe(200);
  };
  const describeSource = async (source: { id: number }): Promise<Source> =>
    (await ada.client.get<Source>(`/data-sources/${source.id}`)).body;
  const schemaOf = async (source: { id: number }): Promise<Schema> =>
    (await ada.client.get<Schema>(`/data-sources/${source.id}/schema`)).body;

  it('says where its tables come from', async () => {
    const members = [
      { name: 'orders', data_source_id: shop.id, data_source_name: 'Shop', table: 'orders', missing: false },
      { name: 'customers', data_source_id: crm.id, data_source_name: 'My CRM', table: 'customers', missing: false },
      { name: 'budgets', data_source_id: crm.id, data_source_name: 'My CRM', table: 'budgets', missing: false },
    ];
    expect(combined).toMatchObject({ type: 'combined', tables_count: 3, row_count: 14, members });
    expect(await describeSource(combined)).toMatchObject({ members });
    const { body } = await ada.client.get<{ items: Source[] }>('/data-sources');
    expect(body.items.map(({ name, members: some }) => [name, some?.length ?? null])).toEqual([
      ['Everything', 3],
      ['My CRM', null],
      ['Shop', null],
    ]);
  });

  it('relates what its tables have in common, and lets people relate more', async () => {
    const { relationships, tables } = await schemaOf(combined);
    expect(relationships).toContainEqual({
      from: { table: 'orders', column: 'customer_id' },
      to: { table: 'customers', column: 'customer_id' },
      origin: 'inferred',
      confidence: expect.any(Number),
    });
    expect(
      tables.find(({ name }) => name === 'orders')?.columns.find(({ name }) => name === 'status')?.stats.samples,
    ).toContain('paid');
    const related = { from: { table: 'customers', column: 'country' }, to: { table: 'budgets', column: 'country' } };
    const changed = await ada.client.patch<Schema>(`/data-sources/${combined.id}/schema`, { relationships: [related] });
    expect(changed.body.relationships).toContainEqual({ ...related, origin: 'user', confidence: 1 });
  });

  it('runs SQL over all of them', async () => {
    const query = await run(`
      SELECT c.country, sum(o.amount) AS sales, any_value(b.budget) AS budget
      FROM orders o JOIN customers c USING (customer_id) LEFT JOIN budgets b ON b.country = c.country
      GROUP BY ALL ORDER BY sales DESC`);
    expect(query).toMatchObject({
      status: 'succeeded',
      rows: [
        ['Germany', 300, 500],
        ['United Kingdom', 260, 200],
        ['United States', 140, null],
      ],
      receipt: { fetched: [], tables: ['orders', 'customers', 'budgets'] },
    });
  });

  it('answers questions in plain language', async () => {
    expect(await ask('Total amount by country')).toMatchObject({
      status: 'succeeded',
      rows: expect.arrayContaining([
        ['Germany', 300],
        ['United Kingdom', 260],
      ]),
    });
    expect((await ask('How many paid orders are there?')).rows).toEqual([[4]]);
  });

  it('shows rows of a table, and can be tried', async () => {
    const { body } = await ada.client.get<Rows>(`/data-sources/${combined.id}/tables/budgets/preview?limit=1`);
    expect(body).toMatchObject({ rows: [['United Kingdom', 200]], row_count: 3 });
    expect((await ada.client.post(`/data-sources/${combined.id}/test`)).body).toMatchObject({ ok: true });
    expect((await ada.client.post(`/data-sources/${combined.id}/refresh`)).body).toMatchObject({ added_tables: [] });
  });

  it('reads nothing but its tables', async () => {
    const small = await combine('Only orders', [part(shop, 'orders')]);
    expect(await runOn(small, 'SELECT * FROM customers')).toMatchObject({ status: 422, code: 'sql_table_not_allowed' });
    expect(await runOn(small, 'DELETE FROM orders')).toMatchObject({ status: 422, code: 'sql_not_read_only' });
  });

  it('gives names that are easy to write, and says when one is needed', async () => {
    const other = await newSource(ada.client, { 'orders.csv': ORDERS }, { name: 'Old Shop (2019)' });
    const { members } = await combine('Two shops', [
      part(shop, 'orders'),
      part(other, 'orders'),
      part(crm, 'customers', 'Buyers'),
    ]);
    expect(members?.map(({ name }) => name)).toEqual(['shop_orders', 'old_shop_2019_orders', 'Buyers']);
    const twice = await combine('Twice', [part(shop, 'orders', 'earlier'), part(shop, 'orders', 'later')]);
    expect(
      await runOn(twice, 'SELECT count(*) FROM earlier e JOIN later l ON e.ordered_at < l.ordered_at'),
    ).toMatchObject({ rows: [[21]] });
    const wrong: [object[], string][] = [
      [[part(shop, 'orders'), part(shop, 'orders', 'again')], 'tables[0].name'],
      [[part(shop, 'orders', 'a'), part(crm, 'customers', 'A')], 'tables[1].name'],
      [[part(shop, 'orders', 'no spaces')], 'tables[0].name'],
      [[part(shop, 'nothing')], 'tables[0].table'],
      [[part(combined, 'orders')], 'tables[0].data_source_id'],
      [[part({ id: 2_000_000_000 }, 'orders')], 'tables[0].data_source_id'],
      [[{ ...part(shop, 'orders'), owner_id: 1 }], 'tables[0].owner_id'],
      [[], 'tables'],
    ];
    for (const [tables, field] of wrong) {
      const { status, body } = await tryCombine('Wrong', tables);
      expect([tables, status, body.code, body.errors?.[0]?.field]).toEqual([tables, 422, 'validation_failed', field]);
    }
    expect((await tryCombine('everything', [part(shop, 'orders')])).body.code).toBe('conflict');
  });

  it('gives another selection of tables, and keeps what was said of those that stay', async () => {
    const source = await combine('Changing', [part(shop, 'orders'), part(crm, 'customers')]);
    await ada.client.patch(`/data-sources/${source.id}/schema`, {
      tables: [
        { name: 'orders', synonyms: ['purchases'] },
        { name: 'customers', synonyms: ['clients'] },
      ],
    });
    const { status, body } = await ada.client.put<Source>(`/data-sources/${source.id}/tables`, {
      tables: [part(shop, 'orders'), part(crm, 'budgets', 'customers')],
    });
    expect([status, body.members?.map(({ name, table }) => [name, table])]).toEqual([
      200,
      [
        ['orders', 'orders'],
        ['customers', 'budgets'],
      ],
    ]);
    const { tables } = await schemaOf(source);
    expect(tables.map(({ synonyms }) => synonyms)).toEqual([['purchases'], []]);
    expect(await runOn(source, 'SELECT sum(budget) FROM customers')).toMatchObject({ rows: [[800]] });
    const files = await ada.client.put<Problem>(`/data-sources/${shop.id}/tables`, { tables: [part(shop, 'orders')] });
    expect([files.status, files.body.code]).toEqual([409, 'conflict']);
  });

  it('is as its members are, whatever was answered before', async () => {
    const count = 'SELECT count(*) FROM orders';
    expect(await run(count)).toMatchObject({ rows: [[7]], receipt: { cache_hit: false } });
    expect(await run(count)).toMatchObject({ rows: [[7]], receipt: { cache_hit: true } });
    const { version } = await describeSource(combined);
    await ada.client.addFiles(shop.id, {
      'orders.csv': 'order_id,customer_id,ordered_at,status,amount,note\n1,1,2025-01-10,new,120,x\n',
    });
    expect(await describeSource(combined)).toMatchObject({ version: version + 1, row_count: 8 });
    expect(await run(count)).toMatchObject({ rows: [[1]], receipt: { cache_hit: false, data_version: version + 1 } });
    expect((await run('SELECT note FROM orders')).rows).toEqual([['x']]);
    expect(JSON.stringify((await schemaOf(combined)).tables)).toContain('"new"');
    expect((await schemaOf(combined)).relationships.map(({ origin }) => origin)).toContain('user');
    await ada.client.addFiles(shop.id, { 'orders.csv': ORDERS });
  });

  it('holds on to its members', async () => {
    const source = await ada.client.delete<Problem>(`/data-sources/${crm.id}`);
    expect([source.status, source.body.code, source.body.detail]).toEqual([
      409,
      'conflict',
      expect.stringContaining('“Everything”'),
    ]);
    const table = await ada.client.delete<Problem>(`/data-sources/${crm.id}/tables/budgets`);
    expect([table.status, table.body.detail]).toEqual([409, expect.stringContaining('“Everything”')]);
    const passing = await newSource(ada.client, { 'a.csv': BUDGETS, 'b.csv': BUDGETS, 'c.csv': BUDGETS });
    const holder = await combine('Holder', [part(passing, 'a'), part(passing, 'b')]);
    expect((await ada.client.delete(`/data-sources/${passing.id}/tables/c`)).status).toBe(204);
    await ada.client.put(`/data-sources/${holder.id}/tables`, { tables: [part(passing, 'a')] });
    expect((await ada.client.delete(`/data-sources/${passing.id}/tables/b`)).status).toBe(204);
    expect((await ada.client.delete(`/data-sources/${holder.id}`)).status).toBe(204);
    expect((await ada.client.delete(`/data-sources/${passing.id}`)).status).toBe(204);
  });

  describe('with access rules', () => {
    const everybody = { roles: [] };

    it('shows nothing that the rules of a member keep back, anywhere', async () => {
      const before = await run('SELECT count(*), max(name) FROM customers');
      await setRules(crm, [
        { table: 'customers', predicate: `customers.country = 'United Kingdom'`, ...everybody },
        { table: 'customers', column: 'name', mask: 'partial', ...everybody },
      ]);
      const after = await run('SELECT customer_id, name FROM customers ORDER BY 1');
      expect(after).toMatchObject({
        rows: [
          [1, 'A***'],
          [3, 'A***'],
        ],
        receipt: { rules_applied: ['Only some rows of customers can be seen.', 'name of customers is masked.'] },
      });
      expect(await run('SELECT count(*), max(name) FROM customers')).toMatchObject({
        rows: [[2, 'A***']],
        receipt: { cache_hit: false },
      });
      expect((await ada.client.get<Problem>(`/queries/${before.id}/result`)).body.code).toBe('result_outdated');
      const preview = await ada.client.get(`/data-sources/${combined.id}/tables/customers/preview`);
      const everything = JSON.stringify([
        preview.body,
        await schemaOf(combined),
        await ask('How many customers by name?'),
      ]);
      expect(everything).not.toMatch(/Lovelace|Hopper|Turing|Noether/);
      expect(await run('EXPLAIN SELECT * FROM customers')).toMatchObject({ code: 'sql_construct_not_allowed' });
    });

    it('lets its own rules hold on top of them', async () => {
      await setRules(combined, [
        { table: 'customers', predicate: `customer_id > 1`, ...everybody },
        { table: 'customers', column: 'country', mask: 'hide', ...everybody },
      ]);
      expect((await run('SELECT * FROM customers')).rows).toEqual([[3, 'A***', null]]);
      const preview = await ada.client.get<Rows>(`/data-sources/${combined.id}/tables/customers/preview`);
      expect(preview.body.rows).toEqual([[3, 'A***', null]]);
      await setRules(crm, []);
      expect((await run('SELECT count(*), count(country) FROM customers')).rows).toEqual([[3, 0]]);
      expect((await runOn(crm, 'SELECT count(*), count(country) FROM customers')).rows).toEqual([[4, 4]]);
    });

    it('keeps its members from losing what its rules speak of', async () => {
      const refused = await ada.client.addFiles<Problem>(crm.id, { 'customers.csv': 'customer_id,name\n1,x\n' });
      expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('“Everything”')]);
      const dropped = await ada.client.put<Problem>(`/data-sources/${combined.id}/tables`, {
        tables: [part(shop, 'orders')],
      });
      expect([dropped.status, dropped.body.code]).toEqual([409, 'conflict']);
      await setRules(combined, []);
    });
  });

  describe('for others', () => {
    it('is made only of what one may see oneself', async () => {
      const stranger = await newAccount();
      const foreign = await tryCombine('Mine now', [part(shop, 'orders')], stranger.client);
      const missing = await tryCombine('Mine now', [part({ id: 2_000_000_000 }, 'orders')], stranger.client);
      expect([foreign.status, foreign.body.errors]).toEqual([422, missing.body.errors]);
      const own = await newSource(stranger.client, { 'orders.csv': ORDERS });
      const { body } = await tryCombine('Own', [part(own, 'orders')], stranger.client);
      const changed = await stranger.client.put<Problem>(`/data-sources/${body.id}/tables`, {
        tables: [part(shop, 'orders')],
      });
      expect([changed.status, changed.body.code]).toEqual([422, 'validation_failed']);
      expect(await runOn(combined, 'SELECT 1', stranger.client)).toMatchObject({ status: 404 });
    });

    it('is there for an API key only when the key is for every member too', async () => {
      const keyFor = async (...ids: number[]): Promise<Client> => {
        const request = { name: 'script', scopes: ['*'], data_source_ids: ids };
        const { body } = await ada.client.post<ApiKey & { key: string }>('/api-keys', request);
        return new Client(serverUrl(), undefined, body.key);
      };
      const asked = await run('SELECT name FROM customers');
      const partly = await keyFor(combined.id, shop.id);
      for (const path of ['', '/schema', '/tables/orders/preview', '/rules']) {
        expect([path, (await partly.get(`/data-sources/${combined.id}${path}`)).status]).toEqual([path, 404]);
      }
      expect(await runOn(combined, 'SELECT count(*) FROM orders', partly)).toMatchObject({ status: 404 });
      expect((await partly.get(`/queries/${asked.id}`)).status).toBe(404);
      expect((await partly.get(`/queries/${asked.id}/history`)).status).toBe(404);
      expect((await partly.get<{ items: object[] }>('/queries')).body.items).toEqual([]);
      expect((await partly.get<{ items: Source[] }>('/data-sources')).body.items.map(({ id }) => id)).toEqual([
        shop.id,
      ]);
      expect((await partly.delete(`/data-sources/${combined.id}`)).status).toBe(404);
      const refused = await partly.delete<Problem>(`/data-sources/${shop.id}`);
      expect([refused.status, refused.body.detail]).toEqual([409, expect.not.stringContaining('Everything')]);
      expect((await tryCombine('By key', [part(shop, 'orders')], partly)).status).toBe(403);
      const wholly = await keyFor(combined.id, shop.id, crm.id);
      expect(await runOn(combined, 'SELECT count(*) FROM orders', wholly)).toMatchObject({ rows: [[7]] });
    });
  });
});
