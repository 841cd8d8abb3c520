import type { Catalog, CatalogColumn, CatalogTable, ColumnStats } from './catalog.js';

/** What rules say of one table, for one person. */
export interface TableRestriction {
  /** Whether rows of it are left out. */
  someRows: boolean;
  /** Columns whose values are not shown as they are. */
  maskedColumns: ReadonlySet<string>;
}

const UNKNOWN: ColumnStats = { distinct: null, nulls: null, min: null, max: null, samples: [] };

/**
 * The catalogue as somebody may see it for whom rules hold: without the statistics, samples and values that would tell of
 * rows and values which the rules keep from them.
 *
 * @param restrictions by table name
 */
export function restrictCatalog(catalog: Catalog, restrictions: ReadonlyMap<string, TableRestriction>): Catalog {
  const restricted = (table: CatalogTable): CatalogTable => {
    const restriction = restrictions.get(table.name);
    if (restriction === undefined) return table;
    const { someRows, maskedColumns } = restriction;
    const columns = table.columns.map((column) =>
      someRows || maskedColumns.has(column.name) ? withoutValues(column) : column,
    );
    return { ...table, columns, ...(someRows ? { someRowsHidden: true as const } : {}) };
  };
  return { ...catalog, tables: catalog.tables.map(restricted) };
}

function withoutValues(column: CatalogColumn): CatalogColumn {
  return { ...column, stats: UNKNOWN, values: null };
}
