/** Proves that a statement only reads, and prints what may be run from the tree that was checked. */
import type { ColumnRef, Dialect } from '../catalog/catalog.js';

export interface GuardScope {
  /** The tables the statement may read, by the name it uses for them, with their columns. */
  tables: { name: string; columns: string[] }[];
}

export interface GuardedStatement {
  /** Printed from the checked tree: this, and never the text that came in, is what runs. */
  sql: string;
  /** Tables and columns the statement reads, for the receipt. */
  tables: string[];
  columns: ColumnRef[];
}

export interface SqlGuard {
  readonly dialect: Dialect;
  /**
   * @throws EngineError with one of the `sql_*` codes; the message names the construct that was refused
   */
  check(sql: string, scope: GuardScope): Promise<GuardedStatement>;
}
