/** A small shop in a real DuckDB, with names that need care, for the tests of the whole way of a question. */
import { DuckDBInstance } from '@duckdb/node-api';
import type { Catalog, CatalogColumn, CatalogTable, ColumnType, Relationship } from '../catalog/catalog.js';
import { answerQuestion, type QuestionOutcome } from './index.js';

const SETUP = [
  `CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR, country VARCHAR, city VARCHAR, "Joined At" DATE)`,
  `INSERT INTO customers VALUES
    (1, 'Ada', 'France', 'Paris', '2021-03-01'), (2, 'Bo', 'Germany', 'Berlin', '2022-05-10'),
    (3, 'Cleo', 'France', 'Lyon', '2023-01-15'), (4, 'Dan', 'Spain', 'Madrid', '2023-06-20')`,
  `CREATE TABLE "order" (order_id INTEGER PRIMARY KEY, customer_id INTEGER, order_date DATE, status VARCHAR, amount DECIMAL(10,2))`,
  `INSERT INTO "order" VALUES
    (10, 1, '2024-01-05', 'shipped', 100), (11, 1, '2024-02-10', 'pending', 250), (12, 2, '2024-02-20', 'shipped', 40),
    (13, 3, '2023-12-31', 'cancelled', 75), (14, 1, '2023-11-11', 'shipped', 300)`,
  `CREATE TABLE products (product_id INTEGER PRIMARY KEY, product_name VARCHAR, category VARCHAR, unit_price DOUBLE, discontinued BOOLEAN)`,
  `INSERT INTO products VALUES
    (1, 'Desk', 'Furniture', 200, false), (2, 'Chair', 'Furniture', 80, true), (3, 'Lamp', 'Lighting', 35, false),
    (4, 'O''Neil''s "best" 100%_lamp', 'Lighting', 60, false)`,
  `CREATE TABLE order_items (order_id INTEGER, product_id INTEGER, quantity INTEGER, PRIMARY KEY (order_id, product_id))`,
  `INSERT INTO order_items VALUES (10, 1, 1), (10, 3, 2), (11, 2, 3), (12, 3, 1), (13, 4, 1), (14, 1, 1), (14, 2, 1)`,
];

const KEYS: Record<string, string[]> = {
  customers: ['id'],
  order: ['order_id'],
  products: ['product_id'],
  order_items: ['order_id', 'product_id'],
};

const RELATIONSHIPS: Relationship[] = [
  ['order', 'customer_id', 'customers', 'id'],
  ['order_items', 'order_id', 'order', 'order_id'],
  ['order_items', 'product_id', 'products', 'product_id'],
].map(([from = '', fromColumn = '', to = '', toColumn = '']) => ({
  from: { table: from, column: fromColumn },
  to: { table: to, column: toColumn },
  origin: 'declared',
  confidence: 1,
}));

export const NOW = new Date('2024-03-15T12:00:00Z');

export interface Shop {
  catalog: Catalog;
  ask(question: string, choices?: string[]): QuestionOutcome;
  /** The rows of an answer, printed plainly; fails when the question is not answered. */
  rows(question: string, choices?: string[]): Promise<unknown[][]>;
  run(sql: string): Promise<unknown[][]>;
}

export async function openShop(): Promise<Shop> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const statement of SETUP) await connection.run(statement);
  const run = async (sql: string): Promise<unknown[][]> => (await connection.run(sql)).getRowsJson();
  const tables = await Promise.all(Object.keys(KEYS).map(async (name) => readTable(name, run)));
  const catalog: Catalog = { tables, relationships: RELATIONSHIPS };
  const ask = (question: string, choices: string[] = []): QuestionOutcome =>
    answerQuestion({ question, catalog, dialect: 'duckdb', now: NOW, choices });
  return {
    catalog,
    ask,
    run,
    async rows(question, choices) {
      const outcome = ask(question, choices);
      if (outcome.kind !== 'answer') throw new Error(`not answered: ${JSON.stringify(outcome)}`);
      return run(outcome.sql);
    },
  };
}

async function readTable(name: string, run: Shop['run']): Promise<CatalogTable> {
  const columns: CatalogColumn[] = [];
  for (const [column, nativeType] of await run(`DESCRIBE "${name}"`)) {
    columns.push(await readColumn(name, String(column), String(nativeType), run));
  }
  const [count] = await run(`SELECT count(*)::INTEGER FROM "${name}"`);
  return {
    name,
    description: null,
    synonyms: name === 'customers' ? ['clients'] : [],
    hidden: false,
    rowCount: Number(count?.[0]),
    primaryKey: KEYS[name] ?? [],
    columns,
  };
}

async function readColumn(table: string, name: string, nativeType: string, run: Shop['run']): Promise<CatalogColumn> {
  const [stats] = await run(
    `SELECT count(DISTINCT "${name}")::INTEGER, min("${name}")::VARCHAR, max("${name}")::VARCHAR FROM "${table}"`,
  );
  const values = (await run(`SELECT DISTINCT "${name}"::VARCHAR FROM "${table}" ORDER BY 1`)).map(([value]) =>
    String(value),
  );
  const type = columnType(nativeType);
  return {
    name,
    type,
    nativeType,
    nullable: true,
    description: null,
    synonyms: [],
    hidden: false,
    sensitivity: 'none',
    stats: {
      distinct: Number(stats?.[0]),
      nulls: 0,
      min: String(stats?.[1]),
      max: String(stats?.[2]),
      samples: values.slice(0, 10),
    },
    values: type === 'text' ? values : null,
  };
}

function columnType(nativeType: string): ColumnType {
  if (nativeType === 'INTEGER') return 'integer';
  if (nativeType.startsWith('DECIMAL')) return 'decimal';
  if (nativeType === 'DOUBLE') return 'float';
  if (nativeType === 'DATE') return 'date';
  return nativeType === 'BOOLEAN' ? 'boolean' : 'text';
}
