import type { Catalog, CatalogColumn, Relationship } from '../../catalog/catalog.js';
import { guessSensitivity } from '../../catalog/guess-sensitivity.js';
import { COLUMNS, FOREIGN_KEYS, INDEXES, JSON_CHECKS, TABLES } from './catalogue-queries.js';
import { catalogueType } from './column-types.js';
import { countSmallTables, describeColumns, readValues } from './small-values.js';
import type { MySqlSession } from './session.js';
import type { SourceColumn, SourceTable } from './source-table.js';

type Row = readonly (string | null)[];
type Tables = ReadonlyMap<string, SourceTable>;

/** Engines whose rows are in the server itself. */
const STORING = new Set([
  'innodb',
  'myisam',
  'aria',
  'memory',
  'rocksdb',
  'tokudb',
  'archive',
  'columnstore',
  'ndbcluster',
]);
const SETTLE_MS = 2_000;

/**
 * Describes what the account may read in the database that is connected to: from information_schema, without reading
 * tables; then counts small tables and reads a bounded number of rows for a bounded time. Row counts of larger tables are
 * the server's estimates.
 *
 * @throws whatever the session throws
 */
export async function introspectMySql(session: MySqlSession): Promise<Catalog> {
  const { database, version } = session;
  // MySQL 8 would tell row counts that are up to a day old.
  if (!version.isMariaDb) {
    await session.attempt(SETTLE_MS, () => session.rows('SET SESSION information_schema_stats_expiry = 0'));
  }
  const tables = new Map((await session.rows(TABLES, [database])).map((row) => [row[0] ?? '', tableOf(row)]));
  for (const row of await session.rows(COLUMNS, [database])) addColumn(tables.get(row[0] ?? ''), row);
  if (version.isMariaDb) {
    const checks = await session.attempt(SETTLE_MS, () => session.rows(JSON_CHECKS, [database]));
    for (const [table, column] of checks ?? []) nameJson(tables, table, column);
  }
  const described = [...tables.values()].filter(({ columns }) => columns.size > 0);
  await countSmallTables(session, described);
  const indexes = grouped(await session.rows(INDEXES, [database]));
  for (const index of indexes) addIndex(tables, index);
  const relationships = grouped(await session.rows(FOREIGN_KEYS, [database])).flatMap((key) => foreignKey(tables, key));
  await describeColumns(session, described);
  for (const index of indexes) addDistinct(tables, index);
  await readValues(session, described);
  for (const { entry } of described) for (const column of entry.columns) column.sensitivity = sensitivity(column);
  return { tables: described.map(({ entry }) => entry), relationships };
}

function tableOf([name, type, engine, rows, comment]: Row): SourceTable {
  return {
    stored: type !== 'VIEW' && STORING.has((engine ?? '').toLowerCase()),
    entry: {
      name: name ?? '',
      // Of a view it says VIEW, or that it cannot be read.
      description: type === 'VIEW' || !comment ? null : comment,
      synonyms: [],
      hidden: false,
      rowCount: Number(rows ?? 0),
      primaryKey: [],
      columns: [],
    },
    columns: new Map(),
  };
}

function addColumn(
  table: SourceTable | undefined,
  [, name, dataType, nativeType, nullable, comment, longest]: Row,
): void {
  if (!table || name === null || name === undefined) return;
  const entry: CatalogColumn = {
    name,
    type: catalogueType(dataType ?? ''),
    nativeType: nativeType ?? '',
    nullable: nullable === 'YES',
    description: comment ? comment : null,
    synonyms: [],
    hidden: false,
    sensitivity: 'none',
    stats: { distinct: null, nulls: nullable === 'YES' ? null : 0, min: null, max: null, samples: [] },
    values: null,
  };
  table.entry.columns.push(entry);
  table.columns.set(name, {
    entry,
    dataType: (dataType ?? '').toLowerCase(),
    longest: longest ? Number(longest) : Infinity,
    isIndexed: false,
  });
}

function nameJson(tables: Tables, table: string | null | undefined, name: string | null | undefined): void {
  const column = tables.get(table ?? '')?.columns.get(name ?? '');
  if (column?.dataType === 'longtext') column.entry.type = 'json';
}

/** Rows that begin with the same two cells: those of one index or key. */
function grouped(rows: readonly Row[]): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.slice(0, 2));
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}

function columnsOf(tables: Tables, index: readonly Row[]): { table: SourceTable; columns: SourceColumn[] } | null {
  const table = tables.get(index[0]?.[0] ?? '');
  const columns = index.flatMap((row) => table?.columns.get(row[2] ?? '') ?? []);
  return table && columns.length === index.length ? { table, columns } : null;
}

function addIndex(tables: Tables, index: readonly Row[]): void {
  const found = columnsOf(tables, index);
  if (!found) return;
  const [first] = found.columns;
  if (first) first.isIndexed = true;
  if (index[0]?.[1] === 'PRIMARY') found.table.entry.primaryKey = found.columns.map(({ entry }) => entry.name);
}

/** What an index knows of its first column, where nobody has counted. */
function addDistinct(tables: Tables, index: readonly Row[]): void {
  const found = columnsOf(tables, index);
  const [first] = found?.columns ?? [];
  const [row] = index;
  if (!found || !first || !row) return;
  const { stats } = first.entry;
  const isUnique = row[3] === '0' && index.length === 1;
  if (isUnique) stats.distinct = found.table.entry.rowCount - (stats.nulls ?? 0);
  else if (row[4] !== null && row[4] !== undefined) stats.distinct ??= Number(row[4]);
}

/** Foreign keys of several columns are left out: a relationship is about one, and half a key relates the wrong rows. */
function foreignKey(tables: Tables, key: readonly Row[]): Relationship[] {
  const [row] = key;
  const found = columnsOf(tables, key);
  const target = tables.get(row?.[3] ?? '')?.columns.get(row?.[4] ?? '');
  const column = found?.columns[0];
  if (key.length !== 1 || !found || !column || !target) return [];
  return [
    {
      from: { table: found.table.entry.name, column: column.entry.name },
      to: { table: row?.[3] ?? '', column: target.entry.name },
      origin: 'declared',
      confidence: 1,
    },
  ];
}

function sensitivity({ name, type, stats }: CatalogColumn): CatalogColumn['sensitivity'] {
  return guessSensitivity({ name, type, samples: stats.samples });
}
