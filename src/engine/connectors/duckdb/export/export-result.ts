/** Giving out a whole stored result, row by row as it is read: nothing is written, and no more is in memory than is being sent. */
import { setImmediate as turn } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBVector } from '@duckdb/node-api';
import type { CellValue, ResultColumn } from '../../../charts/contract.js';
import { EngineError } from '../../../errors.js';
import { cellValue } from '../cell-values.js';
import { cancelled } from '../interruption.js';
import type { EngineBounds } from '../engine-bounds.js';
import { openLockedInstance } from '../locked-instance.js';
import { queryError } from '../query-errors.js';
import { identifier, parquetRows } from '../sql-text.js';
import { storedColumns } from '../stored-result.js';
import { columnType } from '../column-types.js';
import type { ExportFormat, StoredColumn } from './export-format.js';

export interface ExportRequest {
  file: string;
  format: (columns: readonly StoredColumn[]) => ExportFormat;
  bounds: EngineBounds;
  /** Aborting it ends the export with `query_cancelled`. */
  signal: AbortSignal;
}

/** About the size of a piece, in bytes: rows are encoded in such portions, and between them others get their turn. */
const PIECE_BYTES = 256 * 1024;
const FIRST_ROWS = 64;
const MOST_ROWS = 2048;
/** Rows that are made into values at once. */
const PORTION_ROWS = 512;

/**
 * The whole of a stored result in a format, piece by piece. The next rows are read while a piece is on its way, and no
 * further: whoever takes the pieces slowly slows the reading. Ending the iteration early closes the file.
 *
 * @throws EngineError `query_cancelled`, `query_failed` when the file cannot be read
 */
export async function* exportResult(request: ExportRequest): AsyncGenerator<Uint8Array, void, void> {
  const { file, signal, bounds } = request;
  if (signal.aborted) throw cancelled();
  // On one thread the rows come in their order.
  const instance = await openLockedInstance({ ...bounds, threads: 1, files: [file] });
  const interrupt = (): void => instance.connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    yield* pieces(instance.connection, request);
  } catch (error) {
    throw signal.aborted ? cancelled() : queryError(error);
  } finally {
    signal.removeEventListener('abort', interrupt);
    await instance.close();
  }
}

/**
 * Hands over the rows of a stored result in portions, in their order and as JSON values, to who makes something of them that
 * needs no bytes; the next are read when the ones before were taken.
 *
 * @throws EngineError `query_cancelled`, `query_failed` when the file cannot be read; and what `use` throws
 */
export async function readResult<T>(
  { file, signal, bounds }: Omit<ExportRequest, 'format'>,
  use: (columns: readonly ResultColumn[], portions: AsyncIterable<CellValue[][]>) => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw cancelled();
  const instance = await openLockedInstance({ ...bounds, threads: 1, files: [file] });
  const interrupt = (): void => instance.connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const columns = await columnsOf(instance.connection, file);
    const told = columns.map(({ name, type }) => ({ name, type }));
    return await use(told, portions(instance.connection, file, columns, signal));
  } catch (error) {
    throw signal.aborted ? cancelled() : error;
  } finally {
    signal.removeEventListener('abort', interrupt);
    await instance.close();
  }
}

async function* portions(
  connection: DuckDBConnection,
  file: string,
  columns: readonly StoredColumn[],
  signal: AbortSignal,
): AsyncGenerator<CellValue[][], void, void> {
  try {
    const select = columns.map(({ name }) => identifier(name));
    for await (const { vectors, rowCount } of chunks(connection, file, select, signal)) {
      for (let from = 0; from < rowCount; from += PORTION_ROWS) {
        const rows: CellValue[][] = [];
        for (let row = from; row < Math.min(from + PORTION_ROWS, rowCount); row += 1) {
          rows.push(
            columns.map(({ stored, type }, index) => cellValue(vectors[index]?.getItem(row) ?? null, stored, type)),
          );
        }
        yield rows;
        await turn();
      }
    }
  } catch (error) {
    throw queryError(error);
  }
}

async function* pieces(
  connection: DuckDBConnection,
  { file, format: make, signal }: ExportRequest,
): AsyncGenerator<Uint8Array, void, void> {
  const format = make(await columnsOf(connection, file));
  let head: Uint8Array | null = format.begin();
  let rows = FIRST_ROWS;
  for await (const { vectors, rowCount } of chunks(connection, file, format.select, signal)) {
    for (let from = 0; from < rowCount;) {
      const to = Math.min(from + rows, rowCount);
      const piece = format.encode(vectors, from, to);
      yield head === null ? piece : Buffer.concat([head, piece]);
      head = null;
      rows = suitable(to - from, piece.byteLength);
      from = to;
      await turn();
    }
  }
  yield Buffer.concat([...(head === null ? [] : [head]), format.end()]);
}

/** Expressions over the rows of a file, chunk by chunk; the next one is read while one is worked on. */
async function* chunks(
  connection: DuckDBConnection,
  file: string,
  select: readonly string[],
  signal: AbortSignal,
): AsyncGenerator<{ vectors: DuckDBVector[]; rowCount: number }, void, void> {
  const expected = await countRows(connection, file);
  let given = 0;
  const result = await connection.stream(`SELECT ${select.join(', ')} FROM ${parquetRows(file)}`);
  let ahead = result.fetchChunk();
  try {
    for (;;) {
      const chunk = await ahead;
      if (signal.aborted) throw cancelled();
      if (chunk === null || chunk.rowCount === 0) break;
      ahead = result.fetchChunk();
      given += chunk.rowCount;
      yield { vectors: select.map((_, index) => chunk.getColumnVector(index)), rowCount: chunk.rowCount };
    }
    // A stream of the driver's that breaks off looks like one that has ended.
    if (given !== expected) throw new EngineError('query_failed', 'The stored result is damaged. Run the query again.');
  } finally {
    // The engine must not be closed while it reads.
    await Promise.allSettled([ahead]);
  }
}

/** As many rows as make a piece of the wanted size, if they are like those before, but not many more at once. */
function suitable(rows: number, bytes: number): number {
  const wished = Math.floor((rows * PIECE_BYTES) / Math.max(1, bytes));
  return Math.max(1, Math.min(wished, rows * 4, MOST_ROWS));
}

async function countRows(connection: DuckDBConnection, file: string): Promise<number> {
  const reader = await connection.runAndReadAll(`SELECT count(*) FROM ${parquetRows(file)}`);
  return Number(reader.getRows()[0]?.[0]);
}

async function columnsOf(connection: DuckDBConnection, file: string): Promise<StoredColumn[]> {
  const meaning = await storedColumns(connection, file);
  const shape = await connection.run(`FROM ${parquetRows(file)} LIMIT 0`);
  const names = shape.deduplicatedColumnNames();
  return shape.columnTypes().map((stored, index) => {
    const name = names[index] ?? '';
    return { ...(meaning?.[index] ?? { name, type: columnType(stored) }), stored };
  });
}
