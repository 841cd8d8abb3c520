/** Reading back what a run has stored: one Parquet file that carries the meaning of its columns in its own metadata. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CellValue, ResultColumn } from '../../charts/contract.js';
import { cellValue } from './cell-values.js';
import { columnType } from './column-types.js';
import type { InstanceBounds, TaskContext } from './engine-bounds.js';
import { runLocked } from './locked-run.js';
import { queryError } from './query-errors.js';
import { rowBytes } from './row-bytes.js';
import { literal, parquetRows } from './sql-text.js';

/** The key under which a result's columns stand in the Parquet file, as JSON. */
const COLUMNS_KEY = 'lumiere.columns';

/** First rows are kept in memory for a while: they are read up to about this size, and one row in any case. */
export const FIRST_ROWS_BYTES = 8_000_000;

export interface StoredRows {
  file: string;
  /** Rows to leave out, from 0. */
  offset: number;
  /** Most rows to give. */
  limit: number;
  /** Reading stops before the row that would make the page larger than this; one row is given in any case. */
  maxBytes?: number;
}

export interface Page {
  columns: ResultColumn[];
  rows: CellValue[][];
}

/** The option of COPY that writes the columns' meaning into the file. */
export function columnsMetadata(columns: readonly ResultColumn[]): string {
  return `KV_METADATA {${literal(COLUMNS_KEY)}: ${literal(JSON.stringify(columns))}}`;
}

/**
 * Rows of a stored result, in their stored order, as JSON values.
 *
 * @throws EngineError `query_cancelled`, `query_failed` when the file cannot be read
 */
export async function readStored(
  { bounds, file, offset, limit, maxBytes }: StoredRows & { bounds: InstanceBounds },
  context: TaskContext,
): Promise<Page> {
  try {
    return await runLocked({ ...bounds, files: [file] }, context, async (connection) => {
      const meaning = await storedColumns(connection, file);
      return readRows(connection, `FROM ${parquetRows(file)} LIMIT ${limit} OFFSET ${offset}`, meaning, maxBytes);
    });
  } catch (error) {
    throw queryError(error);
  }
}

/**
 * Runs a SELECT and gives its rows as JSON values; `meaning` overrides the types that the statement itself has. Rows are
 * taken as they come, and no more of them than fit into `maxBytes`, the first in any case.
 */
export async function readRows(
  connection: DuckDBConnection,
  sql: string,
  meaning: readonly ResultColumn[] | null = null,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<Page> {
  const result = await connection.stream(sql);
  const types = result.columnTypes();
  const columns = result
    .deduplicatedColumnNames()
    .map((name, index) => meaning?.[index] ?? { name, type: typeAt(types, index) });
  const rows: CellValue[][] = [];
  let bytes = 0;
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return { columns, rows };
    const vectors = types.map((_, index) => chunk.getColumnVector(index));
    for (let position = 0; position < chunk.rowCount; position += 1) {
      const row = types.map((type, index) =>
        cellValue(vectors[index]?.getItem(position) ?? null, type, columns[index]?.type),
      );
      bytes += rowBytes(row);
      if (bytes > maxBytes && rows.length > 0) return { columns, rows };
      rows.push(row);
    }
  }
}

function typeAt(types: readonly Parameters<typeof columnType>[0][], index: number): ResultColumn['type'] {
  const type = types[index];
  return type ? columnType(type) : 'unknown';
}

/** The columns that a run has noted in its result; null where it has not. */
export async function storedColumns(connection: DuckDBConnection, file: string): Promise<ResultColumn[] | null> {
  const reader = await connection.runAndReadAll(
    `SELECT decode(value) FROM parquet_kv_metadata(${literal(file)}) WHERE decode(key) = ${literal(COLUMNS_KEY)}`,
  );
  const text = reader.getRows()[0]?.[0];
  return typeof text === 'string' ? (JSON.parse(text) as ResultColumn[]) : null;
}
