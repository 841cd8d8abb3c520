/** Proves that a statement only reads, and prints what may be run from the tree that was checked. */
import type { ColumnRef, Dialect } from '../catalog/catalog.js';
import type { TableNeed } from './table-need.js';

/** What is shown in the place of a column's values: nothing, a fingerprint that is the same for the same value, or the beginning. */
export const COLUMN_MASKS = ['hide', 'hash', 'partial'] as const;
export type ColumnMask = (typeof COLUMN_MASKS)[number];

/** A table as a statement may read it. */
export interface GuardedTable {
  /** As statements name it: `orders`, or `sales.orders` outside the default schema. */
  name: string;
  columns: string[];
  /** The columns of its primary key: with rules or masks, GROUP BY these still lets the others be named. */
  primaryKey?: readonly string[];
  /** Only rows for which all of these hold can be read: expressions over this table's columns, from `checkPredicate`. */
  rowRules?: readonly string[];
  /** Columns whose values are not shown as they are. */
  masks?: Readonly<Record<string, ColumnMask>>;
  /** The table of another source that this one shows, with the rules that hold there. */
  behind?: GuardedTable;
}

/** The mask of a column, whatever its name: columns may be called as things are that every object has. */
export function maskOf(
  masks: Readonly<Record<string, ColumnMask>> | undefined,
  column: string,
): ColumnMask | undefined {
  return masks !== undefined && Object.hasOwn(masks, column) ? masks[column] : undefined;
}

export interface GuardScope {
  /** The tables the statement may read, by the name it uses for them, with their columns. */
  tables: GuardedTable[];
  /** The schema of the tables whose name has none. It is printed in front of them, so that no search path matters. */
  defaultSchema?: string;
  /** The secret key of `hash` masks. Without one, digests are the same only until the process ends. */
  maskKey?: string;
}

/** A rule that a statement's tables are read under. */
export interface AppliedRule {
  table: string;
  kind: 'row' | 'mask';
  column?: string;
}

export interface GuardedStatement {
  /** Printed from the checked tree: this, and never the text that came in, is what runs. */
  sql: string;
  /** What may be shown of it: the same without the access rules, whose conditions and keys are nobody's business. */
  shownSql: string;
  /** Tables and columns the statement reads, for the receipt. */
  tables: string[];
  columns: ColumnRef[];
  /** The rules that hold for what the statement reads. */
  rules: AppliedRule[];
  /** Whether it gives the same again over the same data: it asks neither for the time nor for chance. */
  repeatable: boolean;
}

export interface SqlGuard {
  readonly dialect: Dialect;
  /**
   * @throws EngineError with one of the `sql_*` codes; the message names the construct that was refused
   */
  check(sql: string, scope: GuardScope): Promise<GuardedStatement>;
  /**
   * Checks a condition that is to hold for the rows that people may see.
   *
   * @returns the condition, printed from the checked tree
   * @throws EngineError as `check`; `sql_construct_not_allowed` for anything but an expression over this table's columns
   */
  checkPredicate(predicate: string, table: GuardedTable): Promise<string>;
  /**
   * What a statement reads of each table, for who has to bring the tables first. Absent for dialects in which that is
   * never asked.
   *
   * @throws EngineError as `check`
   */
  needsOf?(sql: string, scope: GuardScope): Promise<TableNeed[]>;
}

/** The rules of those tables of a scope that a statement reads. */
export function rulesOf(scope: GuardScope, tables: readonly string[]): AppliedRule[] {
  return scope.tables
    .filter(({ name }) => tables.includes(name))
    .flatMap(({ name: table, rowRules = [], masks = {}, behind }) => {
      const hasRowRules = rowRules.length + (behind?.rowRules?.length ?? 0) > 0;
      const masked = new Set([...Object.keys(masks), ...Object.keys(behind?.masks ?? {})]);
      return [
        ...(hasRowRules ? [{ table, kind: 'row' as const }] : []),
        ...[...masked].map((column) => ({ table, kind: 'mask' as const, column })),
      ];
    });
}
