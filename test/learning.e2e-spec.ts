/** What people teach about a source changes the next answer, and questions go on from earlier ones. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, SHOP, TRIPS } from './support/data.js';
import type { Query } from './support/shapes.js';

let ada: Account;
let shop: number;

beforeAll(async () => {
  ada = await newAccount();
  ({ id: shop } = await newSource(ada.client, SHOP));
});

const ask = async (question: string, more: object = {}): Promise<Query> => {
  const { status, body } = await ada.client.post<Query>('/queries', { data_source_id: shop, question, ...more });
  expect({ question, status }).toEqual({ question, status: 201 });
  return body;
};
const checkOf = ({ receipt }: Query, name: string): string | undefined =>
  receipt?.checks.find((check) => check.name === name)?.detail;

describe('a question that goes on from another', () => {
  it('changes what was asked before, and says so', async () => {
    const first = await ask('total amount per country');
    const { rows: all } = first;
    expect([all.length, checkOf(first, 'follow_up')]).toEqual([3, undefined]);
    const second = await ask('only Germany', { previous_query_id: first.id });
    expect(second).toMatchObject({ status: 'succeeded', previous_query_id: first.id });
    expect(second.rows.flat()).toContain(300);
    expect(second.rows).toHaveLength(1);
    expect(checkOf(second, 'follow_up')).toContain('going on from “total amount per country”');
    const third = await ask('and by month?', { previous_query_id: second.id });
    expect([third.status, third.sql]).toEqual(['succeeded', expect.stringContaining("'month'")]);
    expect(third.sql).toContain('Germany');
    expect(checkOf(third, 'follow_up')).toContain('then “only Germany”');
    const again = await ada.client.post<Query>(`/queries/${third.id}/rerun`);
    expect(again.body).toMatchObject({ rows: third.rows, previous_query_id: second.id });
    expect((await ada.client.delete(`/queries/${second.id}`)).status).toBe(204);
    expect((await ada.client.post<Query>(`/queries/${third.id}/rerun`)).body).toMatchObject({
      rows: third.rows,
      previous_query_id: null,
    });
  });

  it('stands alone where it is whole', async () => {
    const first = await ask('total amount per country');
    const second = await ask('How many customers are there?', { previous_query_id: first.id });
    expect(second.rows).toEqual([[4]]);
    expect(checkOf(second, 'follow_up')).toContain('question of its own');
  });

  it('goes on from an answer that a person has verified, too', async () => {
    const { id } = await ask('How many orders are there?');
    await ada.client.post('/verified-queries', { query_id: id });
    const verified = await ask('How many orders are there?');
    expect(verified.origin).toBe('verified');
    const next = await ask('and by status?', { previous_query_id: verified.id });
    expect([next.status, next.row_count]).toEqual(['succeeded', 3]);
  });

  it('says nothing by itself: it cannot be verified without a whole question', async () => {
    const first = await ask('How many orders per status?');
    const next = await ask('only the paid ones', { previous_query_id: first.id });
    const refused = await ada.client.post<Problem>('/verified-queries', { query_id: next.id });
    expect([refused.status, refused.body.errors?.[0]?.field]).toEqual([422, 'question']);
  });

  it('is refused after a query of another source, of nobody, or without a question', async () => {
    const { id: other } = await newSource(ada.client, { 'trips.csv': TRIPS });
    const elsewhere = (await ask('How many trips are there?', { data_source_id: other })).id;
    const { body: sql } = await ada.client.post<Query>('/queries', { data_source_id: shop, sql: 'SELECT 1 AS one' });
    const refused = async (previous: number): Promise<unknown> => {
      const body = { data_source_id: shop, question: 'and by month?', previous_query_id: previous };
      const answer = await ada.client.post<Problem>('/queries', body);
      return [answer.status, answer.body.code];
    };
    expect(await refused(elsewhere)).toEqual([422, 'validation_failed']);
    expect(await refused(sql.id)).toEqual([422, 'validation_failed']);
    expect(await refused(2_000_000_000)).toEqual([404, 'not_found']);
  });
});

describe('what a person teaches', () => {
  it('is an answer to a question back, which is not asked again', async () => {
    const { id } = await newSource(ada.client, { 'trips.csv': TRIPS }, { name: 'Trips with prices' });
    const question = 'How many trips by price?';
    const first = await ask(question, { data_source_id: id });
    expect(first.status).toBe('needs_clarification');
    const option = first.clarification?.options[1];
    const answered = await ada.client.post<Query>(`/queries/${first.id}/answer`, { option: option?.value });
    const second = await ask(question, { data_source_id: id });
    expect([second.status, second.sql]).toEqual(['succeeded', answered.body.sql]);
    expect(JSON.stringify(second.receipt?.interpretation)).toContain('as it was answered before');
    await ada.client.delete(`/queries/${first.id}`);
    expect((await ask(question, { data_source_id: id })).status).toBe('needs_clarification');
  });

  it('is a correction, for themselves alone, until it is taken back', async () => {
    const { id } = await ask('How many orders count?');
    const sql = "SELECT count(*) AS n FROM orders WHERE status = 'paid'";
    const rate = (body: object) => ada.client.post(`/queries/${id}/feedback`, body);
    await rate({ rating: 'down', corrected_sql: sql });
    const corrected = await ask('how many orders count');
    expect(corrected).toMatchObject({ status: 'succeeded', origin: 'verified', sql, rows: [[4]], confidence: 1 });
    expect(corrected.receipt?.verified_query_id).toBeNull();
    expect(checkOf(corrected, 'correction')).toContain(`query ${id}`);
    await rate({ rating: 'up' });
    expect((await ask('how many orders count')).sql).not.toBe(sql);
  });

  it('is never more than the asker may read', async () => {
    const { id } = await newSource(ada.client, { 'rides.csv': TRIPS, 'tolls.csv': 'toll\n5\n' }, { name: 'Rides' });
    const question = 'How many rides are free?';
    const first = await ask(question, { data_source_id: id });
    const correct = (sql: string) =>
      ada.client.post<Problem>(`/queries/${first.id}/feedback`, { rating: 'down', corrected_sql: sql });
    expect((await correct('SELECT count(*) FROM tolls')).status).toBe(200);
    const refused = await correct('DROP TABLE rides');
    expect([refused.status, refused.body.code]).toEqual([422, 'sql_not_read_only']);
    expect((await ask(question, { data_source_id: id })).origin).toBe('verified');
    expect((await ada.client.delete(`/data-sources/${id}/tables/tolls`)).status).toBeLessThan(300);
    const after = await ask(question, { data_source_id: id });
    expect(after.origin).toBe('rule_based');
    expect(after.receipt?.checks).toContainEqual(expect.objectContaining({ name: 'verified_query', ok: false }));
  });

  it('is a verified query, which answers the same about other values', async () => {
    const { id } = await ask('How many customers are there?');
    const verified = await ada.client.post<{ id: number }>('/verified-queries', {
      query_id: id,
      question: 'Big spenders of Germany above 30',
      sql: "SELECT name FROM customers WHERE country = 'Germany' AND customer_id > 30",
    });
    expect(verified.status).toBe(201);
    const answer = await ask('Big spenders of Germany above 1');
    expect(answer).toMatchObject({ status: 'succeeded', origin: 'verified', confidence: 0.95 });
    expect(answer.sql).toContain('customer_id > 1');
    expect(answer.receipt?.verified_query_id).toBe(verified.body.id);
    expect(answer.receipt?.paraphrase).toContain('Big spenders of Germany above 30');
  });
});
