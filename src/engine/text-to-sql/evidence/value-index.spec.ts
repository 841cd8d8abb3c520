import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import type { Catalog, CatalogColumn } from '../../catalog/catalog.js';
import { ENGLISH } from '../lexicon/english/index.js';
import { SchemaIndex } from './schema-index.js';
import { MOST_VALUES, ValueIndex } from './value-index.js';

function column(name: string, values: string[]): CatalogColumn {
  const stats = { distinct: values.length, nulls: 0, min: null, max: null, samples: [] };
  const plain = { description: null, synonyms: [], hidden: false, sensitivity: 'none' as const, nullable: true };
  return { name, type: 'text', nativeType: 'text', ...plain, stats, values };
}

/** A source with so many columns of so many values each, of two words or three, as names of people and towns are. */
function sourceOf(columns: number, each: number): SchemaIndex {
  const syllables = ['ka', 'lor', 'min', 'dest', 'ova', 'ru', 'sel', 'tan', 'vik', 'zo'];
  const word = (seed: number): string =>
    [7, 13, 29].map((prime) => syllables[Math.floor(seed / prime) % syllables.length]).join('') + String(seed % 97);
  const made = Array.from({ length: columns }, (_unused, index) =>
    column(
      `title_${index}`,
      Array.from({ length: each }, (_also, at) => `${word(index * each + at)} ${word(at * 31)} ${index * each + at}`),
    ),
  );
  const table = { name: 'boats', description: null, synonyms: [], hidden: false, rowCount: each, primaryKey: [] };
  const catalog: Catalog = { tables: [{ ...table, columns: made }], relationships: [] };
  return new SchemaIndex(catalog, ENGLISH, []);
}

function heapInUse(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('the index of values', () => {
  it('takes less than a kilobyte for each distinct value', () => {
    const schema = sourceOf(10, 2_000);
    const before = heapInUse();
    const index = new ValueIndex(schema, ENGLISH);
    const bytes = heapInUse() - before;
    expect(index.size).toBe(20_000);
    expect(bytes / index.size).toBeLessThan(1_000);
  });

  it('keeps so many values of one source at most, those of the columns with few of them first', () => {
    const schema = sourceOf(41, 5_000);
    schema.tables[0]?.columns[40]?.column.values?.splice(3);
    const index = new ValueIndex(schema, ENGLISH);
    expect(index.size).toBeGreaterThan(MOST_VALUES - 5_000);
    expect(index.size).toBeLessThanOrEqual(MOST_VALUES);
    const [few = ''] = schema.tables[0]?.columns[40]?.column.values ?? [];
    expect(index.find(few.toLowerCase(), few)).toHaveLength(1);
  });
});
