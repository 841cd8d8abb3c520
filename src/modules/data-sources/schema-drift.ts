import type { Catalog, ColumnRef } from '../../engine/catalog/catalog.js';

/** What a fresh reading of a schema shows against the one before. */
export interface SchemaDrift {
  addedTables: string[];
  removedTables: string[];
  /** Of tables that were there before. */
  addedColumns: ColumnRef[];
  /** Of tables that are still there. */
  removedColumns: ColumnRef[];
  /** Columns with another type, as the source spells both. */
  retypedColumns: (ColumnRef & { from: string; to: string })[];
}

/** Compares tables and columns by name. */
export function driftBetween(before: Catalog, after: Catalog): SchemaDrift {
  const earlier = new Map(before.tables.map((table) => [table.name, table]));
  const later = new Map(after.tables.map((table) => [table.name, table]));
  const drift: SchemaDrift = {
    addedTables: [...later.keys()].filter((name) => !earlier.has(name)),
    removedTables: [...earlier.keys()].filter((name) => !later.has(name)),
    addedColumns: [],
    removedColumns: [],
    retypedColumns: [],
  };
  for (const [name, table] of later) {
    const known = earlier.get(name);
    if (known === undefined) continue;
    const columns = new Map(known.columns.map((column) => [column.name, column]));
    for (const { name: column, nativeType } of table.columns) {
      const was = columns.get(column);
      if (was === undefined) drift.addedColumns.push({ table: name, column });
      else if (was.nativeType !== nativeType) {
        drift.retypedColumns.push({ table: name, column, from: was.nativeType, to: nativeType });
      }
      columns.delete(column);
    }
    drift.removedColumns.push(...[...columns.keys()].map((column) => ({ table: name, column })));
  }
  return drift;
}
