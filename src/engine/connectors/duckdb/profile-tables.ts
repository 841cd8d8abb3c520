import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { CatalogColumn, CatalogTable, ColumnType } from '../../catalog/catalog.js';
import { guessSensitivity } from '../../catalog/guess-sensitivity.js';
import { primaryKeyCandidates } from '../../catalog/key-columns.js';
import { columnType, nativeType } from './column-types.js';
import type { EngineBounds } from './engine-bounds.js';
import { runLocked } from './locked-run.js';
import { queryError } from './query-errors.js';
import { identifier, literal, literalList, parquetRows } from './sql-text.js';

export interface ProfileRequest extends EngineBounds {
  tables: readonly { name: string; file: string }[];
  signal: AbortSignal;
}

interface ProfiledFile {
  file: string;
  /** The file's rows in SQL. */
  rows: string;
  rowCount: number;
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
const MAX_VALUE_BYTES = 64;
const MAX_SAMPLES = 10;
const MAX_SAMPLE_LENGTH = 200;
/** Columns described by one statement. */
const COLUMNS_AT_ONCE = 50;
/** Up to here a scan is cheaper than anything that spares it. */
const SMALL_TABLE_ROWS = 50_000;
/** Where nearly every value is different, the most frequent of this many rows stand for all. */
const SAMPLED_ROWS = 10_000;
/** Values longer than this on average are documents; grouping by them would cost more than it tells. */
const MAX_GROUPED_BYTES = 1_000;

/** Types whose values have an order, and so a range worth telling. */
const ORDERED = new Set<ColumnType>([
  'boolean',
  'integer',
  'decimal',
  'float',
  'text',
  'date',
  'time',
  'timestamp',
  'timestamptz',
  'uuid',
]);

/**
 * Describes Parquet tables: the row count from the file's own metadata, then for every column its type, nulls, distinct
 * values (exact up to 10,000, HyperLogLog beyond, and for the columns of large tables that are not text), range, most frequent values and, for short texts with few values, all
 * of them. Binary and nested columns get their nulls only. A wide or long table costs more statements, not more memory.
 *
 * @throws EngineError `query_cancelled`, `query_failed` when a file cannot be read
 */
export async function profileTables(request: ProfileRequest): Promise<CatalogTable[]> {
  const { tables, signal } = request;
  try {
    return await runLocked({ ...request, files: tables.map(({ file }) => file) }, { signal }, async (connection) => {
      const profiled: CatalogTable[] = [];
      for (const { name, file } of tables) profiled.push(await profileTable(connection, name, file));
      return profiled;
    });
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
    const narrow = profiled.length > COLUMNS_AT_ONCE && rowCount <= SMALL_TABLE_ROWS;
    const source = narrow ? await copyColumns(connection, rows, some) : rows;
    columns.push(...(await profileColumns(connection, { file, rows: source, rowCount }, some)));
  }
  const table = { name, description: null, synonyms: [], hidden: false, rowCount, primaryKey: [], columns };
  const primaryKey = await findPrimaryKey(connection, rows, table);
  for (const { name: column, stats } of columns) if (primaryKey.includes(column)) stats.distinct = rowCount;
  return { ...table, primaryKey };
}

/** Every statement that names a file of a thousand columns pays for them all, so some are copied next to each other. */
async function copyColumns(
  connection: DuckDBConnection,
  rows: string,
  columns: readonly ProfiledColumn[],
): Promise<string> {
  const names = columns.map(({ sql }) => sql).join(', ');
  await connection.run(`CREATE OR REPLACE TEMP TABLE some_columns AS SELECT ${names} FROM ${rows}`);
  return 'some_columns';
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

/** What the writer of a file noted about a column; `complete` is false where it noted no range for some rows. */
interface NotedRange {
  nulls: number;
  min: DuckDBValue;
  max: DuckDBValue;
  complete: boolean;
}

/** The statistics of the file's row groups, which cost nothing next to a scan. */
async function notedRanges(
  connection: DuckDBConnection,
  file: string,
  columns: readonly ProfiledColumn[],
): Promise<NotedRange[]> {
  const measures = columns.flatMap(({ name, type, nativeType: native }) => {
    const ofColumn = `FILTER (WHERE path_in_schema = ${literal(name)})`;
    if (!ORDERED.has(type)) return ['NULL', 'NULL', 'NULL', 'false'];
    const bound = (measure: string, stat: string): string =>
      `left(CAST(${measure}(TRY_CAST(${stat} AS ${native})) ${ofColumn} AS VARCHAR), ${MAX_SAMPLE_LENGTH})`;
    return [
      `sum(stats_null_count) ${ofColumn}`,
      bound('min', 'stats_min_value'),
      bound('max', 'stats_max_value'),
      `coalesce(bool_and(stats_null_count IS NOT NULL AND (stats_null_count = num_values OR
         TRY_CAST(stats_min_value AS ${native}) <= TRY_CAST(stats_max_value AS ${native}))) ${ofColumn}, false)`,
    ];
  });
  const [noted] = await values(
    connection,
    `SELECT ${measures.join(', ')} FROM parquet_metadata(${literal(file)})
     WHERE list_contains(${literalList(columns.map(({ name }) => name))}, path_in_schema)`,
  );
  return columns.map((_, index) => {
    const [nulls, min, max, complete] = (noted ?? []).slice(index * 4, index * 4 + 4);
    return { nulls: Number(nulls), min: min ?? null, max: max ?? null, complete: complete === true };
  });
}

async function profileColumns(
  connection: DuckDBConnection,
  { file, rows, rowCount }: ProfiledFile,
  columns: readonly ProfiledColumn[],
): Promise<CatalogColumn[]> {
  const noted = rowCount > SMALL_TABLE_ROWS ? await notedRanges(connection, file, columns) : [];
  const measures = columns.flatMap(({ sql, type }, index) => {
    if (!ORDERED.has(type)) return [`count(${sql})`, 'NULL', 'NULL', 'NULL', 'NULL'];
    const bound = (measure: string): string => `left(CAST(${measure}(${sql}) AS VARCHAR), ${MAX_SAMPLE_LENGTH})`;
    const known = noted[index]?.complete === true;
    return [
      known ? 'NULL' : `count(${sql})`,
      known ? 'NULL' : bound('min'),
      known ? 'NULL' : bound('max'),
      `approx_count_distinct(${sql})`,
      type === 'text' ? `avg(strlen(${sql}))` : 'NULL',
    ];
  });
  const [measured] = await values(connection, `SELECT ${measures.join(', ')} FROM ${rows}`);
  const profiled: CatalogColumn[] = [];
  for (const [index, column] of columns.entries()) {
    const [count, scannedMin, scannedMax, approximate, meanBytes] = (measured ?? []).slice(index * 5, index * 5 + 5);
    const range = noted[index];
    const [nulls, min, max] = range?.complete
      ? [range.nulls, range.min, range.max]
      : [rowCount - Number(count), scannedMin, scannedMax];
    const frequent = await frequentValues(
      connection,
      { rows, rowCount },
      column,
      Number(approximate ?? 0),
      Number(meanBytes ?? 0),
    );
    const samples = frequent.values.slice(0, MAX_SAMPLES);
    profiled.push({
      name: column.name,
      type: column.type,
      nativeType: column.nativeType,
      nullable: nulls > 0,
      description: null,
      synonyms: [],
      hidden: false,
      sensitivity: guessSensitivity({ name: column.name, type: column.type, samples }),
      stats: {
        distinct: ORDERED.has(column.type)
          ? (frequent.distinct ?? Math.min(Number(approximate), rowCount - nulls))
          : null,
        nulls,
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
  { rows, rowCount }: Pick<ProfiledFile, 'rows' | 'rowCount'>,
  { sql, type }: ProfiledColumn,
  approximate: number,
  meanBytes: number,
): Promise<FrequentValues> {
  if (!ORDERED.has(type) || approximate === 0) return { values: [], distinct: approximate || null, complete: false };
  // The approximation errs by a few per cent; the margin keeps a column of just under the bound on the exact side.
  const few = approximate <= EXACT_DISTINCT * 1.2 && meanBytes <= MAX_GROUPED_BYTES;
  // Words of a question are looked up among texts; of a large table's other columns a sample tells enough.
  const exact = few && (type === 'text' || rowCount <= SMALL_TABLE_ROWS);
  const keepsAll = exact && type === 'text' && meanBytes <= MAX_VALUE_BYTES;
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
