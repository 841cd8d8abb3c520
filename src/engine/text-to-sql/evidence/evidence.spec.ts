import { describe, expect, it } from '@jest/globals';
import { ENGLISH } from '../lexicon/english/index.js';
import { openShop } from '../shop.fixture.js';
import { NameReader, splitName } from './names.js';
import { SchemaIndex } from './schema-index.js';
import { ValueIndex } from './value-index.js';

describe('names', () => {
  const reader = new NameReader(ENGLISH, new Set());

  it('are cut at case changes, marks and digits', () => {
    expect(splitName('OrderID')).toEqual(['order', 'id']);
    expect(splitName('customer_first-name2')).toEqual(['customer', 'first', 'name', '2']);
  });

  it('have their short forms written out and their words in dictionary form', () => {
    expect(reader.words('cust_addr')).toEqual(['customer', 'address']);
    expect(reader.words('LName')).toEqual(['last', 'name']);
    expect(reader.words('Orders')).toEqual(['order']);
  });

  it('that are written together are cut into known words', () => {
    expect(reader.words('joindate')).toEqual(['join', 'date']);
    expect(reader.words('postalcode')).toEqual(['postal', 'code']);
  });

  it('lose a beginning that all of them share, but only when that makes them readable', () => {
    expect(reader.sharedPrefix(['xyzprice', 'xyzdate', 'xyzstatus'])).toBe('xyz');
    expect(reader.sharedPrefix(['price', 'priority', 'print'])).toBe('');
  });
});

describe('the index of a catalogue', () => {
  it('knows the column that names a row and the key that tells rows apart', async () => {
    const { catalog } = await openShop();
    const schema = new SchemaIndex(catalog, ENGLISH);
    const products = schema.table('products');
    expect(products && schema.nameColumn(products)?.column.name).toBe('product_name');
    expect(products && schema.keyColumns(products).map((column) => column.column.name)).toEqual(['product_id']);
  });

  it('finds values by exact, inflected, partial and mistyped spelling', async () => {
    const { catalog } = await openShop();
    const values = new ValueIndex(new SchemaIndex(catalog, ENGLISH), ENGLISH);
    expect(values.find('france', 'France')[0]).toMatchObject({ value: 'France', score: 1 });
    expect(values.find('desks', 'desks')[0]).toMatchObject({ value: 'Desk' });
    expect(values.findMistyped('frnace')[0]).toMatchObject({ value: 'France' });
    expect(values.findPart('100')[0]).toMatchObject({ value: `O'Neil's "best" 100%_lamp` });
    expect(values.find('tokyo', 'Tokyo')).toEqual([]);
  });

  it('leaves out what is hidden', async () => {
    const { catalog } = await openShop();
    const tables = catalog.tables.map((table) => ({ ...table, hidden: table.name === 'order' }));
    const schema = new SchemaIndex({ ...catalog, tables }, ENGLISH);
    expect(schema.table('order')).toBeUndefined();
  });
});
