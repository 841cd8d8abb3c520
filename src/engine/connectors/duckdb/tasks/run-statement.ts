import { statSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CellValue } from '../../../charts/contract.js';
import type { RunLimits, RunSummary } from '../../connector.js';
import type { TaskContext } from '../engine-bounds.js';
import { queryError } from '../query-errors.js';
import { resultTooLarge } from '../result-size.js';
import { parquetRows } from '../sql-text.js';
import { storeResult, type StoredSummary } from '../store-result.js';
import { FIRST_ROWS_BYTES, readRows } from '../stored-result.js';
import { type TablesInput, workOnTables } from './open-tables.js';

export interface StatementInput extends TablesInput {
  sql: string;
  resultFile: string;
  limits: RunLimits;
  firstRows: number;
}

/** How often the size of a growing result is looked at, and told. */
const WATCH_MS = 100;

/**
 * Runs a statement over tables in files and stores its result.
 *
 * @throws EngineError as `Connector.run` does
 */
export async function runStatement(input: StatementInput, context: TaskContext): Promise<RunSummary> {
  const { bounds, tables, limits, resultFile } = input;
  const { signal } = context;
  const started = performance.now();
  const tooLarge = new AbortController();
  const work = async (connection: DuckDBConnection): Promise<RunSummary> => {
    const watch = setInterval(() => {
      // Not the asynchronous stat: it would wait for a thread of the pool that the statement may be holding.
      const size = statSync(resultFile, { throwIfNoEntry: false })?.size ?? 0;
      if (size > limits.maxResultBytes) tooLarge.abort();
      // DuckDB itself does not say how far a COPY is.
      context.progress?.({ rows: null, bytes: size });
    }, WATCH_MS);
    let kept = false;
    try {
      const stored = await storeResult(connection, input, {
        threads: bounds.threads,
        files: tables.map(({ file }) => file),
      });
      const { size } = await stat(resultFile);
      if (size > limits.maxResultBytes) tooLarge.abort();
      const executionMs = Math.round(performance.now() - started);
      const rows = await readBack(connection, input, stored);
      kept = !tooLarge.signal.aborted && !signal.aborted;
      return { ...stored, rows, bytes: size, executionMs };
    } finally {
      clearInterval(watch);
      if (!kept) await rm(resultFile, { force: true });
    }
  };
  try {
    const summary = await workOnTables(
      { tables, bounds: { ...bounds, maxMemoryBytes: limits.maxMemoryBytes } },
      { ...context, signal: AbortSignal.any([signal, tooLarge.signal]), timeoutMs: limits.timeoutMs },
      work,
      [resultFile],
    );
    if (tooLarge.signal.aborted) throw resultTooLarge(limits.maxResultBytes);
    return summary;
  } catch (error) {
    throw tooLarge.signal.aborted && !signal.aborted ? resultTooLarge(limits.maxResultBytes) : queryError(error);
  }
}

async function readBack(
  connection: DuckDBConnection,
  { resultFile, firstRows }: StatementInput,
  { columns, rowCount }: StoredSummary,
): Promise<CellValue[][]> {
  const wanted = Math.min(firstRows, rowCount);
  if (wanted === 0) return [];
  const sql = `FROM ${parquetRows(resultFile)} LIMIT ${wanted}`;
  const { rows } = await readRows(connection, sql, columns, FIRST_ROWS_BYTES);
  return rows;
}
