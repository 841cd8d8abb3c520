/** Suites of questions with known answers: run, scored, compared, and let through a gate or not. */
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { newSource, SHOP, TRIPS } from './support/data.js';
import type { Page, Query } from './support/shapes.js';
import { Stored } from './support/stored.js';

interface Score {
  category: string | null;
  questions: number;
  answered: number;
  correct: number;
  right_of_all: number | null;
  precision: number | null;
  coverage: number | null;
  clarifications: number;
  helpful_clarifications: number;
  withheld: number;
  invalid: number;
  p50_ms: number;
  p99_ms: number;
}

interface Run {
  id: number;
  status: string;
  scheduled: boolean;
  case_count: number;
  done_count: number;
  right_count: number;
  passed: boolean | null;
  total: Score | null;
  categories: Score[];
  error: string | null;
}

interface Result {
  case_id: number;
  question: string;
  outcome: string;
  verdict: string;
  correct: boolean | null;
  sql: string | null;
  reason: string | null;
}

interface Comparison {
  better: number;
  worse: number;
  same: number;
  cases: { case_id: number; change: string; before: string | null; after: string | null }[];
}

let ada: Account;
let shop: number;
let stored: Stored;

beforeAll(async () => {
  ada = await newAccount();
  ({ id: shop } = await newSource(ada.client, SHOP));
  stored = await Stored.open();
});
afterAll(() => stored.close());

type Made = { id: number } & Problem;

const newSuite = async (more: object = {}): Promise<number> => {
  const request = { data_source_id: shop, name: 'Board questions', ...more };
  const { status, body } = await ada.client.post<Made>('/evaluations/suites', request);
  expect([status, body.detail]).toEqual([201, undefined]);
  return body.id;
};
const newCase = async (suite: number, body: object): Promise<number> => {
  const answer = await ada.client.post<Made>('/evaluations/cases', { suite_id: suite, ...body });
  expect([answer.status, answer.body.detail]).toEqual([201, undefined]);
  return answer.body.id;
};
const run = async (suite: number, more: object = {}): Promise<Run> => {
  const { status, body } = await ada.client.post<Run>('/evaluations/runs?wait=30', { suite_id: suite, ...more });
  expect([status, body.status, body.error]).toEqual([201, 'succeeded', null]);
  return body;
};
const resultsOf = async ({ id }: Run, query = ''): Promise<Result[]> =>
  (await ada.client.get<Page<Result>>(`/evaluations/runs/${id}/results${query}`)).body.items;

const ORDERS = { question: 'How many orders are there?', expected_sql: 'SELECT count(*) FROM orders' };

describe('a run of a suite', () => {
  it('scores every question, by category, and says what came of it', async () => {
    const suite = await newSuite();
    await newCase(suite, { ...ORDERS, category: 'orders' });
    const wrong = { question: 'How many customers are there?', expected_sql: 'SELECT 17 AS n', category: 'people' };
    await newCase(suite, wrong);
    const countries = [
      ['Germany', 300],
      ['United Kingdom', 260],
      ['United States', 140],
    ];
    await newCase(suite, { question: 'total amount per country', expected_rows: countries, category: 'orders' });
    await newCase(suite, { question: 'What will the weather be tomorrow?', expected: 'abstention' });
    await newCase(suite, { question: 'How many paid orders are there?', expected: 'abstention' });
    const finished = await run(suite);
    expect(finished).toMatchObject({ case_count: 5, done_count: 5, right_count: 3, passed: null });
    expect(finished.total).toMatchObject({
      questions: 5,
      answered: 3,
      correct: 2,
      right_of_all: 0.6,
      precision: 0.5,
      coverage: 1,
      withheld: 1,
      invalid: 0,
    });
    expect(finished.categories.map(({ category, questions, correct }) => [category, questions, correct])).toEqual([
      ['orders', 2, 2],
      ['people', 1, 0],
      [null, 2, 0],
    ]);
    expect(finished.total?.p50_ms).toBeGreaterThan(0);
    expect(finished.total?.p99_ms).toBeGreaterThanOrEqual(finished.total?.p50_ms ?? 0);
    const results = await resultsOf(finished);
    expect(results.map(({ outcome, verdict }) => [outcome, verdict])).toEqual([
      ['answer', 'right'],
      ['answer', 'wrong'],
      ['answer', 'right'],
      ['unanswerable', 'right'],
      ['answer', 'wrong'],
    ]);
    expect(results[0]?.sql).toMatch(/^SELECT COUNT/i);
    expect(results[1]?.reason).toBe('Other values in 1 rows of 1 columns.');
    expect(await resultsOf(finished, '?outcome=unanswerable')).toHaveLength(1);
    const first = await ada.client.get<Page<Result>>(`/evaluations/runs/${finished.id}/results?limit=2`);
    expect([first.body.items.length, first.body.next_cursor]).toEqual([2, expect.any(String)]);
    const listed = await ada.client.get<Page<Run>>(`/evaluations/runs?suite_id=${suite}`);
    expect(listed.body.items.map(({ id }) => id)).toEqual([finished.id]);
  });

  it('leaves no query behind, and a line in the audit trail for every question', async () => {
    const suite = await newSuite();
    const asked = await newCase(suite, ORDERS);
    const before = await ada.client.get<Page<Query>>('/queries?include_total=true');
    const { id } = await run(suite);
    const after = await ada.client.get<Page<Query>>('/queries?include_total=true');
    expect(after.body.total).toBe(before.body.total);
    const trail = await stored.rows(
      `SELECT user_id, object_id FROM audit_trails
       WHERE action = 'evaluation_case.asked' AND (diff->'details'->>'run_id')::integer = $1`,
      [id],
    );
    expect(trail).toEqual([{ user_id: ada.id, object_id: asked }]);
  });

  it('counts a question back whose options lead to the right result', async () => {
    const { id: trips } = await newSource(ada.client, { 'trips.csv': TRIPS });
    const suite = await newSuite({ data_source_id: trips });
    const question = 'What is the total price?';
    await newCase(suite, { question, expected_sql: 'SELECT sum(net_price) FROM trips' });
    await newCase(suite, { question, expected_sql: 'SELECT -1 AS nothing' });
    await newCase(suite, { question, expected: 'clarification' });
    const finished = await run(suite);
    expect(finished.total).toMatchObject({ clarifications: 2, helpful_clarifications: 1, withheld: 1, answered: 0 });
    expect((await resultsOf(finished)).map(({ verdict, correct }) => [verdict, correct])).toEqual([
      ['asked_back', true],
      ['asked_back', false],
      ['right', true],
    ]);
  });

  it('asks under the access rules of whoever runs it, and sets aside what they cannot know', async () => {
    const { id: source } = await newSource(ada.client, SHOP, { name: 'Shop with rules' });
    const suite = await newSuite({ data_source_id: source });
    await newCase(suite, ORDERS);
    await newCase(suite, { question: ORDERS.question, expected_rows: [[4]] });
    await newCase(suite, { question: ORDERS.question, expected_sql: 'SELECT count(*) FROM customers' });
    await ada.client.put(`/data-sources/${source}/rules`, {
      rules: [{ table: 'orders', predicate: "status = 'paid'", roles: [] }],
    });
    expect((await ada.client.delete(`/data-sources/${source}/tables/customers`)).status).toBeLessThan(300);
    const finished = await run(suite);
    expect((await resultsOf(finished)).map(({ verdict }) => verdict)).toEqual(['right', 'right', 'unscored']);
    expect(finished.total).toMatchObject({ questions: 2, correct: 2, invalid: 1 });
  });

  it('is let through the gate of its suite, or not', async () => {
    const suite = await newSuite({ min_correct: 0.5, min_precision: 0.5 });
    await newCase(suite, ORDERS);
    await newCase(suite, { question: 'How many customers are there?', expected_sql: 'SELECT 17 AS n' });
    expect((await run(suite)).passed).toBe(true);
    await ada.client.patch(`/evaluations/suites/${suite}`, { min_precision: 0.9 });
    expect((await run(suite)).passed).toBe(false);
  });

  it('is compared with another, question by question', async () => {
    const suite = await newSuite();
    const better = await newCase(suite, { ...ORDERS, expected_sql: 'SELECT 17 AS n' });
    const worse = await newCase(suite, { question: 'How many customers are there?', expected_rows: [[4]] });
    const same = await newCase(suite, ORDERS);
    const before = await run(suite);
    await ada.client.patch(`/evaluations/cases/${better}`, { expected_sql: ORDERS.expected_sql });
    await ada.client.patch(`/evaluations/cases/${worse}`, { expected_rows: [[5]] });
    const added = await newCase(suite, { question: 'How many orders per status?', expected: 'abstention' });
    const after = await run(suite);
    const { body } = await ada.client.get<Comparison>(`/evaluations/runs/${before.id}/compare/${after.id}`);
    expect(body).toMatchObject({ better: 1, worse: 1, same: 1, added: 1, removed: 0 });
    expect(body.cases).toEqual([
      expect.objectContaining({ case_id: better, change: 'better', before: 'wrong', after: 'right' }),
      expect.objectContaining({ case_id: worse, change: 'worse', before: 'right', after: 'wrong' }),
      expect.objectContaining({ case_id: same, change: 'same' }),
      expect.objectContaining({ case_id: added, change: 'added', before: null }),
    ]);
    const other = await newSuite();
    await newCase(other, ORDERS);
    const { id } = await run(other);
    expect((await ada.client.get(`/evaluations/runs/${before.id}/compare/${id}`)).status).toBe(422);
  });

  it('can be stopped', async () => {
    const suite = await newSuite();
    await Promise.all(Array.from({ length: 40 }, () => newCase(suite, ORDERS)));
    const begun = await ada.client.post<Run>('/evaluations/runs?wait=0', { suite_id: suite });
    expect([begun.status, begun.body.case_count]).toEqual([202, 40]);
    const cancel = await ada.client.post<Run>(`/evaluations/runs/${begun.body.id}/cancel`);
    expect([cancel.status, cancel.body.status]).toEqual([200, 'cancelled']);
    await pause(300);
    const { body } = await ada.client.get<Run>(`/evaluations/runs/${begun.body.id}`);
    expect(body).toMatchObject({ status: 'cancelled', total: null });
    expect(body.done_count).toBeLessThan(40);
  });
});

describe('a suite', () => {
  it('is made of the verified queries of its source, which do not answer themselves', async () => {
    const { id: source } = await newSource(ada.client, SHOP, { name: 'Shop of verified queries' });
    const { body: query } = await ada.client.post<Query>('/queries', { data_source_id: source, sql: 'SELECT 1 AS n' });
    const known = { 'How many orders are there?': 'SELECT count(*) FROM orders', 'How is business?': 'SELECT 17 AS n' };
    for (const [question, sql] of Object.entries(known)) {
      await ada.client.post('/verified-queries', { query_id: query.id, question, sql });
    }
    const suite = await newSuite({ data_source_id: source, from_verified_queries: true });
    const { body } = await ada.client.get<Page<{ question: string }>>(`/evaluations/cases?suite_id=${suite}`);
    expect(body.items.map(({ question }) => question).sort()).toEqual(Object.keys(known).sort());
    expect(await run(suite)).toMatchObject({ right_count: 1 });
    expect(await run(suite, { use_learned: true })).toMatchObject({ right_count: 2 });
  });

  it('runs by itself at its times, in the name of whoever set them, until it is removed', async () => {
    const suite = await newSuite({ cron: '0 5 * * 1', timezone: 'Europe/Berlin' });
    const schedules = () =>
      stored.rows<{ cron: string; timezone: string; data: { actor: { userId: number } } }>(
        `SELECT cron, timezone, data FROM pgboss.schedule WHERE name = 'evaluation.begin' AND key = $1`,
        [`suite-${suite}`],
      );
    expect(await schedules()).toEqual([
      expect.objectContaining({
        cron: '0 5 * * 1',
        timezone: 'Europe/Berlin',
        data: expect.objectContaining({ actor: expect.objectContaining({ kind: 'schedule', userId: ada.id }) }),
      }),
    ]);
    await ada.client.patch(`/evaluations/suites/${suite}`, { cron: null });
    expect(await schedules()).toEqual([]);
    await ada.client.patch(`/evaluations/suites/${suite}`, { cron: '30 6 * * *' });
    expect(await schedules()).toHaveLength(1);
    await newCase(suite, ORDERS);
    // The moment has come: what the schedule adds then.
    await stored.rows(
      `INSERT INTO pgboss.job (name, data, expire_seconds, retry_limit)
       SELECT name, data, 60, 0 FROM pgboss.schedule WHERE name = 'evaluation.begin' AND key = $1`,
      [`suite-${suite}`],
    );
    const runs = async (): Promise<Run[]> =>
      (await ada.client.get<Page<Run>>(`/evaluations/runs?suite_id=${suite}`)).body.items;
    for (let look = 0; look < 100 && (await runs())[0]?.status !== 'succeeded'; look += 1) await pause(100);
    expect(await runs()).toEqual([expect.objectContaining({ status: 'succeeded', scheduled: true, right_count: 1 })]);
    expect((await ada.client.delete(`/evaluations/suites/${suite}`)).status).toBe(204);
    expect(await schedules()).toEqual([]);
    expect((await ada.client.get(`/evaluations/suites/${suite}`)).status).toBe(404);
  });

  it.each([
    [{ cron: 'every now and then' }, 'cron'],
    [{ cron: '* * * * * *' }, 'cron'],
    [{ cron: '0 5 * * 1', timezone: 'Mars/Olympus' }, 'timezone'],
    [{ min_correct: 80 }, 'min_correct'],
  ])('refuses %j', async (more, field) => {
    const request = { data_source_id: shop, name: 'Questions', ...more };
    const { status, body } = await ada.client.post<Problem>('/evaluations/suites', request);
    expect([status, body.errors?.[0]?.field]).toEqual([422, field]);
  });

  it.each([
    [{ expected_sql: 'DELETE FROM orders' }, 'sql_not_read_only'],
    [{}, 'validation_failed'],
    [{ expected_sql: 'SELECT 1 AS n', expected_rows: [[1]] }, 'validation_failed'],
    [{ expected: 'abstention', expected_sql: 'SELECT 1 AS n' }, 'validation_failed'],
    [{ expected_rows: [[1], [1, 2]] }, 'validation_failed'],
    [{ expected_rows: ['text'] }, 'validation_failed'],
  ])('takes no case with %j', async (more, code) => {
    const suite = await newSuite();
    const request = { suite_id: suite, question: 'How many?', ...more };
    const { status, body } = await ada.client.post<Problem>('/evaluations/cases', request);
    expect([status, body.code]).toEqual([422, code]);
  });

  it('cannot be run without cases', async () => {
    const { status, body } = await ada.client.post<Problem>('/evaluations/runs', { suite_id: await newSuite() });
    expect([status, body.errors?.[0]?.field]).toEqual([422, 'suite_id']);
  });
});
