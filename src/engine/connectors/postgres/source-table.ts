import type { CatalogColumn, CatalogTable } from '../../catalog/catalog.js';

/** A table while its catalogue entry is made. */
export interface SourceTable {
  oid: string;
  schema: string;
  relation: string;
  /** Views have no rows of their own, and a foreign table's are elsewhere: they are not read to describe them. */
  stored: boolean;
  pages: number;
  entry: CatalogTable;
  /** By their position in the table. */
  byNumber: Map<number, CatalogColumn>;
}
