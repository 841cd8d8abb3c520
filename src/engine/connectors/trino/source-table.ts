import type { CatalogTable } from '../../catalog/catalog.js';
import { identifier } from '../duckdb/sql-text.js';

/** A table while its catalogue entry is made. */
export interface SourceTable {
  schema: string;
  relation: string;
  /** A view is a query of its own, which is not run to describe it. */
  isView: boolean;
  /** It is known to have few rows, so that all of them may be read. */
  isSmall: boolean;
  entry: CatalogTable;
}

/** The table in SQL, where names are spelled as in the standard. */
export function qualified({ schema, relation }: Pick<SourceTable, 'schema' | 'relation'>): string {
  return `${identifier(schema)}.${identifier(relation)}`;
}
