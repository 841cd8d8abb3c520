/** The one interface behind which every engine stands that a question can be run on. */
import type { Catalog, ColumnRef, Dialect } from '../catalog/catalog.js';
import type { CellValue, ResultColumn } from '../charts/contract.js';

/** Bounds of one run. A run that reaches `maxRows` is cut and says so; every other bound ends it with an error. */
export interface RunLimits {
  maxRows: number;
  /** Largest stored result, in bytes. */
  maxResultBytes: number;
  /** Memory the engine may take, in bytes; beyond it the engine spills to disk or fails. */
  maxMemoryBytes: number;
  timeoutMs: number;
}

/** How far a run is. */
export interface RunProgress {
  /** Rows that have come from the source; null where that cannot be seen. */
  rows: number | null;
  /** Bytes of the result so far: those that have come from the source, or those of the growing file. */
  bytes: number;
  /** Done of the whole, 0 to 1; absent where the engine does not say. */
  fraction?: number;
}

export interface RunRequest {
  /** A statement that the guard has printed; nothing else may be run. */
  sql: string;
  /** Where the result is written, once, as Parquet. The file does not exist before and is removed when the run fails. */
  resultFile: string;
  limits: RunLimits;
  /**
   * Rows of the stored result to hand back with the summary, at most; reading them later costs another opening of the
   * file. Where they are long, fewer come back: about 8 MB.
   */
  firstRows?: number;
  /** Aborting it cancels the run at the source with `query_cancelled`. */
  signal: AbortSignal;
  /** Gets how far the run is, as often as that is seen: many times a second, so it only takes note. */
  progress?: (progress: RunProgress) => void;
}

export interface RunSummary {
  columns: ResultColumn[];
  rowCount: number;
  /** True when the query had more than `maxRows` rows and the result holds only the first of them. */
  truncated: boolean;
  /** The first rows of the stored result, no more than were asked for. */
  rows: CellValue[][];
  /** Size of the stored result. */
  bytes: number;
  executionMs: number;
  /** What had to be fetched from other sources first. */
  fetched?: FetchedTable[];
}

/** A table that was fetched from another source. */
export interface FetchedTable {
  dataSourceId: number;
  /** As it is called there. */
  table: string;
  columns: string[];
  /** Conditions that were tried at the source, in its dialect. */
  filters: string[];
  /** Null where the number would tell of rows that the caller may not see. */
  rows: number | null;
  /** As Parquet; null as `rows`. */
  bytes: number | null;
  ms: number;
}

export interface ConnectionReport {
  ok: boolean;
  latencyMs: number;
  serverVersion: string;
}

/** What the source itself expects of a statement; nothing of it is measured. */
export interface RunEstimate {
  rows: number;
  /** Of the whole result as the source holds it; absent where the source does not say. */
  bytes?: number;
  /** In the source's own unit: only good for comparing statements of one source; absent where it has none. */
  cost?: number;
  /** Rows and bytes are those that the statement reads, and not those of its result. */
  scanned?: boolean;
}

/** What a statement reads, as its guard has seen it. */
export interface ColumnsRead {
  tables: readonly string[];
  columns: readonly ColumnRef[];
}

export interface Connector {
  readonly dialect: Dialect;
  /**
   * Opens the source and asks for its version.
   *
   * @throws EngineError `query_cancelled` when the signal aborts
   */
  test(signal?: AbortSignal): Promise<ConnectionReport>;
  /**
   * Reads tables, columns, keys and statistics.
   *
   * @throws EngineError `query_cancelled` when the signal aborts
   */
  introspect(signal?: AbortSignal): Promise<Catalog>;
  /**
   * Runs one guarded statement and stores its result.
   *
   * @throws EngineError with `query_failed`, `query_timeout`, `query_cancelled`, `query_out_of_memory` or
   *   `query_result_too_large`; for a remote source also one of the `source_*` codes
   */
  run(request: RunRequest): Promise<RunSummary>;
  /**
   * Asks the source what a guarded statement would cost, without running it. Absent where the source cannot tell.
   *
   * @param read for engines that do not plan a statement before they run it
   * @throws EngineError as `run` does
   */
  estimate?(sql: string, signal?: AbortSignal, read?: ColumnsRead): Promise<RunEstimate>;
  close(): Promise<void>;
}
