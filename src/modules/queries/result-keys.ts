/** What decides whether two runs must have the same result. */
import { createHash } from 'node:crypto';
import type { GuardedStatement } from '../../engine/sql/index.js';
import type { DataSourceEntity, OpenedTable } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';

/** The same for everybody who sees the same of these tables; null when they are seen as they are. */
export function accessKeyOf(tablesRead: readonly string[], tables: readonly OpenedTable[]): string | null {
  const restrictions = tables
    .filter(({ name }) => tablesRead.includes(name))
    .flatMap(({ name, behind, ...table }) => [
      { name, ...restrictionOf(table) },
      // In a combined source the rules of the member come first.
      ...(behind === undefined ? [] : [{ name, member: behind.source.id, ...restrictionOf(behind) }]),
    ])
    .filter(({ rowRules, masks }) => rowRules.length + masks.length > 0);
  return restrictions.length === 0 ? null : hashOf(restrictions.sort((a, b) => (a.name < b.name ? -1 : 1)));
}

/**
 * The same for every run that must have the same result; null when the statement may give something else every time, as it
 * does over tables in databases, whose rows change without our knowing.
 */
export function resultKeyOf(
  { dataSourceId, engine, maxRows }: Query,
  { version }: DataSourceEntity,
  { sql, repeatable, tables: read }: GuardedStatement,
  accessKey: string | null,
  tables: readonly OpenedTable[],
): string | null {
  const isOverFiles = tables.every(({ name, location }) => location !== null || !read.includes(name));
  return repeatable && isOverFiles ? hashOf([dataSourceId, version, engine, sql, maxRows, accessKey]) : null;
}

function restrictionOf({ rowRules = [], masks = {} }: Pick<OpenedTable, 'rowRules' | 'masks'>) {
  return { rowRules: [...rowRules].sort(), masks: sorted(masks) };
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
