/** What is measured of the tables of a source to describe them, and the relationships that follow from it. */
import type { Catalog, CatalogColumn, CatalogTable, ColumnType } from '../../catalog/catalog.js';
import { guessSensitivity } from '../../catalog/guess-sensitivity.js';
import { type InclusionProbe, inferRelationships } from '../../catalog/infer-relationships.js';

/** What was measured of a column; null for what was not. */
export interface ColumnMeasure {
  distinct: number | null;
  nulls: number | null;
  min: string | null;
  max: string | null;
  /** Frequent values, most frequent first. */
  frequent: readonly string[];
  /** All distinct values of a text column, or more of them than are kept. */
  values: readonly string[] | null;
}

/** A text column with more different values, or longer ones, does not keep them. */
export const MAX_VALUES = 1_000;
export const MAX_VALUE_LENGTH = 64;
export const MAX_SAMPLES = 10;
const MAX_SAMPLE_LENGTH = 200;

/** Columns of all tables, above which names alone make too many pairs to look at. */
const MAX_RELATED_COLUMNS = 3_000;

const NUMBERS = new Set<ColumnType>(['integer', 'decimal', 'float']);
/** Types of whose values samples tell something, and which have an order. */
const MEASURED = new Set<ColumnType>([
  ...NUMBERS,
  ...(['boolean', 'text', 'date', 'time', 'timestamp', 'timestamptz', 'uuid'] as const),
]);

export function isMeasured({ type }: CatalogColumn): boolean {
  return MEASURED.has(type);
}

/** Keeps in the column what was measured of it. */
export function keepMeasure(column: CatalogColumn, measure: ColumnMeasure): void {
  const shown = (value: string | null): string | null => value && [...value].slice(0, MAX_SAMPLE_LENGTH).join('');
  column.stats = {
    distinct: measure.distinct,
    nulls: measure.nulls,
    min: shown(measure.min),
    max: shown(measure.max),
    samples: measure.frequent.slice(0, MAX_SAMPLES).flatMap((value) => shown(value) ?? []),
  };
  const { values } = measure;
  const few = values && values.length <= MAX_VALUES && values.every((value) => value.length <= MAX_VALUE_LENGTH);
  if (few) column.values = values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A column of which nothing is known yet. */
export function newColumn(
  described: Pick<CatalogColumn, 'name' | 'type' | 'nativeType' | 'nullable' | 'description'>,
): CatalogColumn {
  const stats = { distinct: null, nulls: null, min: null, max: null, samples: [] };
  return { ...described, synonyms: [], hidden: false, sensitivity: 'none', stats, values: null };
}

/** A table without columns yet. */
export function newTable(described: Pick<CatalogTable, 'name' | 'description' | 'rowCount'>): CatalogTable {
  return { ...described, synonyms: [], hidden: false, primaryKey: [], columns: [] };
}

/**
 * The catalogue of a source that declares no foreign keys: relationships are those that names suggest and values prove, as
 * far as the probe can tell.
 */
export async function describedCatalog(tables: CatalogTable[], probe: InclusionProbe): Promise<Catalog> {
  const columns = tables.flatMap((table) => table.columns);
  for (const column of columns) {
    column.sensitivity = guessSensitivity({ name: column.name, type: column.type, samples: column.stats.samples });
  }
  const relationships = columns.length > MAX_RELATED_COLUMNS ? [] : await inferRelationships(tables, probe);
  return { tables, relationships };
}

/** Groups of items that together weigh no more than a limit; an item that weighs more is alone. */
export function batchesOf<T>(items: readonly T[], weigh: (item: T) => number, limit: number): T[][] {
  const batches: T[][] = [];
  let weight = Infinity;
  for (const item of items) {
    weight += weigh(item);
    const current = batches.at(-1);
    if (current && weight <= limit) current.push(item);
    else {
      batches.push([item]);
      weight = weigh(item);
    }
  }
  return batches;
}
