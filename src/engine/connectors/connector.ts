/** The one interface behind which every engine stands that a question can be run on. */
import type { Catalog, Dialect } from '../catalog/catalog.js';
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
  /** Gets what goes on at the source after the run has come back, because it does not react to being stopped. */
  abandoned?: (rest: Promise<unknown>) => void;
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
  rows: number;
  /** As Parquet. */
  bytes: number;
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
  /** In the source's own unit: only good for comparing statements of one source. */
  cost: number;
}

export interface Connector {
  readonly dialect: Dialect;
  /** Opens the source and asks for its version. */
  test(): Promise<ConnectionReport>;
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
   * @throws EngineError as `run` does
   */
  estimate?(sql: string, signal?: AbortSignal): Promise<RunEstimate>;
  close(): Promise<void>;
}
