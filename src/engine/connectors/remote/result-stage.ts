import { closeSync, openSync, writeSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CellValue, ResultColumn } from '../../charts/contract.js';
import { EngineError } from '../../errors.js';
import type { RunRequest, RunSummary } from '../connector.js';
import type { EngineBounds } from '../duckdb/locked-instance.js';
import { runLocked } from '../duckdb/locked-run.js';
import { messageOf, queryError } from '../duckdb/query-errors.js';
import { resultTooLarge } from '../duckdb/result-size.js';
import { identifier, literal, parquetRows } from '../duckdb/sql-text.js';
import { columnsMetadata, FIRST_ROWS_BYTES, readRows } from '../duckdb/stored-result.js';
import {
  type ColumnReading,
  MAX_DECIMAL_WIDTH,
  misfit,
  readingAsText,
  readingTyped,
  type StagedColumn,
  stagedName,
  stagedRows,
} from './staged-columns.js';

export interface StageRequest extends Pick<RunRequest, 'resultFile' | 'limits' | 'firstRows' | 'signal' | 'progress'> {
  columns: readonly StagedColumn[];
  bounds: EngineBounds;
}

/** What arrived from the source. */
export interface StagedCount {
  rows: number;
  truncated: boolean;
  /** Bytes of the longest row, or more. */
  longestRow: number;
}

/**
 * The way of a remote result into a stored one. Rows come as the text of staged-columns.ts, cut anywhere, and are put into
 * a file beside the result, from which DuckDB writes the Parquet when all have arrived. No cell passes through JavaScript, and memory does not grow with the result.
 */
export class ResultStage {
  private readonly file: string;
  private descriptor: number | undefined;
  private bytes = 0;

  constructor(private readonly request: StageRequest) {
    this.file = `${request.resultFile}.rows`;
    this.descriptor = openSync(this.file, 'wx', 0o600);
  }

  /**
   * Takes rows as they come.
   *
   * @param rows belongs to the stage from now on
   * @param arrived how many rows have come, these included, where the source's protocol counts them
   * @throws EngineError `query_result_too_large`
   */
  write(rows: Buffer, arrived: number | null = null): undefined {
    const { limits, bounds, progress } = this.request;
    if (this.descriptor === undefined) return undefined;
    this.bytes += rows.length;
    if (this.bytes > bounds.maxSpillBytes) throw resultTooLarge(limits.maxResultBytes);
    // Not the asynchronous write: it would wait for a thread of the pool that other statements may be holding.
    for (let at = 0; at < rows.length;) at += writeSync(this.descriptor, rows, at);
    progress?.({ rows: arrived, bytes: this.bytes });
    return undefined;
  }

  /**
   * Writes what has arrived as the stored result and removes the stage.
   *
   * @throws EngineError `query_cancelled`, `query_out_of_memory`, `query_result_too_large`, `source_data_invalid`,
   *   `query_failed`
   */
  async finish(count: StagedCount): Promise<Omit<RunSummary, 'executionMs'>> {
    const { columns, resultFile, limits, firstRows = 0 } = this.request;
    this.closeFile();
    const described: ResultColumn[] = columns.map(({ name, type }) => ({ name, type }));
    await this.writeFromFile(described, count);
    const { size } = await stat(resultFile);
    if (size > limits.maxResultBytes) throw resultTooLarge(limits.maxResultBytes);
    const wanted = Math.min(firstRows, count.rows);
    const rows = wanted === 0 ? [] : await this.readBack(described, wanted);
    return { columns: described, rowCount: count.rows, truncated: count.truncated, rows, bytes: size };
  }

  /** Removes the stage, and the result too unless it is kept. To be called in every case. */
  async close(kept: boolean): Promise<void> {
    this.closeFile();
    await rm(this.file, { force: true });
    if (!kept) await rm(this.request.resultFile, { force: true });
  }

  private async writeFromFile(described: readonly ResultColumn[], { longestRow }: StagedCount): Promise<void> {
    const { columns, resultFile } = this.request;
    const rows = { file: this.file, longestRow };
    try {
      await this.locked([this.file, resultFile], async (db) => {
        const readings = await settledReadings(db, columns, rows);
        const copy = (as: readonly ColumnReading[]): Promise<unknown> =>
          db.run(copyStatement(as, described, rows, resultFile));
        try {
          await copy(readings);
        } catch (error) {
          if (!isConversion(error)) throw error;
          await copy(await fittingReadings(db, columns, readings, rows));
        }
      });
    } catch (error) {
      throw isUnreadable(error) ? notUtf8(error) : queryError(error);
    }
  }

  private async readBack(described: readonly ResultColumn[], wanted: number): Promise<CellValue[][]> {
    const { resultFile } = this.request;
    const sql = `FROM ${parquetRows(resultFile)} LIMIT ${wanted}`;
    const page = await this.locked([resultFile], (db) => readRows(db, sql, described, FIRST_ROWS_BYTES));
    return page.rows;
  }

  private locked<T>(files: readonly string[], work: (db: DuckDBConnection) => Promise<T>): Promise<T> {
    const { bounds, limits, signal } = this.request;
    return runLocked({ ...bounds, maxMemoryBytes: limits.maxMemoryBytes, threads: 1, files }, { signal }, work);
  }

  private closeFile(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}

function copyStatement(
  readings: readonly ColumnReading[],
  columns: readonly ResultColumn[],
  rows: Parameters<typeof stagedRows>[0],
  resultFile: string,
): string {
  const described = columns.map(({ name, type }) => ({ name, type }));
  const output = readings.map(({ sql }, index) => `${sql} AS ${identifier(described[index]?.name ?? '')}`);
  const source = stagedRows(
    rows,
    readings.map(({ csvType }) => csvType),
  );
  return `COPY (SELECT ${output.join(', ')} FROM ${source}) TO ${literal(resultFile)}
    (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, ${columnsMetadata(described)})`;
}

/** The readings of all columns, those of numbers without a declared precision after a look at all of their values. */
async function settledReadings(
  db: DuckDBConnection,
  columns: readonly StagedColumn[],
  rows: Parameters<typeof stagedRows>[0],
): Promise<ColumnReading[]> {
  const measured = columns.flatMap(({ shape }, index) => (shape.kind === 'number' ? [stagedName(index)] : []));
  if (measured.length === 0) return columns.map(({ shape }, index) => readingTyped(shape, index));
  const measures = measured.flatMap((column) => [
    `coalesce(max(length(split_part(ltrim(${column}, '-'), '.', 1))), 1)`,
    `coalesce(max(length(split_part(${column}, '.', 2))), 0)`,
    // NaN, Infinity
    `coalesce(bool_or(contains(${column}, 'N') OR contains(${column}, 'I')), false)`,
  ]);
  const source = stagedRows(
    rows,
    columns.map(() => 'VARCHAR'),
  );
  const values = (await db.runAndReadAll(`SELECT ${measures.join(', ')} FROM ${source}`)).getRows()[0] ?? [];
  let position = 0;
  return columns.map(({ shape }, index) => {
    if (shape.kind !== 'number') return readingTyped(shape, index);
    const [digits, scale, special] = values.slice(position, (position += 3));
    const width = Number(digits) + Number(scale);
    if (special === true || width > MAX_DECIMAL_WIDTH) return readingAsText(shape, index);
    // Up to 18 digits a DECIMAL is a 64-bit integer.
    return readingTyped(
      { kind: 'decimal', precision: width <= 18 ? 18 : MAX_DECIMAL_WIDTH, scale: Number(scale) },
      index,
    );
  });
}

/** The readings, with the columns as text in which a value does not fit its type. */
async function fittingReadings(
  db: DuckDBConnection,
  columns: readonly StagedColumn[],
  readings: readonly ColumnReading[],
  rows: Parameters<typeof stagedRows>[0],
): Promise<ColumnReading[]> {
  const misfits = columns.map(({ shape }, index) => `coalesce(bool_or(${misfit(shape, index)}), false)`);
  const source = stagedRows(
    rows,
    columns.map(() => 'VARCHAR'),
  );
  const values = (await db.runAndReadAll(`SELECT ${misfits.join(', ')} FROM ${source}`)).getRows()[0] ?? [];
  return columns.map(({ shape }, index) => {
    const reading = readings[index];
    return values[index] === true || !reading ? readingAsText(shape, index) : reading;
  });
}

function isConversion(error: unknown): boolean {
  const message = messageOf(error);
  return /^(Conversion|Invalid Input|Out of Range)/.test(message) && !isUnreadable(error);
}

function isUnreadable(error: unknown): boolean {
  return /invalid unicode|not utf-8/i.test(messageOf(error));
}

function notUtf8(cause: unknown): EngineError {
  return new EngineError(
    'source_data_invalid',
    'The source holds text that is not valid in its encoding. Leave that column out, or convert it in the source.',
    { cause },
  );
}
