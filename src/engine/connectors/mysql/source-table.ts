import type { CatalogColumn, CatalogTable } from '../../catalog/catalog.js';

/** A column while its catalogue entry is made. */
export interface SourceColumn {
  entry: CatalogColumn;
  dataType: string;
  /** Characters of the longest value of a text; Infinity where the type has no such bound. */
  longest: number;
  /** An index begins with it: its smallest and largest value are found at once. */
  isIndexed: boolean;
}

/** A table while its catalogue entry is made. */
export interface SourceTable {
  entry: CatalogTable;
  /** Views have no rows of their own, and some engines' are elsewhere: they are not read to describe them. */
  stored: boolean;
  columns: Map<string, SourceColumn>;
}
