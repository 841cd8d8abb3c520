import type { Catalog } from '../../engine/catalog/catalog.js';
import type { DataSourceEntity } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';

/** Why a stored result is not what the same query would give now, as far as is known without asking the source. */
export type Staleness = 'data_changed' | 'schema_changed';

/**
 * `schema_changed` when something is gone that the query has read, `data_changed` when files have been replaced since. What
 * changes in a database is not seen from here.
 */
export function stalenessOf(
  { receipt, result }: Pick<Query, 'receipt' | 'result'>,
  { type, version }: Pick<DataSourceEntity, 'type' | 'version'>,
  catalog: Catalog,
): Staleness | null {
  if (result === null || receipt === null) return null;
  const columns = new Map(catalog.tables.map((table) => [table.name, new Set(table.columns.map(({ name }) => name))]));
  const isThere =
    receipt.tables.every((table) => columns.has(table)) &&
    receipt.columns.every(({ table, column }) => columns.get(table)?.has(column) === true);
  if (!isThere) return 'schema_changed';
  return type === 'file' && version !== receipt.dataVersion ? 'data_changed' : null;
}
