import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { CatalogColumn, CatalogTable, ColumnType } from '../../catalog/catalog.js';
import { guessSensitivity } from '../../catalog/guess-sensitivity.js';
import { primaryKeyCandidates } from '../../catalog/key-columns.js';
import { columnType, nativeType } from './column-types.js';
import type { EngineBounds } from './locked-instance.js';
import { runLocked } from './locked-run.js';
import { queryError } from './query-errors.js';
import { identifier, literal, parquetRows } from './sql-text.js';

export interface ProfileRequest extends EngineBounds {
  tables: readonly { name: string; file: string }[];
  signal: AbortSignal;
}

interface ProfiledColumn {
  name: string;
  /** The name in SQL. */
  sql: string;
  type: ColumnType;
  nativeType: string;
}

/** Largest number of distinct values that is counted exactly. */
const EXACT_DISTINCT = 10_000;
/** A text column with at most so many values, of at most this mean length, keeps them all. */
const MAX_VALUES = 5_000;
const MAX_VALUE_LENGTH = 64;
const MAX_SAMPLES = 10;
const MAX_SAMPLE_LENGTH = 200;
/** Columns described by one statement. */
const COLUMNS_AT_ONCE = 100;
/** Where nearly every value is different, the most frequent of this many rows stand for all. */
const SAMPLED_ROWS = 50_000;
/** Values longer than this on average are documents; grouping by them would cost more than it tells. */
const MAX_GROUPED_LENGTH = 1_000;

const ORDERED = new Set<ColumnType>([
  ...(['boolean', 'integer', 'decimal', 'float', 'text'] as const),
  ...(['date', 'time', 'timestamp', 'timestamptz', 'uuid'] as const),
]);

/**
 * Describes Parquet tables: the row count from the file's own metadata, then for every column its type, nulls, distinct
 * values (exact up to 10,000, HyperLogLog beyond), range, most frequent values and, for short texts with few values, all
 * of them. Binary and nested columns get their nulls only. A wide or long table costs more statements, not more memory.
 *
 * @throws EngineError `query_cancelled`, `query_failed` when a file cannot be read
 */
export async function profileTables(request: ProfileRequest): Promise<CatalogTable[]> {
  const { tables, signal } = request;
  try {
    return await runLocked(
      { ...request, files: tables.map(({ file }) => file) },
      { signal },
      async (connection) => {
        const profiled: CatalogTable[] = [];
        for (const { name, file } of tables) profiled.push(await profileTable(connection, name, file));
        return profiled;
      },
    );
  } catch (error) {
    throw queryError(error);
  }
}

async function profileTable(connection: DuckDBConnection, name: string, file: string): Promise<CatalogTable> {
  const rows = parquetRows(file);
  const rowCount = Number(
    (await values(connection, `SELECT num_rows FROM parquet_file_metadata(${literal(file)})`))[0]?.[0] ?? 0,
  );
  const profiled = await readColumns(connection, rows);
  const columns: CatalogColumn[] = [];
  for (let start = 0; start < profiled.length; start += COLUMNS_AT_ONCE) {
    const some = profiled.slice(start, start + COLUMNS_AT_ONCE);
    columns.push(...(await profileColumns(connection, rows, rowCount, some)));
  }
  const table = { name, description: null, synonyms: [], hidden: false, rowCount, primaryKey: [], columns };
  return { ...table, primaryKey: await findPrimaryKey(connection, rows, table) };
}

async function readColumns(connection: DuckDBConnection, rows: string): Promise<ProfiledColumn[]> {
  const statement = await connection.prepare(`FROM ${rows}`);
  try {
    return Array.from({ length: statement.columnCount }, (_, index) => {
      const name = statement.columnName(index);
      const type = statement.columnType(index);
      return { name, sql: identifier(name), type: columnType(type), nativeType: nativeType(type) };
    });
  } finally {
    statement.destroySync();
  }
}

async function profileColumns(
  connection: DuckDBConnection,
  rows: string,
  rowCount: number,
  columns: readonly ProfiledColumn[],
): Promise<CatalogColumn[]> {
  const measures = columns.flatMap(({ sql, type }) => {
    const printed = (measure: string): string => `left(CAST(${measure} AS VARCHAR), ${MAX_SAMPLE_LENGTH})`;
    if (!ORDERED.has(type)) return [`count(${sql})`, 'NULL', 'NULL', 'NULL', 'NULL'];
    return [
      `count(${sql})`,
      `approx_count_distinct(${sql})`,
      printed(`min(${sql})`),
      printed(`max(${sql})`),
      type === 'text' ? `avg(length(${sql}))` : 'NULL',
    ];
  });
  const [measured] = await values(connection, `SELECT ${measures.join(', ')} FROM ${rows}`);
  const profiled: CatalogColumn[] = [];
  for (const [index, column] of columns.entries()) {
    const [count, approximate, min, max, meanLength] = (measured ?? []).slice(index * 5, index * 5 + 5);
    const frequent = await frequentValues(connection, rows, column, Number(approximate ?? 0), Number(meanLength ?? 0));
    const samples = frequent.values.slice(0, MAX_SAMPLES);
    profiled.push({
      name: column.name,
      type: column.type,
      nativeType: column.nativeType,
      nullable: Number(count) < rowCount,
      description: null,
      synonyms: [],
      hidden: false,
      sensitivity: guessSensitivity({ name: column.name, type: column.type, samples }),
      stats: {
        distinct: ORDERED.has(column.type) ? (frequent.distinct ?? Number(approximate)) : null,
        nulls: rowCount - Number(count),
        min: text(min, column.type),
        max: text(max, column.type),
        samples: samples.map((value) => [...value].slice(0, MAX_SAMPLE_LENGTH).join('')),
      },
      values: frequent.complete ? frequent.values : null,
    });
  }
  return profiled;
}

interface FrequentValues {
  /** Most frequent first; in an exact grouping, equally frequent ones in their own order. */
  values: string[];
  /** Exact number of distinct values; null when it was not counted. */
  distinct: number | null;
  /** True when `values` is every value of a text column that is worth keeping whole. */
  complete: boolean;
}

async function frequentValues(
  connection: DuckDBConnection,
  rows: string,
  { sql, type }: ProfiledColumn,
  approximate: number,
  meanLength: number,
): Promise<FrequentValues> {
  if (!ORDERED.has(type) || approximate === 0) return { values: [], distinct: approximate || null, complete: false };
  // The approximation errs by a few per cent; the margin keeps a column of just under the bound on the exact side.
  const exact = approximate <= EXACT_DISTINCT * 1.2 && meanLength <= MAX_GROUPED_LENGTH;
  const keepsAll = exact && type === 'text' && meanLength <= MAX_VALUE_LENGTH;
  const source = exact ? rows : `(SELECT ${sql} FROM ${rows} LIMIT ${SAMPLED_ROWS})`;
  const grouped = await values(
    connection,
    `SELECT CAST(value AS VARCHAR), count(*) OVER ()
     FROM (SELECT ${sql} AS value, count(*) AS frequency FROM ${source} WHERE ${sql} IS NOT NULL GROUP BY 1)
     ORDER BY frequency DESC, value LIMIT ${keepsAll ? MAX_VALUES + 1 : MAX_SAMPLES}`,
  );
  const distinct = exact ? Number(grouped[0]?.[1] ?? 0) : null;
  const printed = grouped.flatMap(([value]) => text(value, type) ?? []);
  return {
    values: printed,
    distinct: distinct !== null && distinct <= EXACT_DISTINCT ? distinct : null,
    complete: keepsAll && printed.length <= MAX_VALUES,
  };
}

/** The statistics of a large table are approximate, so its key is counted exactly before it is believed. */
async function findPrimaryKey(connection: DuckDBConnection, rows: string, table: CatalogTable): Promise<string[]> {
  for (const { name, stats } of primaryKeyCandidates(table)) {
    if (stats.distinct === table.rowCount && table.rowCount <= EXACT_DISTINCT) return [name];
    const [counted] = await values(connection, `SELECT count(DISTINCT ${identifier(name)}) FROM ${rows}`);
    if (Number(counted?.[0]) === table.rowCount) return [name];
  }
  return [];
}

/** A value as text: ISO 8601 for moments; without NUL, which a system of record may not be able to store. */
function text(value: DuckDBValue | undefined, type: ColumnType): string | null {
  if (typeof value !== 'string' || (type === 'text' && value.includes('\0'))) return null;
  if (type === 'timestamp') return value.replace(' ', 'T');
  if (type === 'timestamptz') return value.replace(' ', 'T').replace(/\+00$/, 'Z');
  return value;
}

async function values(connection: DuckDBConnection, sql: string): Promise<DuckDBValue[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}
