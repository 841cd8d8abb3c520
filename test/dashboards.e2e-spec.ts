/** Dashboards: charts, layout, filters, sharing, versions, and what each person gets to see of the data. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { extractText } from 'unpdf';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Dashboard {
  id: number;
  name: string;
  description: string | null;
  permission: string;
  is_public: boolean;
  layout: { cards: { chart_id: number; x: number; y: number; width: number; height: number }[] };
  filters: { name: string }[];
  version: number;
}
interface Shown {
  type: string;
  spec: { data: { values: Record<string, unknown>[] } } | null;
  columns: { name: string }[];
  rows: unknown[][];
  row_count: number;
  restricted: boolean;
  filters: string[];
  data_as_of: string;
}
interface Card {
  chart_id: number;
  name: string;
  place: { x: number; y: number; width: number; height: number };
  shown: Shown | null;
  problem: { code: string; detail: string } | null;
}
interface Rendered {
  name: string;
  cards: Card[];
  filters: { name: string; values: string[] | null; choices: string[] | null; locked: boolean }[];
  data_as_of: string | null;
}

const SALES = `region,day,amount
North,2024-01-15,10
South,2024-01-20,20
North,2024-02-10,30
O'Hare,2024-03-31,40
`;
const PLACES = 'place,people\nHill,5\nDale,7\n';
const BY_REGION = 'SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY region';
const TOTAL = 'SELECT sum(amount) AS total FROM sales';

describe('dashboards', () => {
  let ada: Account;
  let bob: Account;
  let eve: Account;
  let north: Account;
  let northRole: string;
  let source: number;
  let stored: Stored;

  beforeAll(async () => {
    stored = await Stored.open();
    // The first account of all would be an administrator.
    await newAccount();
    [ada, bob, eve, north] = [await newAccount(), await newAccount(), await newAccount(), await newAccount()];
    northRole = `north-${randomUUID().slice(0, 8)}`;
    await stored.rows(
      `WITH role AS (INSERT INTO roles (name, permissions) SELECT $1, permissions FROM roles WHERE name = 'analyst' RETURNING id)
       UPDATE user_roles SET role_id = role.id FROM role WHERE user_id = $2`,
      [northRole, north.id],
    );
    ({ id: source } = await newSource(ada.client, { 'sales.csv': SALES, 'places.csv': PLACES }));
    await ada.client.put(`/data-sources/${source}/rules`, {
      rules: [
        { table: 'sales', predicate: "region = 'North'", roles: [northRole] },
        { table: 'places', column: 'place', mask: 'hash', roles: [northRole] },
      ],
    });
  });
  afterAll(() => stored.close());

  const ask = async (sql: string, { client } = ada): Promise<number> =>
    (await client.post<Query>('/queries', { data_source_id: source, sql })).body.id;
  const made = async (more: object = {}, { client } = ada): Promise<number> =>
    (await client.post<Dashboard>('/dashboards', { name: 'Sales', ...more })).body.id;
  const put = (id: number, query_id: number, more: object = {}, { client } = ada) =>
    client.post<Problem & { id: number; name: string }>(`/dashboards/${id}/charts`, {
      query_id,
      name: 'Chart',
      ...more,
    });
  const get = async (id: number, { client } = ada) => (await client.get<Dashboard>(`/dashboards/${id}`)).body;
  const change = (id: number, body: object, { client } = ada) =>
    client.patch<Dashboard & Problem>(`/dashboards/${id}`, body);
  const render = (id: number, query = '', { client } = ada) =>
    client.get<Rendered & Problem>(`/dashboards/${id}/render?format=json&${query}`);
  const cards = async (id: number, query = '', who = ada): Promise<Card[]> => (await render(id, query, who)).body.cards;
  const rows = async (id: number, query = '', who = ada) =>
    (await cards(id, query, who)).map(({ shown, problem }) => shown?.rows ?? problem?.code);
  const share = (id: number, body: object, { client } = ada) =>
    client.post<Problem & { id: number }>(`/dashboards/${id}/shares`, body);
  const REGION = { name: 'region', label: 'Region', table: 'sales', column: 'region', kind: 'values' };
  const filtered = async (more: object[] = []): Promise<number> => {
    const id = await made({ filters: [{ ...REGION, data_source_id: source }, ...more] });
    await put(id, await ask(BY_REGION));
    await put(id, await ask('SELECT sum(people) AS people FROM places'));
    return id;
  };

  it('are made, listed, changed and removed', async () => {
    const { status, body } = await ada.client.post<Dashboard>('/dashboards', { name: ' Board ', description: 'Ours' });
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'Board', permission: 'owner', version: 1, layout: { cards: [] }, filters: [] });
    expect((await change(body.id, { name: 'The board' })).body).toMatchObject({ name: 'The board', version: 2 });
    expect((await change(body.id, { name: 'The board' })).body.version).toBe(2);
    const list = await ada.client.get<Page<Dashboard>>('/dashboards?text=THE%20bo&include_total=true');
    expect([list.body.items.map(({ id }) => id), list.body.total]).toEqual([[body.id], 1]);
    expect((await ada.client.delete(`/dashboards/${body.id}`)).status).toBe(204);
    expect((await ada.client.get(`/dashboards/${body.id}`)).status).toBe(404);
  });

  it('are listed in one order, page by page, in whatever way one has them', async () => {
    const reader = await newAccount();
    const name = `Paged ${randomUUID().slice(0, 8)}`;
    const expected: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      expected.push(await made({ name }, reader));
      const [shared, open, hidden] = [await made({ name }), await made({ name }), await made({ name })];
      await share(shared, { user_id: reader.id, permission: 'view' });
      await change(open, { is_public: true });
      // In two ways, but once in the list.
      await share(open, { user_id: reader.id, permission: 'view' });
      expected.push(shared, open);
      expect(expected).not.toContain(hidden);
    }
    for (const limit of [1, 2, 4, 9, 50]) {
      const seen: number[] = [];
      for (let cursor = ''; ;) {
        const query = `text=${encodeURIComponent(name)}&limit=${limit}&include_total=true${cursor}`;
        const { body } = await reader.client.get<Page<Dashboard>>(`/dashboards?${query}`);
        expect(body.total).toBe(expected.length);
        seen.push(...body.items.map(({ id }) => id));
        if (body.next_cursor === null) break;
        cursor = `&cursor=${body.next_cursor}`;
      }
      expect(seen).toEqual(expected.toReversed());
    }
  });

  it('refuse a change of what somebody else has changed since', async () => {
    const id = await made();
    const { body: chart } = await put(id, await ask(TOTAL));
    expect((await get(id)).version).toBe(2);
    const stale = await change(id, { name: 'Stale', based_on: 1 });
    expect([stale.status, stale.body.code]).toEqual([409, 'conflict']);
    expect(stale.body.detail).toContain('version 2');
    const staleChart = await ada.client.patch<Problem>(`/charts/${chart.id}`, { name: 'Stale', based_on: 1 });
    expect(staleChart.status).toBe(409);
    const racing = await Promise.all(
      Array.from({ length: 5 }, (_, n) => change(id, { name: `Name ${n}`, based_on: 2 })),
    );
    expect(racing.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
  });

  it('show charts of one’s own queries, drawn as one likes', async () => {
    const id = await made();
    const { status, body: chart } = await put(id, await ask(BY_REGION), { name: 'By region', type: 'bar' });
    expect(status).toBe(201);
    const shown = await ada.client.get<Shown>(`/charts/${chart.id}/render`);
    expect(shown.body).toMatchObject({ type: 'bar', row_count: 3, restricted: false });
    expect(shown.body.spec?.data.values).toHaveLength(3);
    const svg = await ada.client.raw(`/api/v1/charts/${chart.id}/render?format=svg`);
    expect([svg.headers.get('content-type'), await svg.text()]).toEqual([
      'image/svg+xml',
      expect.stringMatching(/^<svg/),
    ]);
    const png = await ada.client.raw(`/api/v1/charts/${chart.id}/render?format=png`);
    expect(new Uint8Array(await png.arrayBuffer()).slice(1, 4)).toEqual(new Uint8Array([80, 78, 71]));
    await ada.client.patch(`/charts/${chart.id}`, { type: 'table', config: { columns: ['total'], max_rows: 2 } });
    const table = await ada.client.get<Shown>(`/charts/${chart.id}/render`);
    expect(table.body).toMatchObject({ type: 'table', spec: null, rows: [[40], [40]], row_count: 3 });
    expect((await ada.client.get<Problem>(`/charts/${chart.id}/render?format=png`)).body.code).toBe(
      'chart_not_possible',
    );
    expect((await put(id, await ask(TOTAL, ada), { type: 'sculpture' })).body.code).toBe('validation_failed');
    expect((await put(id, 2_000_000_000)).status).toBe(404);
    expect((await ada.client.delete(`/charts/${chart.id}`)).status).toBe(204);
    expect((await ada.client.get<Page<unknown>>(`/dashboards/${id}/charts`)).body.items).toEqual([]);
  });

  it('have a layout that is on the grid, and place what has none', async () => {
    const id = await made();
    const ids = [];
    for (const sql of [BY_REGION, TOTAL, TOTAL]) ids.push((await put(id, await ask(sql))).body.id);
    const [a = 0, b = 0] = ids;
    const lay = (cards: object[]) => change(id, { layout: { cards } });
    const at = (chart_id: number, x: number, y: number, width = 6, height = 4) => ({ chart_id, x, y, width, height });
    expect((await lay([at(a, 0, 0, 12), at(b, 3, 4)])).status).toBe(200);
    expect((await cards(id)).map(({ place: { x, y } }) => [x, y])).toEqual([
      [0, 0],
      [3, 4],
      [0, 8],
    ]);
    for (const [wrong, field] of [
      [[at(a, 7, 0)], 'layout.cards[0]'],
      [[at(a, 0, 0), at(b, 5, 3)], 'layout.cards[1]'],
      [[at(a, 0, 0), at(a, 0, 4)], 'layout.cards[1]'],
      [[at(2_000_000_000, 0, 0)], 'layout.cards[0]'],
      [[at(a, -1, 0)], 'layout.cards[0].x'],
      [[at(a, 0, 0, 13)], 'layout.cards[0].width'],
    ] as const) {
      const { status, body } = await lay([...wrong]);
      expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
    }
    await ada.client.delete(`/charts/${a}`);
    expect((await get(id)).layout.cards.map(({ chart_id }) => chart_id)).toEqual([b]);
  });

  it('are filtered by what readers choose, in every chart that reads the table', async () => {
    const id = await filtered();
    expect(await rows(id)).toEqual([
      [
        ['North', 40],
        ["O'Hare", 40],
        ['South', 20],
      ],
      [[12]],
    ]);
    expect(await rows(id, 'filter=region:North')).toEqual([[['North', 40]], [[12]]]);
    expect(await rows(id, 'filter=region:North&filter=region:South')).toEqual([
      [
        ['North', 40],
        ['South', 20],
      ],
      [[12]],
    ]);
    const { body } = await render(id, 'filter=region:North');
    expect(body.cards.map(({ shown }) => shown?.filters)).toEqual([['region'], []]);
    expect(body.filters).toEqual([
      expect.objectContaining({ name: 'region', values: ['North'], choices: expect.arrayContaining(['South']) }),
    ]);
    const [chart] = body.cards;
    const alone = await ada.client.get<Shown>(`/charts/${chart?.chart_id}/render?filter=region:South`);
    expect(alone.body.rows).toEqual([['South', 20]]);
  });

  it('take values as values, whatever is in them', async () => {
    const id = await filtered();
    const choose = (value: string) => rows(id, `filter=${encodeURIComponent(`region:${value}`)}`);
    expect((await choose("O'Hare"))[0]).toEqual([["O'Hare", 40]]);
    for (const value of ["' OR 1=1 --", "x'); DROP TABLE sales; --", '\\', '%', 'a:b', '${7*7}', '"; SELECT 1']) {
      expect((await choose(value))[0]).toEqual([]);
    }
  });

  it('filter by ranges of days and numbers, and by presets', async () => {
    const id = await filtered([
      { name: 'day', data_source_id: source, table: 'sales', column: 'day', kind: 'range', presets: ['2024-02-01..'] },
      { name: 'amount', data_source_id: source, table: 'sales', column: 'amount', kind: 'range' },
    ]);
    const first = async (query: string) => (await rows(id, query))[0];
    expect(await first('')).toEqual([
      ['North', 30],
      ["O'Hare", 40],
    ]);
    expect(await first('filter=day:')).toHaveLength(3);
    expect(await first('filter=day:2024-01-01..2024-01-20')).toEqual([
      ['North', 10],
      ['South', 20],
    ]);
    expect(await first('filter=day:..2024-01-19&filter=amount:..10')).toEqual([['North', 10]]);
    for (const wrong of ['day:yesterday..', 'day:2024-02-30..', 'day:2024-01-01', 'amount:1..x', 'nope:1', 'region']) {
      const { status, body } = await render(id, `filter=${wrong}`);
      expect([wrong, status, body.code]).toEqual([wrong, 422, 'validation_failed']);
    }
  });

  it('take only filters that can be', async () => {
    const define = async (more: object) => {
      const filters = [{ ...REGION, data_source_id: source, ...more }];
      return (await ada.client.post<Problem>('/dashboards', { name: 'Sales', filters })).status;
    };
    expect(await define({})).toBe(201);
    expect(await define({ column: 'nope' })).toBe(422);
    expect(await define({ table: 'nope' })).toBe(422);
    expect(await define({ kind: 'range' })).toBe(422);
    expect(await define({ column: 'amount', presets: ['x'] })).toBe(422);
    expect(await define({ name: 'No name' })).toBe(422);
    expect(await define({ data_source_id: 2_000_000_000 })).toBe(404);
    const twice = [REGION, REGION].map((one) => ({ ...one, data_source_id: source }));
    expect((await ada.client.post('/dashboards', { name: 'Sales', filters: twice })).status).toBe(422);
  });

  it('are shared with people and roles to look, to edit and to manage', async () => {
    const id = await filtered();
    const path = `/dashboards/${id}`;
    expect((await bob.client.get(path)).status).toBe(404);
    expect((await share(id, { user_id: bob.id, permission: 'view' })).status).toBe(201);
    expect((await get(id, bob)).permission).toBe('view');
    expect((await rows(id, '', bob))[0]).toHaveLength(3);
    // The dashboard, and not the source behind it.
    expect((await bob.client.get(`/data-sources/${source}`)).status).toBe(404);
    expect((await change(id, { name: 'Mine' }, bob)).status).toBe(403);
    expect((await share(id, { user_id: eve.id, permission: 'view' }, bob)).status).toBe(403);
    expect((await bob.client.get(`${path}/shares`)).status).toBe(403);
    const again = await share(id, { user_id: bob.id, permission: 'edit' });
    expect((await get(id, bob)).permission).toBe('edit');
    expect((await change(id, { name: 'Ours' }, bob)).body.name).toBe('Ours');
    expect((await change(id, { is_public: true }, bob)).status).toBe(403);
    expect((await bob.client.delete(path)).status).toBe(403);
    const [role] = await stored.rows<{ id: number }>('SELECT id FROM roles WHERE name = $1', [northRole]);
    await share(id, { role_id: role?.id, permission: 'manage' });
    expect((await get(id, north)).permission).toBe('manage');
    expect((await north.client.delete(`${path}/shares/${again.body.id}`)).status).toBe(204);
    expect((await bob.client.get(path)).status).toBe(404);
    expect((await share(id, { permission: 'view' })).status).toBe(422);
    expect((await share(id, { user_id: bob.id, role_id: role?.id, permission: 'view' })).status).toBe(422);
    expect((await share(id, { user_id: 2_000_000_000, permission: 'view' })).status).toBe(422);
    await change(id, { is_public: true });
    expect((await get(id, eve)).permission).toBe('view');
    expect((await eve.client.get<Page<Dashboard>>('/dashboards')).body.items.map((one) => one.id)).toContain(id);
  });

  it('show everybody what the rules let them see, and never what others were shown', async () => {
    const id = await filtered();
    await put(id, await ask('SELECT place, people FROM places ORDER BY people'));
    await change(id, { is_public: true });
    const seenBy = (who: Account) => cards(id, '', who);
    for (const who of [ada, north, bob, north, ada]) {
      const [sales, , places] = await seenBy(who);
      const isNorth = who === north;
      expect(sales?.shown?.rows).toHaveLength(isNorth ? 1 : 3);
      expect(sales?.shown?.restricted).toBe(isNorth);
      expect(places?.shown?.rows[0]?.[0] === 'Hill').toBe(!isNorth);
    }
    expect((await rows(id, 'filter=region:South', north))[0]).toEqual([]);
  });

  it('let nobody find out what is masked by filtering', async () => {
    const id = await made({
      filters: [{ name: 'place', data_source_id: source, table: 'places', column: 'place', kind: 'values' }],
    });
    await put(id, await ask('SELECT sum(people) AS people FROM places'));
    await change(id, { is_public: true });
    expect(await rows(id, 'filter=place:Hill')).toEqual([[[5]]]);
    expect(await rows(id, 'filter=place:Hill', north)).toEqual(['validation_failed']);
    expect(await rows(id, '', north)).toEqual([[[12]]]);
    expect((await render(id, '', north)).body.filters[0]?.choices).toBeNull();
  });

  it('say why a chart has nothing to show, and show the others', async () => {
    const id = await made();
    const gone = await ask(TOTAL);
    await put(id, gone);
    await put(id, await ask('SELECT CAST(region AS INTEGER) AS n FROM sales'));
    await put(id, await ask(TOTAL), { type: 'pie' });
    await put(id, await ask(TOTAL), { config: { columns: ['nope'] } });
    await put(id, await ask(TOTAL));
    await ada.client.delete(`/queries/${gone}`);
    const shown = await cards(id);
    expect(shown.map(({ problem }) => problem?.code)).toEqual([
      'not_found',
      'query_failed',
      'chart_not_possible',
      'chart_not_possible',
      undefined,
    ]);
    expect(shown[0]?.problem?.detail).toContain('removed');
    const page = await (await ada.client.raw(`/api/v1/dashboards/${id}/render`)).text();
    expect(page).toContain('The query behind this chart has been removed');
  });

  it('end with the access of whoever asked the query', async () => {
    const [workspace, id] = [
      (await ada.client.post<{ id: number }>('/workspaces', { name: 'W' })).body.id,
      await made({}, bob),
    ];
    await ada.client.post(`/workspaces/${workspace}/members`, { user_id: bob.id, permission: 'view' });
    const item = { item_type: 'data_source', item_id: source };
    const place = await ada.client.post<{ id: number }>(`/workspaces/${workspace}/items`, item);
    await put(id, await ask(TOTAL, bob), {}, bob);
    await share(id, { user_id: eve.id, permission: 'view' }, bob);
    expect(await rows(id, '', eve)).toEqual([[[100]]]);
    await ada.client.delete(`/workspaces/${workspace}/items/${place.body.id}`);
    expect(await rows(id, '', eve)).toEqual(['not_found']);
    expect(await rows(id, '', bob)).toEqual(['not_found']);
  });

  it('lie in workspaces, where members may do with them what they may there', async () => {
    const [id, workspace] = [
      await filtered(),
      (await ada.client.post<{ id: number }>('/workspaces', { name: 'W' })).body.id,
    ];
    await ada.client.post(`/workspaces/${workspace}/members`, { user_id: bob.id, permission: 'edit' });
    await ada.client.post(`/workspaces/${workspace}/items`, { item_type: 'dashboard', item_id: id });
    expect((await get(id, bob)).permission).toBe('edit');
    expect((await rows(id, '', bob))[0]).toHaveLength(3);
    expect((await bob.client.get<Page<Dashboard>>('/dashboards')).body.items.map((one) => one.id)).toContain(id);
    await ada.client.patch(`/workspaces/${workspace}/members/${bob.id}`, { permission: 'view' });
    expect((await get(id, bob)).permission).toBe('view');
    await ada.client.delete(`/workspaces/${workspace}/members/${bob.id}`);
    expect((await bob.client.get(`/dashboards/${id}`)).status).toBe(404);
  });

  it('are published, and can be made what they were', async () => {
    const id = await filtered();
    const published = await ada.client.post<{ version: number; charts_count: number }>(`/dashboards/${id}/publish`);
    expect([published.status, published.body.charts_count]).toEqual([201, 2]);
    const { version } = published.body;
    expect((await ada.client.post<{ version: number }>(`/dashboards/${id}/publish`)).body.version).toBe(version);
    const [first] = (await ada.client.get<Page<{ id: number }>>(`/dashboards/${id}/charts`)).body.items;
    await change(id, { name: 'Changed', filters: [] });
    await ada.client.delete(`/charts/${first?.id}`);
    await put(id, await ask(TOTAL), { name: 'New' });
    const restored = await ada.client.post<Dashboard>(`/dashboards/${id}/versions/${version}/restore`);
    expect(restored.body).toMatchObject({ name: 'Sales', filters: [{ name: 'region' }] });
    expect(restored.body.version).toBeGreaterThan(version);
    expect(await rows(id, 'filter=region:North')).toEqual(expect.arrayContaining([[['North', 40]], [[12]]]));
    expect(await cards(id)).toHaveLength(2);
    const versions = await ada.client.get<Page<{ version: number }>>(`/dashboards/${id}/versions`);
    expect(versions.body.items.map((one) => one.version)).toEqual([version]);
    expect((await ada.client.post(`/dashboards/${id}/versions/99/restore`)).status).toBe(404);
    expect((await bob.client.get(`/dashboards/${id}/versions`)).status).toBe(404);
  });

  it('are rendered as a page that runs nothing, and as pictures', async () => {
    const id = await made({ name: '<script>alert(1)</script> & "Sales"', description: "It's <b>ours</b>" });
    await put(id, await ask(BY_REGION), { name: '<img src=x onerror=alert(1)>' });
    await put(id, await ask(`SELECT '<script>alert(2)</script>' AS "<i>x</i>", 'a' AS b`), { type: 'table' });
    const page = await ada.client.raw(`/api/v1/dashboards/${id}/render`);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; img-src data:;/);
    const html = await page.text();
    expect(html).not.toMatch(/<script|<img src=x|<b>|<i>/);
    expect(html.replaceAll(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\s(style|on\w+)=/);
    expect(html).toContain('&lt;script&gt;alert(2)&lt;/script&gt;');
    expect(html.match(/<section/g)).toHaveLength(2);
    const svg = await ada.client.raw(`/api/v1/dashboards/${id}/render?format=svg`);
    expect(svg.headers.get('content-type')).toBe('image/svg+xml');
    expect(await svg.text()).not.toMatch(/<script|<b>|<i>/);
    const png = new Uint8Array(
      await (await ada.client.raw(`/api/v1/dashboards/${id}/render?format=png`)).arrayBuffer(),
    );
    expect(png.slice(1, 4)).toEqual(new Uint8Array([80, 78, 71]));
    const empty = await (await ada.client.raw(`/api/v1/dashboards/${await made()}/render`)).text();
    expect(empty).toContain('There are no charts on this dashboard yet.');
  });

  it('are rendered as a document that says which filters hold, as their picture does', async () => {
    const id = await filtered();
    const rendered = async (format: string): Promise<Uint8Array> => {
      const path = `/api/v1/dashboards/${id}/render?format=${format}&filter=region:North`;
      return new Uint8Array(await (await ada.client.raw(path)).arrayBuffer());
    };
    const { text } = await extractText(await rendered('pdf'));
    expect(text[0]).toContain('Region: North');
    expect(new TextDecoder().decode(await rendered('svg'))).toMatch(/<text[^>]*y="88"[^>]*>Region: North<\/text>/);
    const elsewhere = await bob.client.raw(`/api/v1/dashboards/${id}/render?format=pdf`);
    expect(elsewhere.status).toBe(404);
  });

  it('have charts that are listed over all dashboards that one may look at', async () => {
    const [mine, theirs] = [await made(), await made()];
    const query = await ask(TOTAL);
    const ids = [];
    for (const id of [mine, theirs, mine]) ids.push((await put(id, query, { name: `Listed ${id}` })).body.id);
    await share(theirs, { user_id: bob.id, permission: 'view' });
    const list = async ({ client }: Account, more = '') =>
      (await client.get<Page<{ id: number }>>(`/charts?query_id=${query}${more}`)).body.items.map(({ id }) => id);
    expect(await list(ada)).toEqual([ids[2], ids[1], ids[0]]);
    expect(await list(ada, `&dashboard_id=${mine}`)).toEqual([ids[2], ids[0]]);
    expect(await list(ada, `&text=listed%20${theirs}`)).toEqual([ids[1]]);
    const { body: first } = await ada.client.get<Page<{ id: number }>>(`/charts?query_id=${query}&limit=2`);
    expect(await list(ada, `&limit=2&cursor=${first.next_cursor}`)).toEqual([ids[0]]);
    expect(await list(bob)).toEqual([ids[1]]);
    expect(await list(eve)).toEqual([]);
  });

  it('say in the audit trail what was shown to whom', async () => {
    const id = await filtered();
    const { headers } = await render(id, 'filter=region:North');
    const trail = await stored.rows<{ action: string; diff: { details: Record<string, unknown> } }>(
      'SELECT action, diff FROM audit_trails WHERE request_id = $1 ORDER BY id',
      [headers.get('x-request-id')],
    );
    expect(trail.map(({ action, diff }) => [action, diff.details['dashboard_id']])).toEqual([
      ['query.rows_read', id],
      ['query.rows_read', id],
    ]);
  });
});
