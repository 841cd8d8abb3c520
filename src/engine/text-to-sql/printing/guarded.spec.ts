import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalog, Dialect } from '../../catalog/catalog.js';
import {
  createClickHouseGuard,
  createDuckDbGuard,
  createMySqlGuard,
  createPostgresGuard,
  createTrinoGuard,
  type SqlGuard,
} from '../../sql/index.js';
import { answerQuestion } from '../index.js';
import { NOW, openShop } from '../shop.fixture.js';

const QUESTIONS = [
  'How many customers are there?',
  'How many orders were placed in 2024?',
  'Which customers have no orders?',
  'customers with more than 2 orders',
  'top 2 customers by total amount',
  'Which product is the most expensive?',
  'What are the names of products above the average unit price?',
  'products in Furniture or Lighting that cost less than 50',
  'which customers bought a lamp but not a chair',
  'most common status',
  'customers who joined since May 2022',
  'discontinued products',
  'How many orders are not shipped?',
  'What percentage of orders are shipped?',
  'how many different categories are there',
  'total amount in the first quarter of 2024',
  'customers whose name starts with "A"',
  'products containing "100%_lamp"',
  `products containing "zz' OR \\'1'='1"`,
  'newest customer',
  'orders between 50 and 100',
  'how much did customers in France spend in 2024',
  'customers who did not order anything in 2024',
  'orders with at least two products',
  'total quantity sold in 2024 per category',
  'top 10 % of orders by amount',
  'revenue by month',
  'revenue by week',
  'orders per quarter',
  'orders per day in 2024',
  'revenue by year',
  'the most expensive product in each category',
  'median amount',
  'median amount by status',
  'median unit price by category',
  'average amount by country',
  'standard deviation of amount',
  'clients from Frnace',
  'orders sorted by amount in descending order',
  'orders on Mondays',
  'number of orders by day of week',
  'number of orders per fiscal year',
  'number of orders by fiscal quarter',
];

/** A question, and the one that goes on from it. */
const FOLLOW_UPS = [
  ['top 2 customers by total amount', 'sort by name'],
  ['top 2 customers by total amount', 'sort ascending'],
  ['revenue by month', 'the other way round'],
  ['number of orders by status', 'as a share'],
  ['how many orders in 2024?', 'compare with 2023'],
] as const;

const GUARDS: Record<Dialect, () => Promise<SqlGuard>> = {
  duckdb: () => createDuckDbGuard(),
  postgres: () => createPostgresGuard(),
  mysql: () => createMySqlGuard(),
  clickhouse: () => createClickHouseGuard(),
  trino: () => createTrinoGuard(),
};

describe.each(Object.keys(GUARDS) as Dialect[])('what is printed for %s', (dialect) => {
  let catalog: Catalog;
  let guard: SqlGuard;

  beforeAll(async () => {
    catalog = { ...(await openShop()).catalog, calendar: { timeZone: 'UTC', weekStart: 7, fiscalYearStart: 6 } };
    guard = await GUARDS[dialect]();
  });

  const passes = async (question: string, before: string | null): Promise<void> => {
    const asked = { catalog, dialect, now: NOW };
    const previous = before === null ? null : answerQuestion({ question: before, ...asked }).state;
    const outcome = answerQuestion({ question, previous, ...asked });
    if (outcome.kind !== 'answer') throw new Error(`not answered: ${JSON.stringify(outcome)}`);
    const tables = catalog.tables.map(({ name, columns }) => ({ name, columns: columns.map((one) => one.name) }));
    const { sql } = await guard.check(outcome.sql, { tables });
    expect(sql).toMatch(/^SELECT/);
  };

  it.each(QUESTIONS)('is a read that its guard lets through: %s', async (question) => passes(question, null));
  it.each(FOLLOW_UPS)('is one after “%s”: %s', async (before, question) => passes(question, before));
});
