import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalog } from '../../catalog/catalog.js';
import { answerQuestion, type Clarification, type Knowledge, type SqlAnswer } from '../index.js';
import { NOW, openShop, type Shop } from '../shop.fixture.js';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

function answer(question: string, knowledge: Knowledge): SqlAnswer {
  const outcome = answerQuestion({ question, knowledge, catalog: shop.catalog, dialect: 'duckdb', now: NOW });
  if (outcome.kind !== 'answer') throw new Error(`expected an answer, got ${JSON.stringify(outcome)}`);
  return outcome;
}

describe('a term of the glossary with a formula', () => {
  const knowledge: Knowledge = {
    glossary: [
      { term: 'AOV', formula: 'SUM(amount) / COUNT(DISTINCT order_id)' },
      { term: 'basket spread', formula: 'MAX("order".amount) - MIN("order".amount)' },
      { term: 'nonsense', formula: 'DROP TABLE customers' },
    ],
  };

  it.each<[string, unknown[][]]>([
    ['What is the AOV?', [[153]]],
    ['AOV in 2024', [[130]]],
    [
      'AOV by country',
      [
        ['France', 181.25],
        ['Germany', 40],
      ],
    ],
    [
      'top 2 customers by AOV',
      [
        ['Ada', 650 / 3],
        ['Cleo', 75],
      ],
    ],
    ['customers with an AOV above 70', [['Ada'], ['Cleo']]],
    ['basket spread', [['260.00']]],
  ])('is worked out: %s', async (question, expected) => {
    const { sql } = answer(question, knowledge);
    const rows = await shop.run(sql);
    expect(/ORDER BY/.test(sql) ? rows : rows.toSorted()).toEqual(expected);
  });

  it('is nothing where its formula is none', () => {
    const outcome = answerQuestion({
      question: 'What is the nonsense?',
      knowledge,
      catalog: shop.catalog,
      dialect: 'duckdb',
      now: NOW,
    });
    expect(outcome.kind).toBe('unanswerable');
  });
});

describe('a verified query', () => {
  const verified = [
    {
      question: 'How good were our French customers in 2023?',
      sql: `SELECT count(*) FROM customers c JOIN "order" o ON c.id = o.customer_id WHERE c.country = 'France' AND o.order_date >= '2023-01-01' AND o.order_date < '2024-01-01'`,
    },
    {
      question: 'Big spenders of Germany above 30',
      sql: `SELECT name FROM customers WHERE country = 'Germany' AND id > 30`,
    },
    { question: 'The odd one of Spain', sql: `SELECT 'Spain', name FROM customers WHERE country = 'Spain'` },
  ];

  it('answers the same question about another value, number or period', () => {
    expect(answer('Big spenders of Spain above 1.5', { verified })).toMatchObject({
      sql: `SELECT name FROM customers WHERE country = 'Spain' AND id > 1.5`,
      verified: verified[1],
      confidence: 0.95,
    });
    expect(answer('How good were our French customers in 2024?', { verified }).sql).toContain(
      `o.order_date >= '2024-01-01' AND o.order_date < '2025-01-01'`,
    );
  });

  it('says which it was, and what took whose place', () => {
    expect(answer('Big spenders of Spain above 30', { verified }).paraphrase).toBe(
      'As verified for “Big spenders of Germany above 30”, with “spain” in the place of “germany”.',
    );
  });

  it('is left alone where a value does not stand there exactly once', () => {
    const ask = { question: 'The odd one of France', knowledge: { verified }, catalog: shop.catalog };
    expect(answerQuestion({ ...ask, dialect: 'duckdb', now: NOW }).kind).toBe('unanswerable');
  });
});

describe('an answer to an earlier question back', () => {
  it('settles the same phrase in other questions, and says so', () => {
    const city = (name: string): Catalog['tables'][number]['columns'][number] => ({
      name,
      type: 'text',
      nativeType: 'VARCHAR',
      nullable: true,
      description: null,
      synonyms: [],
      hidden: false,
      sensitivity: 'none',
      stats: { distinct: 2, nulls: 0, min: null, max: null, samples: ['Oslo', 'Rome'] },
      values: ['Oslo', 'Rome'],
    });
    const trips = { name: 'trips', description: null, synonyms: [], hidden: false, rowCount: 10, primaryKey: [] };
    const catalog: Catalog = {
      relationships: [],
      tables: [{ ...trips, columns: [city('pickup_city'), city('dropoff_city')] }],
    };
    const ask = { catalog, dialect: 'duckdb' as const, now: NOW };
    const asked = answerQuestion({ ...ask, question: 'How many trips in Oslo?' }) as Clarification;
    const choices = [asked.options[1]?.value ?? ''];
    const outcome = answerQuestion({ ...ask, question: 'list trips in Oslo', knowledge: { choices } });
    expect(outcome).toMatchObject({
      kind: 'answer',
      sql: expect.stringContaining(`dropoff_city = 'Oslo'`),
      interpretation: expect.arrayContaining([
        expect.objectContaining({ phrase: 'Oslo', meaning: expect.stringContaining('as it was answered before') }),
      ]),
    });
  });
});
