/** What people say of answers, and answers that they have found right. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Verified {
  id: number;
  data_source_id: number;
  query_id: number | null;
  question: string;
  sql: string;
  created_by: number;
}

const RIGHT = "SELECT count(*) AS paid_orders FROM orders WHERE status = 'paid'";

describe('what people think of answers', () => {
  let ada: Account;
  let source: number;
  let stored: Stored;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: source } = await newSource(ada.client, SHOP));
    stored = await Stored.open();
  });
  afterAll(() => stored.close());

  const ask = async (question: string): Promise<Query> =>
    (await ada.client.post<Query>('/queries', { data_source_id: source, question })).body;
  const verify = (body: object) => ada.client.post<Verified & Problem>('/verified-queries', body);
  const trail = async (action: string, objectId: number): Promise<Record<string, unknown>[]> =>
    stored.rows('SELECT user_id, diff FROM audit_trails WHERE action = $1 AND object_id = $2', [action, objectId]);

  it('is one opinion for each of them, the last one', async () => {
    const { id } = await ask('How many orders are there?');
    const give = (body: object) => ada.client.post<Record<string, unknown> & Problem>(`/queries/${id}/feedback`, body);
    const down = { rating: 'down', comment: 'Only paid ones count.', corrected_sql: RIGHT };
    expect((await give(down)).body).toMatchObject({ query_id: id, ...down });
    const { status, body } = await give({ rating: 'up' });
    expect([status, body['rating'], body['comment'], body['corrected_sql']]).toEqual([200, 'up', null, null]);
    const kept = await stored.rows('SELECT rating FROM query_feedback WHERE query_id = $1', [id]);
    expect(kept).toEqual([{ rating: 'up' }]);
    expect(await trail('query.rated', id)).toHaveLength(2);
    expect((await give({ rating: 'sideways' })).body.errors?.[0]?.field).toBe('rating');
  });

  it('makes a query the answer to its question, however that is written', async () => {
    const { id } = await ask('How many orders are there?');
    const { status, body } = await verify({ query_id: id, question: 'How many orders count?', sql: RIGHT });
    expect([status, body]).toEqual([
      201,
      expect.objectContaining({ data_source_id: source, query_id: id, sql: RIGHT, created_by: ada.id }),
    ]);
    expect(await trail('verified_query.created', body.id)).toHaveLength(1);
    const answer = await ask('  how many ORDERS — count  ');
    expect(answer).toMatchObject({ status: 'succeeded', origin: 'verified', sql: RIGHT, rows: [[4]], confidence: 1 });
    expect(answer.receipt?.verified_query_id).toBe(body.id);
    expect((await ask('How many orders are there?')).origin).toBe('rule_based');
    const again = await verify({ query_id: id, question: 'how many orders count', sql: 'SELECT 1 AS one' });
    expect([again.status, again.body.code]).toEqual([409, 'conflict']);
    const { body: listed } = await ada.client.get<Page<Verified>>(`/verified-queries?data_source_id=${source}`);
    expect(listed.items.map((one) => one.id)).toEqual([body.id]);
    expect((await ada.client.delete(`/verified-queries/${body.id}`)).status).toBe(204);
    expect(await trail('verified_query.deleted', body.id)).toHaveLength(1);
    expect((await ask('How many orders count?')).origin).not.toBe('verified');
  });

  it('is guarded like any SQL: when it is kept, and under the rules of whoever asks', async () => {
    const { id } = await ask('How many orders are there?');
    const refused = await verify({ query_id: id, sql: 'DELETE FROM orders' });
    expect([refused.status, refused.body.code]).toEqual([422, 'sql_not_read_only']);
    const { body } = await verify({ query_id: id, question: 'Which customers?', sql: 'SELECT name FROM customers' });
    await ada.client.put(`/data-sources/${source}/rules`, {
      rules: [{ table: 'customers', predicate: "country = 'Germany'", roles: [] }],
    });
    const answer = await ask('Which customers?');
    expect([answer.origin, answer.rows, answer.receipt?.rules_applied.length]).toEqual([
      'verified',
      [['Emmy Noether']],
      1,
    ]);
    await ada.client.put(`/data-sources/${source}/rules`, { rules: [] });
    await stored.rows('UPDATE verified_queries SET sql = $2 WHERE id = $1', [body.id, 'SELECT * FROM gone']);
    const read = await ask('Which customers?');
    expect([read.origin, read.receipt?.verified_query_id]).toEqual(['rule_based', null]);
    expect(read.receipt?.checks).toContainEqual(expect.objectContaining({ name: 'verified_query', ok: false }));
  });

  it('is asked for the question of a query that has none', async () => {
    const { body: sql } = await ada.client.post<Query>('/queries', { data_source_id: source, sql: 'SELECT 1 AS one' });
    const { status, body } = await verify({ query_id: sql.id });
    expect([status, body.errors?.[0]?.field]).toEqual([422, 'question']);
    expect((await verify({ query_id: sql.id, question: 'What is one?' })).status).toBe(201);
    expect(await ask('What is one?')).toMatchObject({ origin: 'verified', rows: [[1]] });
  });
});
