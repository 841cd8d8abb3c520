import { describe, expect, it } from '@jest/globals';
import { SchemaIndex } from '../evidence/schema-index.js';
import { ENGLISH } from '../lexicon/english/index.js';
import { openShop } from '../shop.fixture.js';
import { JoinGraph } from './join-graph.js';

describe('the join graph', () => {
  it('finds the way through a bridge table and knows where rows multiply', async () => {
    const { catalog } = await openShop();
    const graph = new JoinGraph(catalog, new SchemaIndex(catalog, ENGLISH));
    const path = graph.path('order', 'products');
    expect(path?.map((step) => [step.target, step.fansOut])).toEqual([
      ['order_items', true],
      ['products', false],
    ]);
  });

  it('connects several tables by as few joins as it can', async () => {
    const { catalog } = await openShop();
    const graph = new JoinGraph(catalog, new SchemaIndex(catalog, ENGLISH));
    const steps = graph.connect('customers', ['products', 'order']);
    expect(steps?.map((step) => step.target)).toEqual(['order', 'order_items', 'products']);
  });

  it('has no way between tables that nothing relates', async () => {
    const { catalog } = await openShop();
    const graph = new JoinGraph({ ...catalog, relationships: [] }, new SchemaIndex(catalog, ENGLISH));
    expect(graph.path('customers', 'products')).toBeNull();
    expect(graph.connect('customers', ['products'])).toBeNull();
  });
});
