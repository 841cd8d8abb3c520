/** Tables and columns as they can be named in a question. */
import type { CatalogColumn, CatalogTable } from '../../catalog/catalog.js';
import type { Expression } from '../planning/algebra.js';

export interface TableEntry {
  kind: 'table';
  table: CatalogTable;
  /** Words of the name; words that say nothing ("data", "list") are left out unless there are no others. */
  words: string[];
  /** True when words that say nothing were left out. */
  isShortened: boolean;
  otherNames: string[][];
  columns: ColumnEntry[];
}

export interface ColumnEntry {
  kind: 'column';
  table: TableEntry;
  column: CatalogColumn;
  words: string[];
  otherNames: string[][];
  /** True for a column of a key or one that a relationship stands on. */
  isKey: boolean;
  isForeignKey: boolean;
  /** How the column is worked out from others; null for a column that the table holds. */
  formula: Formula | null;
  /** What a term of the glossary is worked out as, over many rows; null for a column. */
  metric: Expression | null;
}

export type NamedEntry = TableEntry | ColumnEntry;

/** An amount that is worked out from columns of one row: `quantity × unit_price × (1 − discount)`. */
export interface Formula {
  factors: ColumnEntry[];
  /** What is taken off, and the number that means all of it: 1 for shares, 100 for percentages. */
  discount: { column: ColumnEntry; whole: 1 | 100 } | null;
}
