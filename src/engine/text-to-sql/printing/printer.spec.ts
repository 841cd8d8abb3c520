import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalog, Dialect } from '../../catalog/catalog.js';
import { answerQuestion } from '../index.js';
import { NOW, openShop } from '../shop.fixture.js';
import { dialectRules } from './dialects.js';

let catalog: Catalog;

beforeAll(async () => {
  ({ catalog } = await openShop());
});

function sql(question: string, dialect: Dialect): string {
  const outcome = answerQuestion({ question, catalog, dialect, now: NOW });
  if (outcome.kind !== 'answer') throw new Error(`not answered: ${question}`);
  return outcome.sql;
}

describe('printing', () => {
  it('quotes names that are reserved, mixed in case or hold spaces', () => {
    expect(sql('customers who joined in 2023', 'postgres')).toContain('"Joined At" >= DATE');
    expect(sql('How many orders are there?', 'postgres')).toContain('FROM "order"');
    expect(sql('How many orders are there?', 'mysql')).toContain('FROM `order`');
  });

  it('doubles quotes in names and strings', () => {
    expect(dialectRules('postgres').identifier('we"ird')).toBe('"we""ird"');
    expect(dialectRules('duckdb').text("O'Neil")).toBe("'O''Neil'");
    expect(dialectRules('mysql').text("a\\' OR 1=1")).toBe("'a\\\\'' OR 1=1'");
  });

  it('takes pattern marks of the question literally', () => {
    expect(dialectRules('duckdb').like('name', 'contains', '50%_!', false)).toBe(`name ILIKE '%50!%!_!!%' ESCAPE '!'`);
  });

  it('prints the beginning of a month in each dialect', () => {
    const functions = {
      duckdb: 'date_trunc(',
      postgres: 'date_trunc(',
      trino: 'date_trunc(',
      clickhouse: 'date_trunc(',
      mysql: 'DATE_SUB(',
    };
    for (const [dialect, expected] of Object.entries(functions)) {
      expect(sql('revenue by month', dialect as Dialect)).toContain(expected);
    }
  });

  it('gives what is computed a readable name', () => {
    expect(sql('total amount by country', 'duckdb')).toContain('AS total_amount');
    expect(sql('How many orders are there?', 'duckdb')).toContain('AS order_count');
  });

  it('prints the time between two dates in each dialect', () => {
    const printed = {
      duckdb: "date_diff('day', a, b)",
      trino: "date_diff('day', a, b)",
      clickhouse: "date_diff('day', a, b)",
      postgres: '(CAST(b AS date) - CAST(a AS date))',
      mysql: 'TIMESTAMPDIFF(DAY, a, b)',
    };
    for (const [dialect, expected] of Object.entries(printed))
      expect(dialectRules(dialect as Dialect).elapsed('day', 'a', 'b')).toBe(expected);
  });

  it('divides by nothing without failing, and never as whole numbers', () => {
    expect(sql('ratio of shipped orders to pending orders', 'postgres')).toContain(
      `1.0 * COUNT(CASE WHEN status = 'shipped' THEN 1 END) / NULLIF(COUNT(CASE WHEN status = 'pending' THEN 1 END), 0)`,
    );
  });

  it('puts nulls last where the largest come first', () => {
    expect(sql('orders sorted by amount in descending order', 'postgres')).toContain('ORDER BY amount DESC NULLS LAST');
    expect(sql('orders sorted by amount in descending order', 'mysql')).toMatch(/ORDER BY amount DESC$/);
  });
});
