import type { Catalog } from '../../catalog/catalog.js';
import { describedCatalog, newColumn, newTable } from '../remote/measured-columns.js';
import type { Cell, ClickHouseSession } from './clickhouse-session.js';
import { clickHouseType, isNullable } from './column-types.js';
import { measureTables, valueInclusion } from './measure-tables.js';
import type { SourceTable } from './source-table.js';

const TIMEOUT_MS = 30_000;
/** Engines whose rows lie in the server itself. */
const STORED = /(?:MergeTree|^Log|^TinyLog|^StripeLog|^Memory)$/;

/** name, engine, rows (null where nobody counts them), description, columns of the primary key. */
const TABLES = `
  SELECT name, engine, total_rows, comment, primary_key FROM system.tables
  WHERE database = currentDatabase() AND NOT is_temporary AND NOT startsWith(name, '.inner') ORDER BY name`;

/** table, name, type, description. */
const COLUMNS = `
  SELECT table, name, type, comment FROM system.columns
  WHERE database = currentDatabase() AND default_kind <> 'EPHEMERAL' ORDER BY table, position`;

/**
 * Describes the tables of the source's database that the user may see: from the system tables, and from rows of small
 * tables, a bounded number of them for a bounded time. A primary key of ClickHouse need not be unique; it is told as one
 * only where it was seen to be. Relationships are inferred.
 *
 * @throws whatever the session throws
 */
export async function introspectClickHouse(session: ClickHouseSession): Promise<Catalog> {
  const tables = (await session.rows(TABLES, { timeoutMs: TIMEOUT_MS })).map(tableOf);
  const byName = new Map(tables.map((table) => [table.entry.name, table]));
  for (const row of await session.rows(COLUMNS, { timeoutMs: TIMEOUT_MS })) addColumn(byName, row);
  const described = tables.filter(({ entry }) => entry.columns.length > 0);
  await measureTables(session, described);
  return describedCatalog(
    described.map(({ entry }) => entry),
    valueInclusion(session, byName),
  );
}

function tableOf([name, engine, rows, comment, key]: Cell[]): SourceTable {
  const description = textOf(comment) || null;
  const columns = textOf(key);
  return {
    entry: newTable({ name: textOf(name), description, rowCount: Number(rows ?? 0) }),
    stored: STORED.test(textOf(engine)),
    key: columns === '' ? [] : columns.split(', '),
  };
}

function addColumn(tables: ReadonlyMap<string, SourceTable>, [table, name, type, comment]: Cell[]): void {
  const nativeType = textOf(type);
  tables.get(textOf(table))?.entry.columns.push(
    newColumn({
      name: textOf(name),
      type: clickHouseType(nativeType).type,
      nativeType,
      nullable: isNullable(nativeType),
      description: textOf(comment) || null,
    }),
  );
}

function textOf(cell: Cell | undefined): string {
  return typeof cell === 'string' ? cell : '';
}
