/** Workspaces: their members, what lies in them, and who may have it for that. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, Client, newAccount, type Problem } from './support/client.js';
import { newSource, TRIPS } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Workspace {
  id: number;
  name: string;
  description: string | null;
  owner_id: number;
  role: string;
  version: number;
}
interface Item {
  id: number;
  item_type: string;
  item_id: number;
  title: string | null;
  available: boolean;
  position: number;
}
interface Found {
  results: { workspace_id: number; item_type: string | null; item_id: number | null; title: string }[];
}

/** Only rows of one region are for viewers of these rules. */
const SALES = 'region,amount\nNorth,10\nSouth,20\nNorth,30\n';
const TOTAL = 'SELECT sum(amount) AS total FROM sales';

describe('workspaces', () => {
  let ada: Account;
  let bob: Account;
  let eve: Account;
  let stored: Stored;

  beforeAll(async () => {
    stored = await Stored.open();
    // The first account of all would be an administrator.
    await newAccount();
    [ada, bob, eve] = [await newAccount(), await newAccount(), await newAccount()];
  });
  afterAll(() => stored.close());

  const made = async (name = 'Sales team', { client } = ada): Promise<number> =>
    (await client.post<Workspace>('/workspaces', { name })).body.id;
  const join = (id: number, { id: user_id }: Account, permission: string, { client } = ada) =>
    client.post<Problem & { role: string }>(`/workspaces/${id}/members`, { user_id, permission });
  const put = (id: number, item_type: string, item_id: number, { client } = ada, more: object = {}) =>
    client.post<Item & Problem>(`/workspaces/${id}/items`, { item_type, item_id, ...more });
  const items = async (id: number, { client } = ada): Promise<Item[]> =>
    (await client.get<Page<Item>>(`/workspaces/${id}/items`)).body.items;
  const document = async (title: string, { client } = ada): Promise<number> =>
    (await client.post<{ id: number }>('/rag/documents', { title, content: `${title} ${randomUUID()}` })).body.id;
  const ask = (data_source_id: number, sql: string, { client } = ada) =>
    client.post<Query & Problem>('/queries', { data_source_id, sql });
  /** A workspace with bob as a member, and a source of two regions in it. */
  const shared = async (permission = 'view') => {
    const [id, source] = [
      await made(),
      await newSource(ada.client, { 'sales.csv': SALES }, { name: `Sales ${randomUUID()}` }),
    ];
    await join(id, bob, permission);
    const { body } = await put(id, 'data_source', source.id);
    return { id, source: source.id, item: body.id };
  };

  it('are made, listed, changed by who may, and removed', async () => {
    const { status, body } = await ada.client.post<Workspace>('/workspaces', { name: ' Board ', description: 'Ours' });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ name: 'Board', description: 'Ours', owner_id: ada.id, role: 'owner', version: 1 }),
    ]);
    const path = `/workspaces/${body.id}`;
    await join(body.id, bob, 'edit');
    expect((await bob.client.get<Workspace>(path)).body.role).toBe('edit');
    expect((await bob.client.patch<Problem>(path, { name: 'Mine' })).status).toBe(403);
    const changed = await ada.client.patch<Workspace>(path, { name: 'The board', based_on: 1 });
    expect(changed.body).toMatchObject({ name: 'The board', description: 'Ours', version: 2 });
    const stale = await ada.client.patch<Problem>(path, { name: 'Stale', based_on: 1 });
    expect([stale.status, stale.body.code]).toEqual([409, 'conflict']);
    const list = (query = '') => bob.client.get<Page<Workspace>>(`/workspaces?include_total=true${query}`);
    expect((await list()).body.items[0]).toMatchObject({ id: body.id, name: 'The board' });
    expect((await list('&text=the%20BOARD')).body.items.map(({ id }) => id)).toEqual([body.id]);
    expect((await list('&text=%25')).body).toMatchObject({ items: [], total: 0 });
    expect((await bob.client.delete<Problem>(path)).status).toBe(403);
    expect((await ada.client.delete(path)).status).toBe(204);
    expect((await ada.client.get<Problem>(path)).status).toBe(404);
  });

  it('are not there for who is no member', async () => {
    const { id, item } = await shared();
    const answers = [
      await eve.client.get<Problem>(`/workspaces/${id}`),
      await eve.client.patch<Problem>(`/workspaces/${id}`, { name: 'Mine' }),
      await eve.client.delete<Problem>(`/workspaces/${id}`),
      await eve.client.get<Problem>(`/workspaces/${id}/members`),
      await join(id, eve, 'manage', eve),
      await eve.client.delete<Problem>(`/workspaces/${id}/members/${bob.id}`),
      await eve.client.get<Problem>(`/workspaces/${id}/items`),
      await put(id, 'document', await document('Mine', eve), eve),
      await eve.client.patch<Problem>(`/workspaces/${id}/items/${item}`, { position: 0 }),
      await eve.client.delete<Problem>(`/workspaces/${id}/items/${item}`),
    ];
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
  });

  it('have members who may look, work or manage, and leave', async () => {
    const id = await made();
    expect((await join(id, bob, 'view')).body.role).toBe('view');
    expect((await join(id, bob, 'edit')).body.code).toBe('conflict');
    expect((await join(id, ada, 'view')).body.code).toBe('conflict');
    expect((await join(id, { ...eve, id: 2_000_000_000 }, 'view')).body.errors?.[0]?.field).toBe('user_id');
    expect((await join(id, eve, 'owner')).body.code).toBe('validation_failed');
    expect((await join(id, eve, 'view', bob)).status).toBe(403);
    const change = (permission: string, { client } = ada) =>
      client.patch<Problem>(`/workspaces/${id}/members/${bob.id}`, { permission });
    expect((await change('manage', bob)).status).toBe(403);
    expect((await change('manage')).status).toBe(200);
    expect((await join(id, eve, 'view', bob)).status).toBe(201);
    const members = await eve.client.get<Page<{ user_id: number; role: string }>>(`/workspaces/${id}/members?limit=2`);
    expect(members.body.items.map(({ user_id, role }) => [user_id, role])).toEqual([
      [ada.id, 'owner'],
      [bob.id, 'manage'],
    ]);
    const rest = `/workspaces/${id}/members?cursor=${members.body.next_cursor}`;
    expect((await eve.client.get<Page<{ role: string }>>(rest)).body.items).toMatchObject([{ role: 'view' }]);
    expect((await eve.client.delete(`/workspaces/${id}/members/${eve.id}`)).status).toBe(204);
    expect((await eve.client.get(`/workspaces/${id}`)).status).toBe(404);
    expect((await ada.client.delete(`/workspaces/${id}/members/${ada.id}`)).status).toBe(404);
  });

  it('keep things in an order that members who may work there can change', async () => {
    const id = await made();
    await join(id, bob, 'view');
    const [a, b, c] = [await document('A'), await document('B'), await document('C')];
    for (const one of [a, b]) await put(id, 'document', one);
    const { body: first } = await put(id, 'document', c, ada, { position: 0 });
    const titles = async () => (await items(id)).map(({ title, position }) => `${position} ${title}`);
    expect(await titles()).toEqual(['0 C', '1 A', '2 B']);
    const move = (item: number, position: number, { client } = ada) =>
      client.patch<Item & Problem>(`/workspaces/${id}/items/${item}`, { position });
    expect((await move(first.id, 1000)).body.position).toBe(2);
    expect(await titles()).toEqual(['0 A', '1 B', '2 C']);
    await move(first.id, 1);
    expect(await titles()).toEqual(['0 A', '1 C', '2 B']);
    expect((await move(first.id, -1)).body.code).toBe('validation_failed');
    expect((await move(first.id, 0, bob)).status).toBe(403);
    expect((await ada.client.delete(`/workspaces/${id}/items/${first.id}`)).status).toBe(204);
    expect(await titles()).toEqual(['0 A', '1 B']);
    const page = (await ada.client.get<Page<Item>>(`/workspaces/${id}/items?limit=1&include_total=true`)).body;
    expect([page.items[0]?.title, page.total]).toEqual(['A', 2]);
    const next = `/workspaces/${id}/items?limit=1&cursor=${page.next_cursor}`;
    expect((await ada.client.get<Page<Item>>(next)).body).toMatchObject({ items: [{ title: 'B' }], next_cursor: null });
  });

  it('take only what is there, known, and the caller’s own to share', async () => {
    const { id, source } = await shared('edit');
    expect((await put(id, 'data_source', source)).body.code).toBe('conflict');
    expect((await put(id, 'data_source', 2_000_000_000)).status).toBe(404);
    expect((await put(id, 'data_source', (await newSource(eve.client, { 'trips.csv': TRIPS })).id)).status).toBe(404);
    expect((await put(id, 'nonsense', source)).body.code).toBe('validation_failed');
    // Bob may use the source, because Ada shares it here; he cannot pass it on.
    const own = await made('Bob’s', bob);
    const passed = await put(own, 'data_source', source, bob);
    expect([passed.status, passed.body.errors?.[0]?.field]).toEqual([422, 'item_id']);
  });

  it('let members use a data source, and change nothing of it', async () => {
    const { id, source, item } = await shared('manage');
    const path = `/data-sources/${source}`;
    const seen = await bob.client.get<{ shared: boolean; name: string }>(path);
    expect([seen.status, seen.body.shared]).toEqual([200, true]);
    const listed = await bob.client.get<Page<{ id: number }>>('/data-sources');
    expect(listed.body.items.map((one) => one.id)).toContain(source);
    expect((await bob.client.get(`${path}/schema`)).status).toBe(200);
    expect((await bob.client.get(`${path}/tables/sales/preview`)).status).toBe(200);
    expect((await ask(source, TOTAL, bob)).body.rows).toEqual([[60]]);
    const refused = [
      await bob.client.patch<Problem>(path, { name: 'Mine' }),
      await bob.client.patch<Problem>(`${path}/schema`, { tables: [{ name: 'sales', hidden: true }] }),
      await bob.client.delete<Problem>(path),
      await bob.client.get<Problem>(`${path}/rules`),
      await bob.client.put<Problem>(`${path}/rules`, { rules: [] }),
      await bob.client.addFiles<Problem>(source, { 'sales.csv': SALES }),
      await bob.client.post<Problem>('/business-glossary', { data_source_id: source, term: 't', definition: 'd' }),
      await bob.client.post<Problem>('/rag/documents', { title: 't', content: 'c', data_source_id: source }),
    ];
    expect(refused.map(({ status }) => status)).toEqual(refused.map(() => 404));
    const tables = [{ data_source_id: source, table: 'sales' }];
    const combined = { name: 'Mine', type: 'combined', tables };
    expect((await bob.client.post<Problem>('/data-sources', combined)).status).toBe(422);
    expect((await eve.client.get(path)).status).toBe(404);
    // What was had through a workspace ends with it.
    await ada.client.delete(`/workspaces/${id}/items/${item}`);
    expect((await bob.client.get(path)).status).toBe(404);
    expect((await ask(source, TOTAL, bob)).status).toBe(404);
  });

  it('leave the access rules of a source as they are, for the roles of the member', async () => {
    const { source } = await shared();
    await ada.client.put(`/data-sources/${source}/rules`, {
      rules: [{ table: 'sales', predicate: "region = 'North'", roles: [] }],
    });
    expect((await ask(source, TOTAL, bob)).body.rows).toEqual([[40]]);
  });

  it('show members a query with its rows, and let them run it as their own', async () => {
    const { id, source, item } = await shared();
    const query = (await ask(source, TOTAL)).body;
    expect((await bob.client.get(`/queries/${query.id}`)).status).toBe(404);
    expect((await put(id, 'query', query.id)).body.title).toBe(TOTAL);
    expect((await bob.client.get<Query>(`/queries/${query.id}`)).body.rows).toEqual([[60]]);
    expect((await bob.client.get(`/queries/${query.id}/result?format=csv`)).status).toBe(200);
    const again = await bob.client.post<Query>(`/queries/${query.id}/rerun`);
    expect([again.status, again.body.rows]).toEqual([201, [[60]]]);
    const mine = await bob.client.get<Page<Query>>('/queries');
    expect(mine.body.items.map((one) => one.id)).toContain(again.body.id);
    expect(mine.body.items.map((one) => one.id)).not.toContain(query.id);
    expect((await bob.client.delete(`/queries/${query.id}`)).status).toBe(404);
    expect((await bob.client.post(`/queries/${query.id}/feedback`, { rating: 'up' })).status).toBe(404);
    // The rows come from a source that is Ada's to show; to ask it anew takes the source itself.
    await ada.client.delete(`/workspaces/${id}/items/${item}`);
    expect((await bob.client.get<Query>(`/queries/${query.id}`)).body.rows).toEqual([[60]]);
    expect((await bob.client.post(`/queries/${query.id}/rerun`)).status).toBe(404);
  });

  it('show no rows of a query to a member who may see others than who ran it', async () => {
    const { id, source } = await shared();
    const role = `north-${randomUUID().slice(0, 8)}`;
    const north = await newAccount();
    await stored.rows(
      `WITH role AS (INSERT INTO roles (name, permissions) SELECT $1, permissions FROM roles WHERE name = 'analyst' RETURNING id)
       UPDATE user_roles SET role_id = role.id FROM role WHERE user_id = $2`,
      [role, north.id],
    );
    await join(id, north, 'view');
    await ada.client.put(`/data-sources/${source}/rules`, {
      rules: [{ table: 'sales', predicate: "region = 'North'", roles: [role] }],
    });
    const query = (await ask(source, TOTAL)).body;
    await put(id, 'query', query.id);
    expect((await bob.client.get<Query>(`/queries/${query.id}`)).body.rows).toEqual([[60]]);
    const refused = await north.client.get<Problem>(`/queries/${query.id}`);
    expect([refused.status, refused.body.code]).toEqual([409, 'result_outdated']);
    expect((await north.client.get<Problem>(`/queries/${query.id}/result`)).body.code).toBe('result_outdated');
    expect((await north.client.post<Query>(`/queries/${query.id}/rerun`)).body.rows).toEqual([[40]]);
  });

  it('let members read documents and find them', async () => {
    const id = await made();
    await join(id, bob, 'view');
    const note = await document('Zanzibar handbook');
    const content = `/rag/documents/${note}/content`;
    expect((await bob.client.get(content)).status).toBe(404);
    await put(id, 'document', note);
    expect((await bob.client.get(content)).status).toBe(200);
    const found = await bob.client.post<{ items: { document_id: number }[] }>('/rag/search', { query: 'zanzibar' });
    expect(found.body.items.map((one) => one.document_id)).toEqual([note]);
    expect((await bob.client.delete(`/rag/documents/${note}`)).status).toBe(404);
    expect((await eve.client.get(content)).status).toBe(404);
  });

  it('are found by their names, and what lies in them by its title, in one’s own workspaces only', async () => {
    const id = await made('Quokka watch');
    await join(id, bob, 'view');
    const note = await document('All about the quokka');
    await put(id, 'document', note);
    const search = async (text: string, { client }: Account) =>
      (await client.get<Found>(`/workspaces/search?text=${encodeURIComponent(text)}`)).body.results;
    expect(await search('QUOKKA', bob)).toEqual([
      { workspace_id: id, workspace_name: 'Quokka watch', item_type: null, item_id: null, title: 'Quokka watch' },
      expect.objectContaining({ item_type: 'document', item_id: note, title: 'All about the quokka' }),
    ]);
    expect(await search('quokka', eve)).toEqual([]);
    expect(await search('100%', bob)).toEqual([]);
    expect((await bob.client.get('/workspaces/search')).status).toBe(422);
  });

  it('say that something is gone, and no more', async () => {
    const id = await made();
    const note = await document('Short-lived');
    await put(id, 'document', note);
    await ada.client.delete(`/rag/documents/${note}`);
    expect(await items(id)).toEqual([expect.objectContaining({ item_id: note, title: null, available: false })]);
  });

  it('are nothing for an API key that is for certain data sources', async () => {
    const { id, source } = await shared();
    const { body } = await ada.client.post<{ key: string }>('/api-keys', {
      name: 'One source',
      scopes: ['*'],
      data_source_ids: [source],
    });
    const key = new Client(ada.client.url, undefined, body.key);
    expect((await key.get(`/workspaces/${id}`)).status).toBe(404);
    expect((await key.get<Page<Workspace>>('/workspaces')).body.items).toEqual([]);
    expect((await key.post('/workspaces', { name: 'Mine' })).status).toBe(403);
  });
});
