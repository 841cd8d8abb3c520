import { beforeAll, describe, expect, it } from '@jest/globals';
import { openFixture, type Shop } from './shop.fixture.js';

/** Products with a flag in numbers, suppliers with numbers to call, people who report to people, and shelves of boxes. */
let warehouse: Shop;

beforeAll(async () => {
  warehouse = await openFixture({
    setup: [
      `CREATE TABLE suppliers (supplier_id INTEGER, company_name VARCHAR, country VARCHAR, phone VARCHAR, fax VARCHAR)`,
      `INSERT INTO suppliers VALUES (1, 'Nordwind', 'Norway', '+47 1', '+47 2'), (2, 'Sole', 'Italy', '+39 1', '+39 2'),
        (3, 'Tundra', 'Norway', '+47 3', NULL), (4, 'Vela', 'Italy', '+39 3', NULL)`,
      `CREATE TABLE products (product_id INTEGER, product VARCHAR, supplier_id INTEGER, discontinued INTEGER)`,
      `INSERT INTO products VALUES (1, 'Kettle', 1, 0), (2, 'Ladle', 1, 1), (3, 'Mortar', 2, 0), (4, 'Sieve', 2, 0)`,
      `CREATE TABLE shelves (shelf_id INTEGER, shelf VARCHAR)`,
      `INSERT INTO shelves VALUES (1, 'Upper'), (2, 'Lower')`,
      `CREATE TABLE boxes (box_id INTEGER, shelf_id INTEGER, box VARCHAR, length DOUBLE)`,
      `INSERT INTO boxes VALUES (1, 1, 'Red', 3), (2, 1, 'Blue', 4), (3, 2, 'Green', 5)`,
      `CREATE TABLE readings (day DATE, hall VARCHAR, rain DOUBLE, water DOUBLE)`,
      `INSERT INTO readings VALUES ('2023-01-01', 'North', 0, 4), ('2023-01-02', 'North', 2, 4), ('2023-01-03', 'North', 0, 4),
        ('2023-02-01', 'South', 3, 5), ('2023-02-02', 'South', 0, 5), ('2023-03-01', 'South', 1, 1)`,
      `CREATE TABLE workers (worker_id INTEGER, name VARCHAR, reports_to INTEGER)`,
      `INSERT INTO workers VALUES (1, 'Ada', NULL), (2, 'Bo', 1), (3, 'Cem', 1)`,
    ],
    keys: {
      suppliers: ['supplier_id'],
      products: ['product_id'],
      shelves: ['shelf_id'],
      boxes: ['box_id'],
      readings: [],
      workers: ['worker_id'],
    },
    relationships: [
      ['products', 'supplier_id', 'suppliers', 'supplier_id'],
      ['boxes', 'shelf_id', 'shelves', 'shelf_id'],
      ['workers', 'reports_to', 'workers', 'worker_id'],
    ],
    now: new Date('2024-03-15T12:00:00Z'),
  });
});

describe('a flag', () => {
  it.each([
    ['discontinued products', [['Ladle']]],
    ['products that are discontinued', [['Ladle']]],
    ['which products are discontinued?', [['Ladle']]],
    ['how many products are discontinued?', [['1']]],
    ['how many products are not discontinued?', [['3']]],
    ['suppliers of discontinued products', [['Nordwind']]],
  ])('is a condition wherever it stands: %s', async (question, rows) => {
    expect(await warehouse.rows(question)).toEqual(rows);
  });
});

describe('a number that is a text', () => {
  it.each([
    ['phone number of the suppliers in Italy', [['+39 1'], ['+39 3']]],
    ['phone numbers of suppliers in Italy', [['+39 1'], ['+39 3']]],
    ['list the fax numbers of Nordwind', [['+47 2']]],
  ])('is shown, and nothing is counted: %s', async (question, rows) => {
    expect(await warehouse.rows(question)).toEqual(rows);
  });
});

describe('what a question leaves open', () => {
  it.each(['longest shelf', 'which shelf is the longest?', 'who reports to Ada?', 'which workers report to Ada?'])(
    'gets no answer: %s',
    (question) => {
      expect(warehouse.ask(question).kind).not.toBe('answer');
    },
  );

  it('gets one once it is said', async () => {
    expect(await warehouse.rows('which shelf has the longest box?')).toEqual([['Lower']]);
  });
});

describe('rows that share what is asked for', () => {
  it.each([
    ['which hall has the most water?', [['North']]],
    ['top hall by water', [['North']]],
    ['which month had the most water?', [['2023-01-01 00:00:00']]],
  ])('are added up, and not looked at one by one: %s', async (question, rows) => {
    expect(await warehouse.rows(question)).toEqual(rows);
  });
});

describe('an amount that may be none', () => {
  it.each([
    ['days without rain', [['2023-01-01'], ['2023-01-03'], ['2023-02-02']]],
    ['days with no rain in January 2023', [['2023-01-01'], ['2023-01-03']]],
  ])('is none where the question says without: %s', async (question, rows) => {
    expect(await warehouse.rows(question)).toEqual(rows);
  });
});

describe('what is not there', () => {
  it('is told apart from where and when it is not', async () => {
    expect(await warehouse.rows('suppliers without a fax in Norway')).toEqual([['Tundra']]);
  });
});
