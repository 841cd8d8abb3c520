/** Lists of queries, and what is written down of each. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers, SHOP } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Metric {
  id: number;
  outcome: string;
  cache_hit: boolean;
  queue_ms: number | null;
  plan_ms: number | null;
  guard_ms: number | null;
  execution_ms: number;
  result_rows: number;
  result_bytes: number;
  cpu_ms: number | null;
  memory_mb: number | null;
}

describe('the records of queries', () => {
  let ada: Account;
  let shop: number;
  let counting: number;
  let stored: Stored;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP));
    ({ id: counting } = await newSource(ada.client, { 'numbers.csv': numbers(1000) }));
    stored = await Stored.open();
  });
  afterAll(() => stored.close());

  const run = async (sql: string, more: object = {}): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: counting, sql, ...more })).body;
  const list = async (filter: string): Promise<number[]> => {
    const { status, body } = await ada.client.get<Page<Query>>(`/queries?${filter}`);
    expect([filter, status]).toEqual([filter, 200]);
    return body.items.map(({ id }) => id);
  };

  it('tell the times and the size of every run, however it ended', async () => {
    const { id } = await run('SELECT n FROM numbers WHERE n < 10');
    const { body } = await ada.client.get<Page<Metric>>(`/queries/${id}/metrics`);
    expect(body.items).toEqual([
      expect.objectContaining({
        outcome: 'succeeded',
        cache_hit: false,
        plan_ms: null,
        result_rows: 10,
        // None of today's sources tells what its processor and memory did.
        cpu_ms: null,
        memory_mb: null,
      }),
    ]);
    const [metric] = body.items;
    expect(Math.min(metric?.queue_ms ?? -1, metric?.guard_ms ?? -1, metric?.execution_ms ?? -1)).toBeGreaterThanOrEqual(
      0,
    );
    expect(metric?.result_bytes).toBeGreaterThan(0);
    const again = await run('SELECT n FROM numbers WHERE n < 10');
    const reused = await ada.client.get<Page<Metric>>(`/queries/${again.id}/metrics`);
    expect(reused.body.items.map((one) => one.cache_hit)).toEqual([true]);
    const failed = await run(ENDLESS_SQL, { timeout_ms: 150 });
    const timedOut = await ada.client.get<Page<Metric>>(`/queries/${failed.id}/metrics`);
    expect(timedOut.body.items).toEqual([
      expect.objectContaining({ outcome: 'failed', result_rows: 0, result_bytes: 0 }),
    ]);
    expect(timedOut.body.items[0]?.execution_ms).toBeGreaterThanOrEqual(100);
  });

  it('give the history page by page, oldest first', async () => {
    const { id } = await run('SELECT 1 AS one');
    const first = await ada.client.get<Page<{ action: string }>>(`/queries/${id}/history?limit=1&include_total=true`);
    expect([first.body.items[0]?.action, first.body.total]).toEqual(['created', 2]);
    const second = await ada.client.get<Page<{ action: string }>>(
      `/queries/${id}/history?limit=1&cursor=${first.body.next_cursor}`,
    );
    expect([second.body.items[0]?.action, second.body.next_cursor]).toEqual(['executed', null]);
  });

  it('are found by state, origin, source, time and words, each alone and together', async () => {
    const word = `w${randomUUID().slice(0, 8)}`;
    const { id: good } = await run(`SELECT n AS ${word}_total FROM numbers LIMIT 1`);
    const { id: bad } = await run(`SELECT 'x'::INTEGER AS ${word} FROM numbers`);
    const { body: question } = await ada.client.post<Query>('/queries', {
      data_source_id: shop,
      question: 'How many orders are there?',
    });
    expect(await list(`text=${word}`)).toEqual([bad, good]);
    expect(await list(`text=${word.toUpperCase()}%20TOTAL`)).toEqual([good]);
    expect(await list(`text=${word}&status=failed`)).toEqual([bad]);
    expect(await list(`text=orders%20MANY&data_source_id=${shop}`)).toEqual([question.id]);
    expect(await list(`origin=rule_based`)).toEqual([question.id]);
    expect(await list(`origin=user_sql&data_source_id=${shop}`)).toEqual([]);
    await stored.rows(`UPDATE queries SET created_at = '2020-02-03T04:05:06.123456Z' WHERE id = $1`, [good]);
    expect(await list('created_before=2020-02-04T00:00:00Z')).toEqual([good]);
    expect(await list('created_before=2020-02-03T04:05:06.123Z')).toEqual([]);
    expect(await list(`text=${word}&created_after=2021-01-01T00:00:00Z`)).toEqual([bad]);
    for (const [filter, field] of [
      ['status=gone', 'status'],
      ['origin=guessed', 'origin'],
      ['created_after=yesterday', 'created_after'],
      ['text=%26%7C!', 'text'],
    ]) {
      const { status, body } = await ada.client.get<Problem>(`/queries?${filter}`);
      expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
    }
  });

  it('come page by page, none twice and none left out, also of the same microsecond', async () => {
    const bob = await newAccount();
    const { id: source } = await newSource(bob.client, { 'numbers.csv': numbers(3) });
    await stored.rows(
      `INSERT INTO queries (user_id, data_source_id, engine, status, origin, generated_sql, max_rows, timeout_ms, created_at)
       SELECT $1, $2, 'duckdb', 'failed', 'user_sql', 'SELECT 1', 1, 1000, timestamptz '2024-01-01' + (i / 5) * interval '1 microsecond'
       FROM generate_series(1, 23) AS i`,
      [bob.id, source],
    );
    const seen: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: { body: Page<Query> } = await bob.client.get(
        `/queries?limit=4&status=failed${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      seen.push(...page.body.items.map(({ id }) => id));
      cursor = page.body.next_cursor;
    }
    expect(seen).toHaveLength(23);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => b - a));
  });
});
