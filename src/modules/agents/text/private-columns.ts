import type { Catalog, ColumnRef } from '../../../engine/catalog/catalog.js';
import type { ResultColumn } from '../../../engine/charts/index.js';
import type { OpenedTable } from '../../data-sources/index.js';

/**
 * The columns of a result, by place, whose values are not to reach a model: those named like a personal, secret, hidden or masked column
 * that was read; and where the result does not name one of these, all that are not named like another column that was read,
 * because it may be behind any of them.
 */
export function privateColumns(
  columns: readonly ResultColumn[],
  read: readonly ColumnRef[],
  catalog: Catalog,
  tables: readonly OpenedTable[],
): ReadonlySet<number> {
  const masksOf = new Map(tables.map(({ name, masks, behind }) => [name, { ...behind?.masks, ...masks }]));
  const isPrivate = ({ table, column }: ColumnRef): boolean => {
    const known = catalog.tables.find(({ name }) => name === table);
    const found = known?.columns.find(({ name }) => name === column);
    const isOpen = known?.hidden === false && found?.hidden === false && found.sensitivity === 'none';
    return !isOpen || Object.hasOwn(masksOf.get(table) ?? {}, column);
  };
  const names = (some: readonly ColumnRef[]): Set<string> => new Set(some.map(({ column }) => column.toLowerCase()));
  const kept = names(read.filter(isPrivate));
  const open = names(read.filter((one) => !isPrivate(one)));
  const named = columns.map(({ name }) => name.toLowerCase());
  const allAreNamed = [...kept].every((name) => named.includes(name));
  const places = named.flatMap((name, index) => (kept.has(name) || (!allAreNamed && !open.has(name)) ? [index] : []));
  return new Set(places);
}
