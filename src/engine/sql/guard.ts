/** Proves that a statement only reads, and prints what may be run from the tree that was checked. */
import type { ColumnRef, Dialect } from '../catalog/catalog.js';

/**
 * What is shown instead of a value: nothing at all (`hide`), a keyed digest that still groups and joins (`hash`), or its
 * first character (`partial`).
 */
export type ColumnMask = 'hide' | 'hash' | 'partial';

export interface GuardedTable {
  /** As statements name it: `orders`, or `sales.orders` when it is outside the default schema. */
  name: string;
  columns: string[];
  /** The columns of its primary key: with rules or masks, GROUP BY these still lets the others be named. */
  primaryKey?: string[];
  /** Only rows for which all of these hold can be read: SQL expressions over the columns of this table alone. */
  rowRules?: string[];
  /** Columns whose values are not shown as they are. */
  masks?: Readonly<Record<string, ColumnMask>>;
}

export interface GuardScope {
  /** The tables the statement may read, by the name it uses for them, with their columns. */
  tables: GuardedTable[];
  /** The schema of the tables whose name has none. It is printed in front of them, so that no search path matters. */
  defaultSchema?: string;
  /** The secret key of `hash` masks. Without one, digests are the same only until the process ends. */
  maskKey?: string;
}

/** A row rule or a mask that changed what a statement reads. */
export interface AppliedRule {
  table: string;
  kind: 'row' | 'mask';
  /** The masked column. */
  column?: string;
}

export interface GuardedStatement {
  /** Printed from the checked tree: this, and never the text that came in, is what runs. */
  sql: string;
  /** Tables and columns the statement reads, for the receipt. */
  tables: string[];
  columns: ColumnRef[];
  /** The rules that were applied, for the receipt. */
  rules?: AppliedRule[];
}

export interface SqlGuard {
  readonly dialect: Dialect;
  /**
   * @throws EngineError with one of the `sql_*` codes; the message names the construct that was refused
   */
  check(sql: string, scope: GuardScope): Promise<GuardedStatement>;
  /**
   * Checks a row rule that is about to be saved: one expression over columns of the table, the same for every reading
   * of the same row.
   *
   * @throws EngineError with one of the `sql_*` codes
   */
  checkPredicate?(predicate: string, table: GuardedTable): Promise<void>;
}
