/** What a query is expected to cost, said before it is run, and capped. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, numbers, SHOP } from './support/data.js';
import { removeDataDir, startServer } from './support/server.mjs';
import type { Query } from './support/shapes.js';

type Told = Query & Problem & { estimate?: { rows: number; bytes: number | null; cost: number | null; of: string } };

describe('the budget of a query over files', () => {
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: source } = await newSource(ada.client, { ...SHOP, 'numbers.csv': numbers(5000) }));
  });

  const ask = (sql: string, more: object = {}, client = ada.client) =>
    client.post<Told>('/queries', { data_source_id: source, sql, ...more });

  it('is what it reads, said by a dry run: the rows of its tables, and the bytes of the columns that it names', async () => {
    const one = (await ask('SELECT order_id FROM orders', { dry_run: true })).body;
    const all = (await ask('SELECT * FROM orders JOIN numbers ON n = order_id', { dry_run: true })).body;
    expect(one.receipt?.estimate).toMatchObject({ rows: 7, cost: null, of: 'scan' });
    expect(all.receipt?.estimate?.rows).toBe(5007);
    expect(all.receipt?.estimate?.bytes).toBeGreaterThan(one.receipt?.estimate?.bytes ?? 0);
    expect(one.receipt?.checks).toContainEqual({
      name: 'budget',
      ok: true,
      detail: expect.stringMatching(/^The files that it reads hold 7 rows, \d+ bytes\.$/),
    });
    expect([one.row_count, one.started_at]).toEqual([null, null]);
    expect((await ask('SELECT 1 AS one')).body.receipt?.estimate).toBeNull();
  });

  it('ends the query before it runs when it is over a cap, and tells the estimate', async () => {
    const { status, body } = await ask('SELECT sum(n) FROM numbers', { max_estimated_rows: 4999 });
    expect([status, body.code, body.estimate]).toEqual([
      422,
      'query_over_budget',
      { rows: 5000, bytes: expect.any(Number), cost: null, of: 'scan' },
    ]);
    expect(body.detail).toContain('5,000 rows where 4,999 rows may be');
    const { body: newest } = await ada.client.get<{ items: Query[] }>('/queries?limit=1');
    const { body: query } = await ada.client.get<Query>(`/queries/${newest.items[0]?.id}`);
    expect(query).toMatchObject({ status: 'failed', started_at: null, error: { code: 'query_over_budget' } });
    expect(query.receipt?.estimate?.rows).toBe(5000);
    const again = await ada.client.post<Told>(`/queries/${query.id}/rerun`);
    expect([again.status, again.body.code]).toEqual([422, 'query_over_budget']);
    expect((await ask('SELECT sum(n) FROM numbers', { max_estimated_rows: 5000 })).body.status).toBe('succeeded');
    expect((await ask('SELECT n FROM numbers', { max_estimated_bytes: 10 })).body.code).toBe('query_over_budget');
  });

  it('says when a cap could not be looked at', async () => {
    const { body } = await ask('SELECT sum(n) FROM numbers', { max_estimated_cost: 5 });
    expect(body.status).toBe('succeeded');
    expect(body.receipt?.checks).toContainEqual({
      name: 'budget',
      ok: false,
      detail: expect.stringContaining('It says nothing of cost, so that cap was not looked at.'),
    });
  });

  it('is no wider than the installation’s', async () => {
    const server = await startServer({ QUERY_MAX_ESTIMATED_ROWS: '100' });
    try {
      const { client } = await newAccount(server.url);
      const { id } = await newSource(client, { 'numbers.csv': numbers(200) });
      for (const more of [{}, { max_estimated_rows: 1_000_000 }]) {
        const { body } = await ask('SELECT sum(n) FROM numbers', { data_source_id: id, ...more }, client);
        expect(body.code).toBe('query_over_budget');
      }
    } finally {
      await server.stop();
      await removeDataDir(server);
    }
  });
});
