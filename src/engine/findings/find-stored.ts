import type { ResultTable } from '../charts/contract.js';
import type { EngineBounds } from '../connectors/duckdb/index.js';
import { runLocked } from '../connectors/duckdb/locked-run.js';
import { queryError } from '../connectors/duckdb/query-errors.js';
import type { Finding } from './contract.js';
import { findIn, type Search } from './find.js';
import { StoredMeasurements } from './stored-measurements.js';

export interface StoredSearch extends Search {
  file: string;
  /** Of the whole result. */
  rowCount: number;
  bounds: EngineBounds;
  signal: AbortSignal;
  timeoutMs: number;
}

/**
 * What `findIn` gives, for a stored result of which only the first rows are at hand: these tell what each column is, and
 * DuckDB measures all the rows.
 *
 * @param beginning the first rows; `truncated` when the stored result itself is not the whole
 * @throws EngineError `query_cancelled`, `query_timeout`, `query_failed` when the file cannot be read
 */
export async function findInStored(beginning: ResultTable, search: StoredSearch): Promise<Finding[]> {
  const { file, rowCount, bounds, signal, timeoutMs } = search;
  try {
    return await runLocked({ ...bounds, files: [file] }, { signal, timeoutMs }, async (connection) =>
      findIn(beginning, search, await StoredMeasurements.over(connection, file, beginning.columns, rowCount)),
    );
  } catch (error) {
    throw queryError(error);
  }
}
