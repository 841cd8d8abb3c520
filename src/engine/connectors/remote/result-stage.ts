import { rm, stat } from 'node:fs/promises';
import type { CellValue, ResultColumn } from '../../charts/contract.js';
import { EngineError } from '../../errors.js';
import type { RunRequest, RunSummary } from '../connector.js';
import type { EngineBounds } from '../duckdb/engine-bounds.js';
import { joinParquet } from '../duckdb/parquet/join-parquet.js';
import { queryError } from '../duckdb/query-errors.js';
import { resultTooLarge } from '../duckdb/result-size.js';
import { perform } from '../duckdb/tasks/perform.js';
import { EarlyPieces } from './early-pieces.js';
import { isConversion, isUnreadable } from './stage-tasks.js';
import type { StagedColumn, StagedRows } from './staged-columns.js';
import { StagedText } from './staged-text.js';

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
 * files beside the result, from which DuckDB writes Parquet: one piece while the next one comes, and what is left when all
 * have arrived. No cell passes through JavaScript, and memory does not grow with the result.
 */
export class ResultStage {
  private readonly text: StagedText;
  private readonly early: EarlyPieces;
  private readonly described: ResultColumn[];
  private readonly mayBeEarly: boolean;

  constructor(private readonly request: StageRequest) {
    const { columns, resultFile, signal } = request;
    this.text = new StagedText(resultFile);
    this.described = columns.map(({ name, type }) => ({ name, type }));
    // How numbers of any precision are stored is known when all are there; and footers of many columns are long.
    this.mayBeEarly = columns.length <= MAX_EARLY_COLUMNS && columns.every(({ shape }) => shape.kind !== 'number');
    this.early = new EarlyPieces(
      (text, target, stop) => this.writePiece({ files: [text], longestRow: 0 }, target, 1, stop),
      signal,
    );
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
    const whole = this.text.write(rows);
    if (this.text.bytes > bounds.maxSpillBytes || this.early.bytes > limits.maxResultBytes) {
      throw resultTooLarge(limits.maxResultBytes);
    }
    if (whole !== undefined && this.mayBeEarly) this.early.add(whole);
    progress?.({ rows: arrived, bytes: this.text.bytes });
    return undefined;
  }

  /**
   * Writes what has arrived as the stored result and removes the stage.
   *
   * @throws EngineError `query_cancelled`, `query_out_of_memory`, `query_result_too_large`, `source_data_invalid`,
   *   `query_failed`
   */
  async finish(count: StagedCount): Promise<Omit<RunSummary, 'executionMs'>> {
    const { resultFile, limits, firstRows = 0 } = this.request;
    const wanted = Math.min(firstRows, count.rows);
    this.text.end();
    let rows: CellValue[][];
    try {
      rows = (await this.joinPieces(count)) ? await this.readBack(wanted) : await this.writeWhole(count, wanted);
    } catch (error) {
      throw isUnreadable(error) ? notUtf8(error) : queryError(error);
    }
    const { size } = await stat(resultFile);
    if (size > limits.maxResultBytes) throw resultTooLarge(limits.maxResultBytes);
    return { columns: this.described, rowCount: count.rows, truncated: count.truncated, rows, bytes: size };
  }

  /** Removes the stage, and the result too unless it is kept. To be called in every case. */
  async close(kept: boolean): Promise<void> {
    const pieces = await this.early.stop();
    const { resultFile } = this.request;
    const files = [...this.text.end(), ...pieces, `${resultFile}.last`, ...(kept ? [] : [resultFile])];
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }

  /**
   * Writes the pieces that are left and puts them all together.
   *
   * @returns false when there are no early pieces, a value of the others does not fit its type, or a row is missing: the
   *   reader of the text passes over a row that is longer than its buffer, and how long rows are is known only now
   */
  private async joinPieces({ rows, longestRow }: StagedCount): Promise<boolean> {
    const { resultFile, signal } = this.request;
    const pieces = await this.early.end();
    if (pieces === null || pieces.length === 0) return false;
    const last = `${resultFile}.last`;
    const rest = { files: this.text.files.slice(pieces.length), longestRow };
    try {
      const others = await this.writePiece(rest, last, this.threadsFor(longestRow), signal);
      if (this.early.rows + others !== rows) return false;
    } catch (error) {
      if (!isConversion(error)) throw error;
      return false;
    }
    await joinParquet([...pieces, last], resultFile, signal);
    return true;
  }

  private writePiece(rows: StagedRows, target: string, threads: number, signal: AbortSignal): Promise<number> {
    return perform('stagePiece', this.bounds(threads), { columns: this.request.columns, rows, target }, { signal });
  }

  /** @returns the first rows, as many as are wanted: to open an instance for them would cost more than to write a few */
  private writeWhole({ rows: count, longestRow }: StagedCount, wanted: number): Promise<CellValue[][]> {
    const { columns, resultFile, signal } = this.request;
    const input = { columns, resultFile, wanted, count, rows: { files: this.text.files, longestRow } };
    return perform('stageWhole', this.bounds(this.threadsFor(longestRow)), input, { signal });
  }

  private readBack(wanted: number): Promise<CellValue[][]> {
    const { columns, resultFile, signal } = this.request;
    return perform('stageFirstRows', this.bounds(1), { columns, resultFile, wanted }, { signal });
  }

  /** Every thread holds some rows, and a little text is read by one in any case. */
  private threadsFor(longestRow: number): number {
    return longestRow > MAX_SHORT_ROW || this.text.bytes < MIN_SHARED_BYTES ? 1 : this.request.bounds.threads;
  }

  private bounds(threads: number): EngineBounds {
    const { bounds, limits } = this.request;
    return { ...bounds, maxMemoryBytes: limits.maxMemoryBytes, threads };
  }
}

/** A footer has some hundred bytes for every column of every row group. */
const MAX_EARLY_COLUMNS = 200;
const MAX_SHORT_ROW = 100_000;
const MIN_SHARED_BYTES = 8_000_000;

function notUtf8(cause: unknown): EngineError {
  return new EngineError(
    'source_data_invalid',
    'The source holds text that is not valid in its encoding. Leave that column out, or convert it in the source.',
    { cause },
  );
}
