import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { ResultColumn } from '../../charts/contract.js';
import { EngineError } from '../../errors.js';
import type { RunRequest } from '../connector.js';
import { distinctNames } from './column-names.js';
import { columnType, lossless } from './column-types.js';
import { messageOf } from './query-errors.js';
import { identifier, literal, literalList, TABLE_FORMAT } from './sql-text.js';
import { columnsMetadata } from './stored-result.js';

/**
 * A sequence in the instance itself that counts rows as they are written, so that a result can be written in one pass and
 * still know exactly whether it was cut.
 */
export const ROW_COUNTER = {
  create: ['CREATE SCHEMA lumiere', 'CREATE SEQUENCE lumiere.beyond_limit', 'CREATE SEQUENCE lumiere.rows'],
  noteBeyond: `nextval('lumiere.beyond_limit') < 0`,
  readBeyond: `SELECT last_value IS NOT NULL FROM duckdb_sequences() WHERE sequence_name = 'beyond_limit'`,
  next: `nextval('lumiere.rows')`,
} as const;

/** What the statement of `writeWhole` ends with when there are more rows than wanted. */
const TOO_MANY = 'lumiere: more rows than wanted';
/** A row group of Parquet: fewer rows are written by one thread in any case. */
const SHARED_ROWS = 122_880;
/** A longer text would be in memory several times while it is written. Sources that send rows have the same bound. */
const MAX_VALUE_BYTES = 32_000_000;
const TOO_LONG = 'lumiere: a value is too long';

/** How a statement is run. */
export interface StoreOptions {
  /** Threads that the instance works with. */
  threads: number;
  /** The Parquet files of the tables that it reads. */
  files: readonly string[];
}

export interface StoredSummary {
  columns: ResultColumn[];
  rowCount: number;
  truncated: boolean;
}

interface Output {
  /** The statement, with its columns named by position. */
  source: string;
  columns: readonly (ResultColumn & { castTo: string | null })[];
  resultFile: string;
}

/**
 * Runs a statement and writes its first `maxRows` rows, in their order, as Parquet, without passing through JavaScript. The
 * instance must have been prepared with `ROW_COUNTER.create`.
 *
 * @throws EngineError `query_result_too_large` for a text of more than 32 MB; whatever DuckDB throws
 */
export async function storeResult(
  connection: DuckDBConnection,
  request: Pick<RunRequest, 'sql' | 'resultFile' | 'limits'>,
  options: StoreOptions,
): Promise<StoredSummary> {
  const { resultFile, limits } = request;
  const { maxRows } = limits;
  const sql = request.sql.startsWith('EXPLAIN ') ? await planAsTable(connection, request.sql) : request.sql;
  const columns = await resultColumns(connection, sql);
  const names = columns.map((_, index) => `c${index}`).join(', ');
  const output = { source: `(${sql}\n) AS answer(${names})`, columns, resultFile };
  const described = columns.map(({ name, type }) => ({ name, type }));
  try {
    if (await mayFit(connection, options, maxRows)) {
      const rowCount = await writeWhole(connection, output, maxRows);
      if (rowCount !== null) return { columns: described, rowCount, truncated: false };
    }
    return { columns: described, ...(await writeFirst(connection, output, maxRows)) };
  } catch (error) {
    throw messageOf(error).includes(TOO_LONG) ? valueTooLong() : error;
  }
}

/** Whether all rows are likely to be wanted, and so many that it matters. Asking DuckDB would print every constant. */
async function mayFit(
  connection: DuckDBConnection,
  { threads, files }: StoreOptions,
  maxRows: number,
): Promise<boolean> {
  if (threads === 1 || maxRows <= SHARED_ROWS) return false;
  // A file with fewer bytes than there may be rows has fewer rows, too, unless they are all alike.
  if (files.every((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= maxRows)) return true;
  const largest = `SELECT max(num_rows) FROM parquet_file_metadata(${literalList(files)})`;
  return Number((await connection.runAndReadAll(largest)).getRows()[0]?.[0] ?? 0) <= maxRows;
}

/**
 * Writes all rows, with every thread there is: a LIMIT, or a number for every row, would leave the work to one of them.
 *
 * @returns the number of rows; null when there are more than `maxRows`, and then the file is no result
 */
async function writeWhole(connection: DuckDBConnection, output: Output, maxRows: number): Promise<number | null> {
  // Of the first column, and not a condition: DuckDB would ask a condition before it takes equal rows together.
  const counted = `CASE WHEN ${ROW_COUNTER.next} <= ${maxRows} THEN c0 ELSE error(${literal(TOO_MANY)}) END`;
  const select = `SELECT ${outputColumns(output, counted)} FROM ${output.source}`;
  try {
    return (await connection.run(copyStatement(select, output))).rowsChanged;
  } catch (error) {
    if (!messageOf(error).includes(TOO_MANY)) throw error;
    await rm(output.resultFile, { force: true });
    return null;
  }
}

/** Writes the first `maxRows` rows. */
async function writeFirst(
  connection: DuckDBConnection,
  output: Output,
  maxRows: number,
): Promise<{ rowCount: number; truncated: boolean }> {
  const select = `
      SELECT ${outputColumns(output, 'c0')}
      FROM (
        SELECT *, row_number() OVER () AS row_position
        FROM (SELECT * FROM ${output.source} LIMIT ${maxRows + 1})
      )
      WHERE CASE WHEN row_position <= ${maxRows} THEN true ELSE ${ROW_COUNTER.noteBeyond} END`;
  const copied = await connection.run(copyStatement(select, output));
  const beyond = await connection.runAndReadAll(ROW_COUNTER.readBeyond);
  return { rowCount: copied.rowsChanged, truncated: beyond.getRows()[0]?.[0] === true };
}

function copyStatement(select: string, { columns, resultFile }: Output): string {
  const described = columns.map(({ name, type }) => ({ name, type }));
  return `COPY (${select}) TO ${literal(resultFile)} (${TABLE_FORMAT}, ${columnsMetadata(described)})`;
}

function outputColumns({ columns }: Output, first: string): string {
  return columns
    .map((column, index) => {
      const value = bounded(column, index === 0 ? first : `c${index}`, `c${index}`);
      return `${column.castTo ? `CAST(${value} AS ${column.castTo})` : value} AS ${identifier(column.name)}`;
    })
    .join(', ');
}

/** The value, unless it is a text or binary that is too long. */
function bounded({ type, castTo }: Output['columns'][number], value: string, column: string): string {
  if (castTo !== null || (type !== 'text' && type !== 'binary')) return value;
  const bytes = type === 'text' ? `strlen(${column})` : `octet_length(${column})`;
  return `CASE WHEN ${bytes} > ${MAX_VALUE_BYTES} THEN error(${literal(TOO_LONG)}) ELSE ${value} END`;
}

function valueTooLong(): EngineError {
  return new EngineError(
    'query_result_too_large',
    `A value of the result is larger than ${MAX_VALUE_BYTES / 1_000_000} MB. Leave its column out, or cut it.`,
    { details: { max_bytes: MAX_VALUE_BYTES } },
  );
}

/** COPY takes no EXPLAIN: the plan is put into a table of the instance, and a statement that reads it is given. */
async function planAsTable(connection: DuckDBConnection, sql: string): Promise<string> {
  const plan = await connection.runAndReadAll(sql);
  await connection.run('CREATE TABLE lumiere.plan (explain_key VARCHAR, explain_value VARCHAR)');
  for (const [key, value] of plan.getRows()) {
    await connection.run('INSERT INTO lumiere.plan VALUES ($1, $2)', [String(key), String(value)]);
  }
  return 'SELECT explain_key, explain_value FROM lumiere.plan';
}

/** A PIVOT without values is several statements to DuckDB: those before the last look the values up. */
async function prepareLast(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  for (let index = 0; index < statements.count - 1; index += 1) {
    const earlier = await statements.prepare(index);
    await earlier.run();
    earlier.destroySync();
  }
  return statements.prepare(statements.count - 1);
}

async function resultColumns(
  connection: DuckDBConnection,
  sql: string,
): Promise<(ResultColumn & { castTo: string | null })[]> {
  const statement = await prepareLast(connection, sql);
  try {
    const indexes = Array.from({ length: statement.columnCount }, (_, index) => index);
    const names = distinctNames(indexes.map((index) => statement.columnName(index)));
    return indexes.map((index) => {
      const type = statement.columnType(index);
      return { name: names[index] ?? '', type: columnType(type), castTo: lossless(type) };
    });
  } finally {
    statement.destroySync();
  }
}
