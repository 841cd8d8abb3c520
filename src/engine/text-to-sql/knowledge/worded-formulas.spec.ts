import { describe, expect, it } from '@jest/globals';
import type { Catalog, CatalogColumn, CatalogTable, ColumnType } from '../../catalog/catalog.js';
import { formulaOf } from './worded-formulas.js';

const stats = { distinct: null, nulls: null, min: null, max: null, samples: [] };
const column = (name: string, type: ColumnType, more: Partial<CatalogColumn> = {}): CatalogColumn => ({
  name,
  type,
  nativeType: type,
  nullable: false,
  description: null,
  synonyms: [],
  hidden: false,
  sensitivity: 'none',
  stats,
  values: null,
  ...more,
});
const table = (name: string, columns: CatalogColumn[]): CatalogTable => ({
  name,
  description: null,
  synonyms: [],
  hidden: false,
  rowCount: 3,
  primaryKey: [columns[0]?.name ?? ''],
  columns,
});

const catalog: Catalog = {
  tables: [
    table('orders', [
      column('order_id', 'integer'),
      column('amount', 'decimal', { synonyms: ['revenue'] }),
      column('status', 'text'),
      column('cost', 'decimal', { hidden: true }),
    ]),
    table('customers', [column('customer_id', 'integer'), column('age', 'integer')]),
    table('items', [column('item_id', 'integer'), column('unit price', 'float'), column('age', 'integer')]),
  ],
  relationships: [],
};

describe('a definition', () => {
  it.each<[string, string | null]>([
    ['SUM(amount) / COUNT(*)', 'SUM(amount) / COUNT(*)'],
    ['revenue / orders', 'SUM("orders"."amount") / COUNT("orders"."order_id")'],
    ['Total revenue divided by the number of customers.', 'SUM("orders"."amount") / COUNT("customers"."customer_id")'],
    ['average unit price', 'AVG("items"."unit price")'],
    ['(revenue - 2 * orders) / 100', '( SUM("orders"."amount") - 2 * COUNT("orders"."order_id") ) / 100'],
    // Several have it, nobody may see it, it is no number, it is not there, or it is no formula.
    ['age / orders', null],
    ['revenue - cost', null],
    ['total status', null],
    ['profit / orders', null],
    ['a customer with an order in the last 90 days', null],
    ['revenue /', null],
    ['42', null],
    ['', null],
  ])('“%s” is the formula %s', (definition, formula) => expect(formulaOf(definition, catalog)).toBe(formula));
});
