/** What stands out in results, and keeping it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource } from './support/data.js';
import type { Finding, Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Insight extends Omit<Finding, 'title' | 'sentence'> {
  id: number;
  query_id: number;
  title: string | null;
  sentence: string | null;
  pinned: boolean;
  dismissed: boolean;
  outdated: boolean;
}

/** Revenue of ten regions, of which one has almost all, each with a seller. */
const REGIONS = `region,seller,revenue
North,ann@example.com,90000
South,bob@example.com,310
East,cid@example.com,290
West,dot@example.com,280
Centre,eve@example.com,250
Coast,fay@example.com,240
Hills,gus@example.com,200
Plains,hal@example.com,180
Lakes,ida@example.com,170
Woods,jon@example.com,150
`;
/** 24,000 sales that grow day by day. */
const SALES = `day,amount\n${Array.from({ length: 24_000 }, (_, n) => {
  const day = new Date(Date.UTC(2020, 0, 1 + Math.floor(n / 20))).toISOString().slice(0, 10);
  return `${day},${(100 + n / 100 + ((n * 7919) % 101) / 10).toFixed(2)}`;
}).join('\n')}\n`;
const BY_REGION = 'SELECT region, revenue FROM regions ORDER BY revenue DESC';

describe('insights', () => {
  let ada: Account;
  let bob: Account;
  let source: number;
  let stored: Stored;

  beforeAll(async () => {
    [ada, bob] = [await newAccount(), await newAccount()];
    ({ id: source } = await newSource(ada.client, { 'regions.csv': REGIONS, 'sales.csv': SALES }));
    stored = await Stored.open();
  });
  afterAll(() => stored.close());

  const ask = async (sql: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source, sql })).body;
  const findings = (id: number, { client } = ada) =>
    client.get<{ items: Finding[] } & Problem>(`/queries/${id}/insights`);
  const keep = (id: number, body: object, { client } = ada) =>
    client.post<Insight & Problem>(`/queries/${id}/insights`, body);
  const list = async (filter = ''): Promise<Insight[]> =>
    (await ada.client.get<Page<Insight>>(`/insights?${filter}`)).body.items;
  const kept = async (title?: string): Promise<Insight> =>
    (await keep((await ask(BY_REGION)).id, { finding: 'concentration-0-1', title })).body;

  it('come with the answer, and by themselves', async () => {
    const query = await ask(BY_REGION);
    expect(query.findings_complete).toBe(true);
    const concentration = query.findings.find(({ type }) => type === 'concentration');
    expect(concentration).toMatchObject({
      key: 'concentration-0-1',
      sentence: '1 of 10 values of region holds 98 % of all revenue in this result: North.',
      columns: ['region', 'revenue'],
      keys: ['North'],
      rows: [0],
      figures: { groups: 10, total: 92070, largest: 1 },
    });
    expect(concentration?.significance.adjusted).toBeLessThan(0.05);
    const [again, alone] = [await ada.client.get<Query>(`/queries/${query.id}`), await findings(query.id)];
    expect(again.body.findings).toEqual(query.findings);
    expect(alone.body.items).toEqual(query.findings);
  });

  it('are of the whole of a large result', async () => {
    const { id, row_count: rows } = await ask('SELECT day, amount FROM sales');
    expect(rows).toBe(24_000);
    const trend = (await findings(id)).body.items.find(({ type }) => type === 'trend');
    expect(trend).toMatchObject({ columns: ['day', 'amount'], figures: { period: 'month', periods: 39 } });
    // What was found is remembered, and comes with the answer from then on.
    expect((await ada.client.get<Query>(`/queries/${id}`)).body).toMatchObject({
      findings_complete: true,
      findings: [trend],
    });
  });

  it('say nothing where there is nothing to say, and refuse where there are no rows', async () => {
    expect((await ask('SELECT 1 AS one')).findings).toEqual([]);
    const failed = await ask('SELECT CAST(region AS INTEGER) FROM regions');
    expect(failed.findings).toEqual([]);
    expect((await findings(failed.id)).body.code).toBe('result_not_ready');
  });

  it('are kept once, listed, pinned, renamed, dismissed and deleted, all of it in the audit trail', async () => {
    const { id: queryId } = await ask(BY_REGION);
    const first = await keep(queryId, { finding: 'concentration-0-1', title: 'North has it all' });
    expect([first.status, first.body.title, first.body.query_id]).toEqual([201, 'North has it all', queryId]);
    expect(first.body).toMatchObject({
      type: 'concentration',
      pinned: false,
      dismissed: false,
      outdated: false,
      rows: [0],
    });
    const { id } = first.body;
    expect((await keep(queryId, { finding: 'concentration-0-1' })).body).toMatchObject({
      id,
      title: 'North has it all',
    });
    expect((await list(`query_id=${queryId}`)).map((one) => one.id)).toEqual([id]);

    const changed = await ada.client.patch<Insight>(`/insights/${id}`, { title: 'North!', pinned: true });
    expect(changed.body).toMatchObject({ title: 'North!', pinned: true, dismissed: false });
    expect((await list(`query_id=${queryId}&pinned=true&type=concentration`)).map((one) => one.id)).toEqual([id]);
    expect(await list(`query_id=${queryId}&pinned=false`)).toEqual([]);
    expect(await list(`query_id=${queryId}&type=trend`)).toEqual([]);

    await ada.client.patch(`/insights/${id}`, { dismissed: true });
    expect(await list(`query_id=${queryId}`)).toEqual([]);
    expect((await list(`query_id=${queryId}&dismissed=true`)).map((one) => one.id)).toEqual([id]);
    expect((await ada.client.get<Insight>(`/insights/${id}`)).body).toMatchObject({ title: 'North!', dismissed: true });

    expect((await ada.client.delete(`/insights/${id}`)).status).toBe(204);
    expect((await ada.client.get<Problem>(`/insights/${id}`)).body.code).toBe('not_found');
    const trail = await stored.rows(
      `SELECT action FROM audit_trails WHERE object_type = 'insight' AND object_id = $1 ORDER BY id`,
      [id],
    );
    expect(trail.map(({ action }) => action)).toEqual([
      'insight.kept',
      'insight.changed',
      'insight.changed',
      'insight.deleted',
    ]);
  });

  it('come page by page', async () => {
    const ids = [(await kept()).id, (await kept()).id, (await kept()).id];
    const page = (query: string) => ada.client.get<Page<Insight>>(`/insights?limit=2&${query}`);
    const { body } = await page('include_total=true');
    expect(body.items.map(({ id }) => id)).toEqual([ids[2], ids[1]]);
    expect(body.total).toBeGreaterThanOrEqual(3);
    expect((await page(`cursor=${body.next_cursor}`)).body.items[0]?.id).toBe(ids[0]);
  });

  it('are nobody else’s, and are refused when they are not what was found', async () => {
    const { id, query_id: queryId } = await kept();
    const refusals = [
      await bob.client.get<Problem>(`/insights/${id}`),
      await bob.client.patch<Problem>(`/insights/${id}`, { pinned: true }),
      await bob.client.delete<Problem>(`/insights/${id}`),
      await findings(queryId, bob),
      await keep(queryId, { finding: 'concentration-0-1' }, bob),
    ];
    expect(refusals.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
    expect((await keep(queryId, { finding: 'trend-0-1' })).body.errors?.[0]?.field).toBe('finding');
    expect((await ada.client.patch<Problem>(`/insights/${id}`, { title: ' ' })).body.code).toBe('validation_failed');
    expect((await ada.client.patch<Problem>(`/insights/${id}`, { content: 'mine' })).body.code).toBe(
      'validation_failed',
    );
  });

  it('are not given out when what one may see has changed since, and masked columns are left alone', async () => {
    const rules = `/data-sources/${source}/rules`;
    const { id, query_id: queryId } = await kept('North has it all');
    const mask = { table: 'regions', column: 'region', mask: 'hash', roles: [] };
    expect((await ada.client.put(rules, { rules: [mask] })).status).toBe(200);
    expect((await ada.client.get<Problem>(`/insights/${id}`)).body.code).toBe('result_outdated');
    expect((await findings(queryId)).body.code).toBe('result_outdated');
    expect((await ada.client.patch<Problem>(`/insights/${id}`, { pinned: true })).body.code).toBe('result_outdated');
    const [listed] = await list(`query_id=${queryId}`);
    expect(listed).toMatchObject({
      id,
      outdated: true,
      title: null,
      sentence: null,
      figures: null,
      keys: [],
      rows: [],
    });

    const types = async (sql: string) => (await ask(sql)).findings.map(({ type }) => type);
    expect(await types(BY_REGION)).not.toContain('concentration');
    expect(await types('SELECT region AS place, revenue FROM regions')).not.toContain('concentration');
    expect(await types('SELECT seller, revenue FROM regions')).toContain('concentration');

    await ada.client.put(rules, { rules: [] });
    expect((await ada.client.get<Insight>(`/insights/${id}`)).body.title).toBe('North has it all');
  });
});
