import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Catalog, CatalogColumn, Relationship } from '../../catalog/catalog.js';
import { guessSensitivity } from '../../catalog/guess-sensitivity.js';
import { COLUMNS, KEYS, STATISTICS, TABLES } from './catalogue-queries.js';
import { postgresType, type TypeRow } from './column-types.js';
import { columnStats, NO_STATISTICS, type Statistics } from './column-statistics.js';
import type { PostgresSession } from './session.js';
import { countSmallTables, readValues } from './small-values.js';
import type { SourceTable } from './source-table.js';
import { readUserTypes } from './user-types.js';

type Row = readonly (string | null)[];

/**
 * Describes everything that the role may read: from the system catalogues and the statistics that the server keeps of
 * its own, without reading tables; then counts small tables and reads the values of short texts, a bounded number of
 * rows for a bounded time. A table whose schema is the first of the role's search path has its bare name, others
 * `schema.table`. Statistics are as old as the last ANALYZE.
 *
 * @throws whatever the session throws
 */
export async function introspectPostgres(session: PostgresSession): Promise<Catalog> {
  const tables = (await session.rows(TABLES, [session.defaultSchema])).map(tableOf);
  const columns = await session.rows(COLUMNS);
  const userTypes = await readUserTypes(
    session,
    columns.map((row) => Number(row[3])),
  );
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  for (const row of columns) addColumn(byOid.get(row[0] ?? ''), row, userTypes);
  const described = tables.filter(({ entry }) => entry.columns.length > 0);
  await countSmallTables(session, described);
  const statistics = readStatistics(await session.rows(STATISTICS));
  // Between steps that take a while where there are thousands of tables, others get their turn.
  await nextTurn();
  describeColumns(described, statistics);
  const relationships = addKeys(byOid, await session.rows(KEYS));
  await readValues(session, described);
  await nextTurn();
  for (const { entry } of described) for (const column of entry.columns) column.sensitivity = sensitivity(column);
  return { tables: described.map(({ entry }) => entry), relationships, defaultSchema: session.defaultSchema };
}

function tableOf([oid, schema, relation, kind, rows, pages, description, bare]: Row): SourceTable {
  return {
    oid: oid ?? '',
    schema: schema ?? '',
    relation: relation ?? '',
    stored: kind !== 'v' && kind !== 'f',
    pages: Number(pages),
    entry: {
      name: bare === 't' ? (relation ?? '') : `${schema}.${relation}`,
      description: description ?? null,
      synonyms: [],
      hidden: false,
      rowCount: Math.max(0, Number(rows)),
      primaryKey: [],
      columns: [],
    },
    byNumber: new Map(),
  };
}

function addColumn(
  table: SourceTable | undefined,
  [, position, name, oid, modifier, nativeType, notNull, description]: Row,
  userTypes: ReadonlyMap<number, TypeRow>,
): void {
  if (!table) return;
  const { type } = postgresType({ oid: Number(oid), modifier: Number(modifier) }, userTypes);
  const column: CatalogColumn = {
    name: name ?? '',
    type,
    nativeType: nativeType ?? '',
    nullable: notNull !== 't',
    description: description ?? null,
    synonyms: [],
    hidden: false,
    sensitivity: 'none',
    stats: { distinct: null, nulls: null, min: null, max: null, samples: [] },
    values: null,
  };
  table.entry.columns.push(column);
  table.byNumber.set(Number(position), column);
}

/** What the server has counted, by the names of schema, table and column. */
function readStatistics(rows: readonly Row[]): Map<string, Statistics> {
  return new Map(
    rows.map(([schema, table, column, nulls, distinct, , frequent, kept, low, high]) => [
      columnKey(schema, table, column),
      {
        nullShare: Number(nulls),
        distinct: Number(distinct),
        frequent: frequent ? (JSON.parse(frequent) as string[]) : [],
        frequentKept: Number(kept ?? 0),
        low: low ?? null,
        high: high ?? null,
      },
    ]),
  );
}

function describeColumns(tables: readonly SourceTable[], statistics: ReadonlyMap<string, Statistics>): void {
  for (const { schema, relation, entry } of tables) {
    for (const column of entry.columns) {
      const known = statistics.get(columnKey(schema, relation, column.name)) ?? NO_STATISTICS;
      column.stats = columnStats(column.type, entry.rowCount, known);
    }
  }
}

/** No name of PostgreSQL holds a NUL. */
function columnKey(...names: (string | null | undefined)[]): string {
  return names.join('\0');
}

/** Foreign keys of several columns are left out: a relationship is about one, and half a key relates the wrong rows. */
function addKeys(byOid: ReadonlyMap<string, SourceTable>, rows: readonly Row[]): Relationship[] {
  const relationships: Relationship[] = [];
  for (const [kind, oid, numbers, otherOid, otherNumbers] of rows) {
    const table = byOid.get(oid ?? '');
    const columns = columnsAt(table, numbers);
    if (!table || columns === null) continue;
    const [only] = columns;
    if (kind === 'p') table.entry.primaryKey = columns.map(({ name }) => name);
    if (columns.length !== 1 || !only) continue;
    if (kind === 'p' || kind === 'u') {
      only.stats.distinct = table.entry.rowCount - (only.stats.nulls ?? 0);
      continue;
    }
    const other = byOid.get(otherOid ?? '');
    const target = columnsAt(other, otherNumbers)?.[0];
    if (!other || !target) continue;
    relationships.push({
      from: { table: table.entry.name, column: only.name },
      to: { table: other.entry.name, column: target.name },
      origin: 'declared',
      confidence: 1,
    });
  }
  return relationships;
}

/** @returns null when the role may not read one of them */
function columnsAt(table: SourceTable | undefined, numbers: string | null | undefined): CatalogColumn[] | null {
  const positions = numbers ? (JSON.parse(numbers) as number[]) : [];
  const columns = positions.flatMap((position) => table?.byNumber.get(position) ?? []);
  return columns.length === positions.length && columns.length > 0 ? columns : null;
}

function sensitivity({ name, type, stats }: CatalogColumn): CatalogColumn['sensitivity'] {
  return guessSensitivity({ name, type, samples: stats.samples });
}
