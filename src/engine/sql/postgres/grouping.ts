/** Keeps GROUP BY working where a table is replaced by a sub-select. */
import type { Node, SelectStmt } from 'libpg-query';
import { type GuardedTable, maskOf } from '../guard.js';
import type { Column, Frame } from './frame.js';

/** Whether rules or masks apply to a table. */
export const isRuled = (table: GuardedTable): boolean =>
  (table.rowRules?.length ?? 0) > 0 || table.columns.some((column) => maskOf(table.masks, column) !== undefined);

/**
 * PostgreSQL lets a query that groups by a primary key name the table's other columns. It does not know the key of a
 * sub-select, so the columns that are named are added to GROUP BY, where they make no further groups.
 *
 * @param used the columns that are named outside of aggregates
 * @param grouped the columns that are named in GROUP BY
 */
export function groupDependents(
  select: SelectStmt,
  frame: Frame,
  used: ReadonlySet<Column>,
  grouped: ReadonlySet<Column>,
): void {
  const { groupClause } = select;
  if (groupClause === undefined || groupClause.some((item) => 'GroupingSet' in item)) return;
  for (const { alias, base, columns } of frame.relations) {
    if (alias === null || base === null || !isRuled(base.table)) continue;
    const { primaryKey = [], masks } = base.table;
    const isGrouped = (key: string): boolean =>
      maskOf(masks, key) === undefined && columns.some((column) => isColumn(column, key) && grouped.has(column));
    if (primaryKey.length === 0 || !primaryKey.every(isGrouped)) continue;
    const dependents = columns.filter((column) => used.has(column) && !grouped.has(column));
    groupClause.push(...dependents.map(({ name }) => columnNode(alias, name)));
  }
}

const isColumn = ({ sources: [source] }: Column, name: string): boolean => source?.column === name;

const columnNode = (table: string, column: string): Node => ({
  ColumnRef: { fields: [{ String: { sval: table } }, { String: { sval: column } }] },
});
