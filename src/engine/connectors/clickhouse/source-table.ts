import type { CatalogTable } from '../../catalog/catalog.js';

/** A table while its catalogue entry is made. */
export interface SourceTable {
  entry: CatalogTable;
  /** Its rows lie in the server itself: reading some of them costs little, and takes nothing away as with a queue. */
  stored: boolean;
  /** Columns that the rows are indexed by, which need not be unique. */
  key: string[];
}
