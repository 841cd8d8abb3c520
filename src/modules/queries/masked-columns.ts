import type { ColumnRef } from '../../engine/catalog/catalog.js';
import type { ResultColumn } from '../../engine/charts/contract.js';
import type { OpenedTable } from '../data-sources/index.js';

/**
 * The columns of a result that hold masked values, or may: those that are named like a masked column that was read, and, where
 * one was read that the result does not name, all text. A mask makes text or nothing of a value, never a number.
 *
 * @param read the columns that the statement read
 * @param tables as they were read, with their masks
 */
export function unanalysedColumns(
  columns: readonly ResultColumn[],
  read: readonly ColumnRef[],
  tables: readonly OpenedTable[],
): ReadonlySet<string> {
  const masksOf = new Map(tables.map(({ name, masks, behind }) => [name, { ...behind?.masks, ...masks }]));
  const masked = new Set(
    read
      .filter(({ table, column }) => Object.hasOwn(masksOf.get(table) ?? {}, column))
      .map(({ column }) => column.toLowerCase()),
  );
  const isNamed = ({ name }: ResultColumn) => masked.has(name.toLowerCase());
  const named = new Set(columns.filter(isNamed).map(({ name }) => name.toLowerCase()));
  const isHidden = ({ type }: ResultColumn) => type === 'text' && named.size < masked.size;
  return new Set(columns.filter((column) => isNamed(column) || isHidden(column)).map(({ name }) => name));
}
