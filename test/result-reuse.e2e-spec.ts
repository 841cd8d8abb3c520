import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, numbers } from './support/data.js';
import type { Query, Rows } from './support/shapes.js';

describe('a statement that has run before', () => {
  let ada: Account;
  let sourceId: number;

  beforeAll(async () => {
    // The first account of all would be an administrator.
    await newAccount();
    ada = await newAccount();
    sourceId = (await newSource(ada.client, { 'numbers.csv': numbers(500) })).id;
  });

  const run = async (sql: string, more: object = {}, headers: Record<string, string> = {}): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: sourceId, sql, ...more }, headers)).body;
  const setRules = (rules: object[]) => ada.client.put(`/data-sources/${sourceId}/rules`, { rules });

  it('gives the result that it had, and says so', async () => {
    const first = await run('SELECT sum(n) AS total FROM numbers');
    const second = await run('select SUM(n) as total from numbers -- again');
    expect([first.receipt?.cache_hit, second.receipt?.cache_hit]).toEqual([false, true]);
    expect(second).toMatchObject({ status: 'succeeded', rows: first.rows, columns: first.columns, row_count: 1 });
    const { body } = await ada.client.post<Query>('/queries', { data_source_id: sourceId, question: 'Sum of n' });
    expect(body.rows).toEqual(first.rows);
  });

  it('runs again when the caller insists', async () => {
    await run('SELECT max(n) FROM numbers');
    const insisted = await run('SELECT max(n) FROM numbers', {}, { 'cache-control': 'no-cache' });
    expect(insisted).toMatchObject({ status: 'succeeded', receipt: { cache_hit: false } });
  });

  it.each([
    ['asks for chance', 'SELECT random() FROM numbers LIMIT 1'],
    ['asks for the time', 'SELECT now() FROM numbers LIMIT 1'],
    ['asks for the day without brackets', 'SELECT current_date FROM numbers LIMIT 1'],
    ['takes a sample', 'SELECT count(*) FROM numbers USING SAMPLE 50%'],
    ['takes a sample of a table', 'SELECT count(*) FROM numbers TABLESAMPLE 50%'],
  ])('runs again when it %s', async (_what, sql) => {
    await run(sql);
    expect((await run(sql)).receipt?.cache_hit).toBe(false);
  });

  it('runs again when more rows are wanted', async () => {
    expect(await run('SELECT n FROM numbers', { max_rows: 10 })).toMatchObject({ row_count: 10, truncated: true });
    expect(await run('SELECT n FROM numbers')).toMatchObject({ row_count: 500, receipt: { cache_hit: false } });
    expect(await run('SELECT n FROM numbers', { max_rows: 10 })).toMatchObject({
      row_count: 10,
      truncated: true,
      receipt: { cache_hit: true },
    });
  });

  it('keeps its result when the earlier one is removed', async () => {
    const first = await run('SELECT min(n) FROM numbers');
    const second = await run('SELECT min(n) FROM numbers');
    expect(second.receipt?.cache_hit).toBe(true);
    await ada.client.delete(`/queries/${first.id}`);
    expect((await ada.client.get<Rows>(`/queries/${second.id}/result`)).body.rows).toEqual([[0]]);
    const third = await run('SELECT min(n) FROM numbers');
    expect(third).toMatchObject({ rows: [[0]], receipt: { cache_hit: true } });
  });

  it('never gives what rules have hidden since, neither anew nor from before', async () => {
    const open = await run('SELECT count(*) FROM numbers WHERE n < 100');
    expect(open.rows).toEqual([[100]]);
    await setRules([{ table: 'numbers', predicate: 'n >= 50', roles: [] }]);
    const restricted = await run('SELECT count(*) FROM numbers WHERE n < 100');
    expect(restricted).toMatchObject({ rows: [[50]], receipt: { cache_hit: false } });
    for (const path of ['', '/result', '/result?format=csv', '/result?format=parquet', '/chart']) {
      const { status, body } = await ada.client.get<Problem>(`/queries/${open.id}${path}`);
      expect([path, status, body.code]).toEqual([path, 409, 'result_outdated']);
    }
    expect((await ada.client.get<Rows>(`/queries/${restricted.id}/result`)).body.rows).toEqual([[50]]);
    await setRules([]);
    expect((await ada.client.get<Rows>(`/queries/${restricted.id}/result`)).status).toBe(409);
    expect((await ada.client.get<Rows>(`/queries/${open.id}/result`)).body.rows).toEqual([[100]]);
  });
});
