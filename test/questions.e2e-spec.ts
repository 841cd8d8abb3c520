import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, type Answer, newAccount, type Problem } from './support/client.js';
import { newSource, SHOP, TRIPS } from './support/data.js';
import type { Query } from './support/shapes.js';

const ROOT = join(import.meta.dirname, '..');

/** Every question that the documents and the demo say can be asked about the sample data. */
async function promisedQuestions(): Promise<string[]> {
  const [readme, examples, demo] = await Promise.all(
    ['README.md', 'examples/README.md', 'examples/demo.mjs'].map((path) => readFile(join(ROOT, path), 'utf8')),
  );
  const found = [
    ...(readme ?? '').matchAll(/"question": "([^"]+)"/g),
    ...(examples ?? '').matchAll(/^\d+\. (.+)$/gm),
    ...(demo ?? '').matchAll(/question: '([^']+)'/g),
  ];
  return [...new Set(found.flatMap(([, question]) => question ?? []))];
}

describe('questions', () => {
  let ada: Account;
  let shop: number;
  let trips: number;

  beforeAll(async () => {
    ada = await newAccount();
    ({ id: shop } = await newSource(ada.client, SHOP));
    ({ id: trips } = await newSource(ada.client, { 'trips.csv': TRIPS }));
  });

  const ask = async (question: string, more: object = {}): Promise<Query> => {
    const { status, body } = await ada.client.post<Query>('/queries', { data_source_id: shop, question, ...more });
    expect(status).toBe(201);
    return body;
  };

  it('answers per group', async () => {
    const { status, origin, rows } = await ask('How many orders per status?');
    expect([status, origin]).toEqual(['succeeded', 'rule_based']);
    expect(new Map(rows as [string, number][])).toEqual(
      new Map([
        ['paid', 4],
        ['shipped', 2],
        ['cancelled', 1],
      ]),
    );
  });

  it('answers every question that the documents promise of the sample data', async () => {
    const names = ['customers.csv', 'products.csv', 'orders.csv', 'order_items.csv'];
    const files = await Promise.all(
      names.map(async (name) => [name, await readFile(join(ROOT, 'examples', name), 'utf8')] as const),
    );
    const { id } = await newSource(ada.client, Object.fromEntries(files));
    const questions = await promisedQuestions();
    expect(questions).toEqual(
      expect.arrayContaining(['Top 5 products by quantity sold', 'Number of orders by status']),
    );
    for (const question of questions) {
      const { status, rows, error } = await ask(question, { data_source_id: id });
      expect({ question, status, error, isEmpty: rows.length === 0 }).toEqual({
        question,
        status: 'succeeded',
        error: null,
        isEmpty: false,
      });
    }
    expect((await ask('Top 5 products by quantity sold', { data_source_id: id })).rows).toHaveLength(5);
  });

  it('answers with the largest few', async () => {
    const { columns, rows } = await ask('top 2 orders by amount');
    const amount = columns.findIndex((column) => column.name === 'amount');
    expect(rows.map((row) => row[amount])).toEqual([250, 120]);
  });

  it('answers for one value of a column', async () => {
    expect((await ask('How many orders are cancelled?')).rows).toEqual([[1]]);
    expect((await ask('customers in Germany')).rows.flat()).toContain('Emmy Noether');
  });

  it('answers for a period, per month', async () => {
    const { rows } = await ask('total amount per month in 2025');
    expect(rows.map(([month, total]) => [String(month).slice(0, 7), total]).sort()).toEqual([
      ['2025-01', 120],
      ['2025-02', 120],
      ['2025-03', 360],
    ]);
  });

  it('answers across two files', async () => {
    const { rows } = await ask('total amount per country');
    expect(new Map(rows as [string, number][])).toEqual(
      new Map([
        ['United Kingdom', 260],
        ['United States', 140],
        ['Germany', 300],
      ]),
    );
  });

  it('says in the receipt how the answer was reached', async () => {
    const query = await ask('How many orders are cancelled?');
    const { receipt } = query;
    expect(receipt?.interpretation).toContainEqual(expect.objectContaining({ table: 'orders', column: 'status' }));
    expect(receipt?.paraphrase).toMatch(/orders/);
    expect(receipt?.tables).toEqual(['orders']);
    expect(receipt?.columns).toContainEqual({ table: 'orders', column: 'status' });
    expect(receipt?.filters).toEqual([expect.stringContaining('cancelled')]);
    expect(receipt?.executed_sql).toMatch(/^SELECT /);
    expect(receipt?.checks.filter((check) => !check.ok)).toEqual([]);
    expect(receipt?.checks.map((check) => check.name)).toEqual(expect.arrayContaining(['read_only', 'complete']));
    expect(receipt).toMatchObject({ data_version: 1, data_age_seconds: expect.any(Number), model: null });
    expect(Object.keys(receipt?.timings_ms ?? {}).sort()).toEqual(['execution', 'guard', 'queue', 'text_to_sql']);
    expect(query.confidence).toBeGreaterThan(0.5);
    expect(query).toMatchObject({ error: null, clarification: null, truncated: false, row_count: 1 });
    expect(Date.parse(query.finished_at ?? '')).toBeGreaterThanOrEqual(Date.parse(query.started_at ?? ''));
  });

  it('says what is missing when the data cannot answer', async () => {
    const { status, rows, sql, error } = await ask('What is the weather on Mars?');
    expect([status, rows, sql, error?.code]).toEqual(['unanswerable', [], null, 'unanswerable']);
    expect(error?.detail).toMatch(/“weather”.*You could ask about/);
  });

  it('only says what would run, when that is all that is wanted', async () => {
    const query = await ask('How many orders per status?', { dry_run: true });
    expect(query.dry_run).toBe(true);
    expect(query).toMatchObject({ status: 'succeeded', rows: [], row_count: null, chart: null });
    expect(query.sql).toMatch(/^SELECT /);
    const { body } = await ada.client.get<Problem>(`/queries/${query.id}/result`);
    expect(body.code).toBe('result_not_ready');
  });

  it('runs SQL that a person wrote, on the same path', async () => {
    const sql = `SELECT country, count(*) AS people FROM customers GROUP BY ALL ORDER BY 2 DESC, 1 LIMIT 2`;
    const { body } = await ada.client.post<Query>('/queries', { data_source_id: shop, sql });
    expect(body).toMatchObject({ status: 'succeeded', origin: 'user_sql', sql, question: null, confidence: null });
    expect(body.rows).toEqual([
      ['United Kingdom', 2],
      ['Germany', 1],
    ]);
    expect(body.receipt).toMatchObject({ tables: ['customers'], interpretation: [], paraphrase: null });
  });

  it('uses the words that people have added to the schema', async () => {
    const { id } = await newSource(ada.client, { 'cust.csv': SHOP['customers.csv'] }, { name: 'Synonyms' });
    await ada.client.patch(`/data-sources/${id}/schema`, { tables: [{ name: 'cust', synonyms: ['pioneers'] }] });
    const { body } = await ada.client.post<Query>('/queries', { data_source_id: id, question: 'How many pioneers?' });
    expect(body.rows).toEqual([[4]]);
  });

  describe('with two readings', () => {
    let open: number;
    const askBack = async (): Promise<Query> => {
      const query = await ask('What is the total price?', { data_source_id: trips });
      expect([query.status, query.rows]).toEqual(['needs_clarification', []]);
      open = query.id;
      return query;
    };
    const answer = <T = Query>(id: number, body: object): Promise<Answer<T>> =>
      ada.client.post<T>(`/queries/${id}/answer`, body);

    // An answer is remembered as long as its query is there.
    afterEach(() => ada.client.delete(`/queries/${open}`));

    it('asks back, and goes on with the option that is chosen', async () => {
      const { id, clarification } = await askBack();
      expect(clarification?.options).toHaveLength(2);
      const net = clarification?.options.find((option) => option.label.includes('net price'));
      const { status, body } = await answer(id, { option: net?.value });
      expect([status, body.id, body.status, body.rows]).toEqual([200, id, 'succeeded', [[160]]]);
      expect(body.clarification).toBeNull();
    });

    it('takes the label of an option as an answer in words', async () => {
      const { id, clarification } = await askBack();
      const gross = clarification?.options.find((option) => option.label.includes('gross price'));
      const { body } = await answer(id, { text: gross?.label.toUpperCase() });
      expect([body.status, body.rows]).toEqual(['succeeded', [[192]]]);
    });

    it('refuses an option that was not offered, and stays open', async () => {
      const { id, clarification } = await askBack();
      const wrong = await answer<Problem>(id, { option: 'something else' });
      expect([wrong.status, wrong.body.code, wrong.body.errors?.[0]?.field]).toEqual([
        422,
        'validation_failed',
        'option',
      ]);
      const neither = await answer<Problem>(id, {});
      expect(neither.status).toBe(422);
      const right = await answer(id, { option: clarification?.options[0]?.value });
      expect(right.body.status).toBe('succeeded');
    });

    it('refuses a second answer, and an answer to what was never asked', async () => {
      const { id, clarification } = await askBack();
      const option = clarification?.options[0]?.value;
      await answer(id, { option });
      const { id: answered } = await ask('How many orders per status?');
      for (const again of [await answer<Problem>(id, { option }), await answer<Problem>(answered, { text: 'yes' })]) {
        expect([again.status, again.body.code]).toEqual([409, 'clarification_not_open']);
      }
    });
  });
});
