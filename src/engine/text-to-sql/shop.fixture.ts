/** A small shop in a real DuckDB, with names that need care, for the tests of the whole way of a question. */
import { DuckDBInstance } from '@duckdb/node-api';
import type { Calendar } from '../catalog/calendar.js';
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

const RELATIONSHIPS: Fixture['relationships'] = [
  ['order', 'customer_id', 'customers', 'id'],
  ['order_items', 'order_id', 'order', 'order_id'],
  ['order_items', 'product_id', 'products', 'product_id'],
];

const relationsOf = (relationships: Fixture['relationships']): Relationship[] =>
  relationships.map(([from, fromColumn, to, toColumn]) => ({
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

/** A database of its own, what its tables are called with their keys, and which columns point to which. */
interface Fixture {
  setup: readonly string[];
  keys: Readonly<Record<string, string[]>>;
  relationships: readonly (readonly [string, string, string, string])[];
  now: Date;
  calendar?: Calendar;
}

export async function openShop(): Promise<Shop> {
  return openFixture({ setup: SETUP, keys: KEYS, relationships: RELATIONSHIPS, now: NOW });
}

/** The bicycle shop of `examples/`, as it is after an upload. */
export async function openBicycleShop(calendar?: Calendar): Promise<Shop> {
  const names = ['customers', 'products', 'orders', 'order_items'];
  return openFixture({
    setup: names.map((name) => `CREATE TABLE ${name} AS FROM read_csv('examples/${name}.csv')`),
    keys: Object.fromEntries(names.map((name) => [name, ['id']])),
    relationships: [
      ['orders', 'customer_id', 'customers', 'id'],
      ['order_items', 'order_id', 'orders', 'id'],
      ['order_items', 'product_id', 'products', 'id'],
    ],
    now: new Date('2026-11-15T12:00:00Z'),
    ...(calendar && { calendar }),
  });
}

/** A firm whose tables and columns are named in German. */
export async function openGermanFirm(): Promise<Shop> {
  return openFixture({
    setup: [
      `CREATE TABLE kunden (kunden_nr INTEGER, name VARCHAR, ort VARCHAR, land VARCHAR)`,
      `INSERT INTO kunden VALUES (1, 'Müller GmbH', 'München', 'Deutschland'), (2, 'Schulz KG', 'Köln', 'Deutschland'),
        (3, 'Dupont', 'Paris', 'Frankreich'), (4, 'Huber', 'Wien', 'Österreich')`,
      `CREATE TABLE artikel (artikel_nr INTEGER, bezeichnung VARCHAR, warengruppe VARCHAR, einzelpreis DOUBLE)`,
      `INSERT INTO artikel VALUES (1, 'Hammer', 'Werkzeug', 20), (2, 'Säge', 'Werkzeug', 35.5), (3, 'Lampe', 'Licht', 60)`,
      `CREATE TABLE bestellungen (bestell_nr INTEGER, kunden_nr INTEGER, bestelldatum DATE, status VARCHAR, betrag DOUBLE)`,
      `INSERT INTO bestellungen VALUES (1, 1, '2023-05-02', 'bezahlt', 100), (2, 1, '2024-01-10', 'offen', 250.5),
        (3, 2, '2024-02-20', 'bezahlt', 40), (4, 3, '2024-03-01', 'storniert', 75)`,
      `CREATE TABLE mitarbeiter (personal_nr INTEGER, vorname VARCHAR, nachname VARCHAR, abteilung VARCHAR, gehalt INTEGER, geburtsdatum DATE)`,
      `INSERT INTO mitarbeiter VALUES (1, 'Anna', 'Berg', 'Vertrieb', 4000, '1980-01-01'), (2, 'Jörg', 'Weiß', 'Vertrieb', 3000, '1990-01-01'),
        (3, 'Eva', 'Kurz', 'Lager', 2500, '1985-01-01')`,
    ],
    keys: {
      kunden: ['kunden_nr'],
      artikel: ['artikel_nr'],
      bestellungen: ['bestell_nr'],
      mitarbeiter: ['personal_nr'],
    },
    relationships: [['bestellungen', 'kunden_nr', 'kunden', 'kunden_nr']],
    now: NOW,
  });
}

/** A firm whose tables and columns are named in Vietnamese, without its marks. */
export async function openVietnameseFirm(): Promise<Shop> {
  return openFixture({
    setup: [
      `CREATE TABLE khach_hang (ma INTEGER, ten VARCHAR, thanh_pho VARCHAR)`,
      `INSERT INTO khach_hang VALUES (1, 'Nguyễn Văn An', 'Hà Nội'), (2, 'Trần Thị Bình', 'Đà Nẵng'), (3, 'Lê Cường', 'Hà Nội'), (4, 'Phạm Dung', 'Huế')`,
      `CREATE TABLE san_pham (ma INTEGER, ten VARCHAR, danh_muc VARCHAR, gia DOUBLE)`,
      `INSERT INTO san_pham VALUES (1, 'Bàn', 'Nội thất', 200), (2, 'Ghế', 'Nội thất', 80), (3, 'Đèn', 'Chiếu sáng', 35)`,
      `CREATE TABLE don_hang (ma INTEGER, ma_khach_hang INTEGER, ngay_dat DATE, trang_thai VARCHAR, tong_tien DOUBLE)`,
      `INSERT INTO don_hang VALUES (1, 1, '2023-05-02', 'đã giao', 100), (2, 1, '2024-01-10', 'chờ xử lý', 250.5),
        (3, 2, '2024-02-20', 'đã giao', 40), (4, 3, '2024-03-01', 'đã hủy', 75)`,
      `CREATE TABLE nhan_vien (ma INTEGER, ten VARCHAR, phong_ban VARCHAR, luong INTEGER)`,
      `INSERT INTO nhan_vien VALUES (1, 'Hoa', 'Kinh doanh', 4000), (2, 'Minh', 'Kinh doanh', 3000), (3, 'Lan', 'Kho', 2500)`,
    ],
    keys: { khach_hang: ['ma'], san_pham: ['ma'], don_hang: ['ma'], nhan_vien: ['ma'] },
    relationships: [['don_hang', 'ma_khach_hang', 'khach_hang', 'ma']],
    now: NOW,
  });
}

export async function openFixture({ setup, keys, relationships, now, calendar }: Fixture): Promise<Shop> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const statement of setup) await connection.run(statement);
  const run = async (sql: string): Promise<unknown[][]> => (await connection.run(sql)).getRowsJson();
  const tables = await Promise.all(Object.entries(keys).map(async ([name, key]) => readTable(name, key, run)));
  const catalog: Catalog = { tables, relationships: relationsOf(relationships), ...(calendar && { calendar }) };
  const ask = (question: string, choices: string[] = []): QuestionOutcome =>
    answerQuestion({ question, catalog, dialect: 'duckdb', now, choices });
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

async function readTable(name: string, primaryKey: string[], run: Shop['run']): Promise<CatalogTable> {
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
    primaryKey,
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
  if (nativeType === 'INTEGER' || nativeType === 'BIGINT') return 'integer';
  if (nativeType.startsWith('DECIMAL')) return 'decimal';
  if (nativeType === 'DOUBLE') return 'float';
  if (nativeType === 'DATE') return 'date';
  if (nativeType === 'TIMESTAMP') return 'timestamp';
  return nativeType === 'BOOLEAN' ? 'boolean' : 'text';
}
