import { beforeAll, describe, expect, it } from '@jest/globals';
import { openFixture, type Shop } from './shop.fixture.js';

/** Products with a flag in numbers, suppliers with numbers to call, people who report to people, and shelves of boxes. */
let warehouse: Shop;

beforeAll(async () => {
  warehouse = await openFixture({
    setup: [
      `CREATE TABLE suppliers (supplier_id INTEGER, company_name VARCHAR, country VARCHAR, phone VARCHAR, fax VARCHAR)`,
      `INSERT INTO suppliers VALUES (1, 'Nordwind', 'Norway', '+47 1', '+47 2'), (2, 'Sole', 'Italy', '+39 1', '+39 2')`,
      `CREATE TABLE products (product_id INTEGER, product VARCHAR, supplier_id INTEGER, discontinued INTEGER)`,
      `INSERT INTO products VALUES (1, 'Kettle', 1, 0), (2, 'Ladle', 1, 1), (3, 'Mortar', 2, 0), (4, 'Sieve', 2, 0)`,
      `CREATE TABLE shelves (shelf_id INTEGER, shelf VARCHAR)`,
      `INSERT INTO shelves VALUES (1, 'Upper'), (2, 'Lower')`,
      `CREATE TABLE boxes (box_id INTEGER, shelf_id INTEGER, box VARCHAR, length DOUBLE)`,
      `INSERT INTO boxes VALUES (1, 1, 'Red', 3), (2, 1, 'Blue', 4), (3, 2, 'Green', 5)`,
      `CREATE TABLE workers (worker_id INTEGER, name VARCHAR, reports_to INTEGER)`,
      `INSERT INTO workers VALUES (1, 'Ada', NULL), (2, 'Bo', 1), (3, 'Cem', 1)`,
    ],
    keys: {
      suppliers: ['supplier_id'],
      products: ['product_id'],
      shelves: ['shelf_id'],
      boxes: ['box_id'],
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
    ['phone number of the suppliers in Italy', [['+39 1']]],
    ['phone numbers of suppliers in Italy', [['+39 1']]],
    ['list the fax numbers of the suppliers in Norway', [['+47 2']]],
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
