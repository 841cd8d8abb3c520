/** What is read of the tables themselves to describe them: a bounded number of rows, for a bounded time. */
import type { CatalogColumn } from '../../catalog/catalog.js';
import { identifier } from '../duckdb/sql-text.js';
import { shown } from './column-statistics.js';
import type { PostgresSession } from './session.js';
import type { SourceTable } from './source-table.js';

/** Tables that one statement looks at. */
const TABLES_AT_ONCE = 50;
/** Together, and for one statement. */
const MAX_TOTAL_MS = 4_000;
const MAX_STATEMENT_MS = 1_000;
/** A table of which nobody has counted the rows is counted up to here. */
const COUNTED_ROWS = 10_000;
/** Up to here all values of a text column are looked at, beyond only those of some pages of the table. */
const READ_ROWS = 200_000;
const SAMPLED_ROWS = 20_000;
const MAX_VALUES = 1_000;
const MAX_VALUE_LENGTH = 64;
const MAX_SAMPLES = 10;

/** Counts the tables that the server has not counted yet, exactly while they are small, and from their size beyond. */
export async function countSmallTables(session: PostgresSession, tables: readonly SourceTable[]): Promise<void> {
  const uncounted = tables.filter(({ stored, pages, entry }) => stored && pages > 0 && entry.rowCount === 0);
  const ends = performance.now() + MAX_TOTAL_MS;
  for (const some of batches(uncounted)) {
    const counts = await boundedly(session, ends, () =>
      session.rows(
        some
          .map(
            (table, index) =>
              `SELECT ${index}, pg_catalog.count(*) FROM (SELECT FROM ${qualified(table)} LIMIT ${COUNTED_ROWS}) AS part`,
          )
          .join(' UNION ALL '),
      ),
    );
    for (const [index, count] of counts ?? []) {
      const table = some[Number(index)];
      if (!table) continue;
      const counted = Number(count);
      // A page holds about a hundred rows of usual width.
      table.entry.rowCount = counted < COUNTED_ROWS ? counted : Math.max(counted, table.pages * 100);
    }
  }
}

/**
 * Reads the distinct values of text columns that seem to have few, so that words of a question can be linked to them. Of a
 * very large table, the values of some of its pages stand for all.
 */
export async function readValues(session: PostgresSession, tables: readonly SourceTable[]): Promise<void> {
  const ends = performance.now() + MAX_TOTAL_MS;
  const wanted = tables.flatMap((table) =>
    table.stored && table.entry.rowCount > 0
      ? table.entry.columns.filter(mayHaveFew).map((column) => ({ table, column }))
      : [],
  );
  for (const some of batches(wanted)) {
    const rows = await boundedly(session, ends, () =>
      session.rows(some.map(({ table, column }, index) => valuesOf(table, column, index)).join(' UNION ALL ')),
    );
    if (rows === null) continue;
    some.forEach(({ column }, index) => {
      keep(
        column,
        rows.flatMap(([at, value]) => (Number(at) === index && typeof value === 'string' ? [value] : [])),
      );
    });
  }
}

function mayHaveFew({ type, stats }: CatalogColumn): boolean {
  return type === 'text' && (stats.distinct === null || stats.distinct <= MAX_VALUES);
}

function valuesOf(table: SourceTable, column: CatalogColumn, index: number): string {
  const name = identifier(column.name);
  const { rowCount } = table.entry;
  const share = Math.min(100, (100 * SAMPLED_ROWS) / rowCount);
  const source =
    rowCount <= READ_ROWS
      ? qualified(table)
      : `(SELECT ${name} FROM ${qualified(table)} TABLESAMPLE SYSTEM (${share.toFixed(4)}) LIMIT ${SAMPLED_ROWS}) AS part`;
  return `(SELECT ${index}, value FROM (
    SELECT DISTINCT ${name}::pg_catalog.text AS value FROM ${source} WHERE ${name} IS NOT NULL LIMIT ${MAX_VALUES + 1}
  ) AS found)`;
}

function keep(column: CatalogColumn, values: string[]): void {
  if (values.length === 0 || values.length > MAX_VALUES) return;
  const sorted = values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (column.stats.samples.length === 0) {
    column.stats.samples = sorted.slice(0, MAX_SAMPLES).map((value) => shown(value, 'text'));
  }
  if (sorted.some((value) => value.length > MAX_VALUE_LENGTH)) return;
  column.values = sorted;
  column.stats.distinct ??= sorted.length;
  column.stats.min ??= sorted[0] ?? null;
  column.stats.max ??= sorted.at(-1) ?? null;
}

function boundedly<T>(session: PostgresSession, ends: number, work: () => Promise<T>): Promise<T | null> {
  const left = ends - performance.now();
  return left <= 0 ? Promise.resolve(null) : session.attempt(Math.min(left, MAX_STATEMENT_MS), work);
}

function qualified({ schema, relation }: SourceTable): string {
  return `${identifier(schema)}.${identifier(relation)}`;
}

function batches<T>(items: readonly T[]): T[][] {
  const count = Math.ceil(items.length / TABLES_AT_ONCE);
  return Array.from({ length: count }, (_, index) => items.slice(index * TABLES_AT_ONCE, (index + 1) * TABLES_AT_ONCE));
}
