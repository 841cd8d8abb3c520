import { describe, expect, it } from '@jest/globals';
import type { CatalogColumn, CatalogTable, ColumnType } from './catalog.js';
import { type InclusionProbe, inferRelationships } from './infer-relationships.js';

function column(name: string, type: ColumnType, distinct: number, nulls = 0): CatalogColumn {
  return {
    name,
    type,
    nativeType: type,
    nullable: nulls > 0,
    description: null,
    synonyms: [],
    hidden: false,
    sensitivity: 'none',
    stats: { distinct, nulls, min: null, max: null, samples: ['a'] },
    values: null,
  };
}

function table(name: string, rowCount: number, columns: CatalogColumn[], primaryKey: string[] = []): CatalogTable {
  return { name, description: null, synonyms: [], hidden: false, rowCount, primaryKey, columns };
}

const everythingIsIncluded: InclusionProbe = () => Promise.resolve(1);

async function pairs(tables: CatalogTable[], probe: InclusionProbe = everythingIsIncluded): Promise<string[]> {
  const relationships = await inferRelationships(tables, probe);
  return relationships.map(({ from, to }) => `${from.table}.${from.column} → ${to.table}.${to.column}`);
}

describe('inferring relationships', () => {
  const customers = table('customers', 10, [column('id', 'integer', 10), column('name', 'text', 10)], ['id']);

  it.each([['customer_id'], ['customerId'], ['CustomerID'], ['billing_customer_id'], ['customer']])(
    'reads %s as a reference to customers.id',
    async (name) => {
      const orders = table('orders', 50, [column('id', 'integer', 50), column(name, 'integer', 8)], ['id']);
      expect(await pairs([customers, orders])).toEqual([`orders.${name} → customers.id`]);
    },
  );

  it.each([
    ['support_rep_id', 'employees'],
    ['sold_by', 'employees'],
    ['ship_via', 'shippers'],
  ])('reads %s as who of the %s did it', async (name, target) => {
    const people = ['employees', 'shippers'].map((people) => table(people, 10, [column('id', 'integer', 10)], ['id']));
    const orders = table('orders', 50, [column('id', 'integer', 50), column(name, 'integer', 8)], ['id']);
    expect(await pairs([...people, orders])).toEqual([`orders.${name} → ${target}.id`]);
  });

  it('finds a key that carries the name of its table', async () => {
    const albums = table('Album', 10, [column('AlbumId', 'integer', 10)], ['AlbumId']);
    const tracks = table('Track', 50, [column('TrackId', 'integer', 50), column('AlbumId', 'integer', 9)], ['TrackId']);
    expect(await pairs([albums, tracks])).toEqual(['Track.AlbumId → Album.AlbumId']);
  });

  it.each([['reports_to'], ['manager_id'], ['parent_employee_id'], ['ParentId']])(
    'reads %s as a reference to the same table',
    async (name) => {
      const columns = [column('employee_id', 'integer', 10), column(name, 'integer', 3, 1)];
      expect(await pairs([table('employees', 10, columns, ['employee_id'])])).toEqual([
        `employees.${name} → employees.employee_id`,
      ]);
    },
  );

  it('does not relate small integers to any key, nor keys called id to each other', async () => {
    const orders = table('orders', 50, [column('id', 'integer', 50), column('quantity', 'integer', 5)], ['id']);
    expect(await pairs([customers, orders])).toEqual([]);
  });

  it('does not relate values of different types, values that are not found, or no values', async () => {
    const text = table('orders', 50, [column('customer_id', 'text', 8)]);
    expect(await pairs([customers, text])).toEqual([]);
    const orders = table('orders', 50, [column('customer_id', 'integer', 8)]);
    expect(await pairs([customers, orders], () => Promise.resolve(0.9))).toEqual([]);
    expect(await pairs([customers, orders], () => Promise.resolve(null))).toEqual([]);
  });

  it('does not relate to a column whose values repeat', async () => {
    const repeated = table('customers', 10, [column('id', 'integer', 9)]);
    const orders = table('orders', 50, [column('customer_id', 'integer', 8)]);
    expect(await pairs([repeated, orders])).toEqual([]);
  });

  it('is surer of a whole name than of a part, and less sure where values dangle', async () => {
    const orders = table('orders', 50, [
      column('customer_id', 'integer', 8),
      column('billing_customer_id', 'integer', 8),
    ]);
    const [whole, part] = await inferRelationships([customers, orders], everythingIsIncluded);
    expect(whole?.confidence).toBeGreaterThan(part?.confidence ?? 1);
    const [dangling] = await inferRelationships([customers, orders], () => Promise.resolve(0.98));
    expect(dangling?.confidence).toBeLessThan(whole?.confidence ?? 0);
  });
});
