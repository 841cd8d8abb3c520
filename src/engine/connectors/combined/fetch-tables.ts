import { rm } from 'node:fs/promises';
import { EngineError } from '../../errors.js';
import type { FetchedTable, RunRequest } from '../connector.js';
import { cancelled, timedOut } from '../duckdb/interruption.js';
import type { Fetch } from './fetch-plan.js';

/** Bounds of what one statement may fetch: for each table, and for all of them together. */
export interface FetchLimits {
  maxRows: number;
  /** As Parquet. */
  maxBytes: number;
}

/** A table that has been fetched, and how much of it. */
type Fetched = FetchedTable & { rows: number; bytes: number };

/** Tables that are fetched at the same time. */
const SIDE_BY_SIDE = 3;

/**
 * Fetches tables side by side, each into a Parquet file of its own: the first fetch that fails ends the others.
 *
 * @param fileOf where a fetch goes; a file that was begun is removed when anything fails
 * @param until the moment at which all must be there, by `performance.now()`
 * @throws EngineError `query_fetch_too_large`, or what the source of a table gives, naming it
 */
export async function fetchTables(
  fetches: readonly Fetch[],
  request: Pick<RunRequest, 'limits' | 'signal'> & { bounds: FetchLimits; until: number },
  fileOf: (fetch: Fetch) => string,
): Promise<Fetched[]> {
  const failed = new AbortController();
  const signal = AbortSignal.any([request.signal, failed.signal]);
  const fetched: Fetched[] = [];
  const waiting = [...fetches.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [position, fetch] = next;
      fetched[position] = await fetchTable(fetch, { ...request, signal }, fileOf(fetch));
      refuseTooMuch(Object.values(fetched), request.bounds);
    }
  };
  let cause: unknown;
  const lines = Array.from({ length: Math.min(SIDE_BY_SIDE, fetches.length) }, async () => {
    try {
      await work();
    } catch (error) {
      // What ends the others afterwards is only this.
      cause ??= error;
      failed.abort();
    }
  });
  await Promise.all(lines);
  if (cause === undefined) return fetched;
  await Promise.all(fetches.map((fetch) => rm(fileOf(fetch), { force: true })));
  throw request.signal.aborted ? cancelled() : cause;
}

async function fetchTable(
  fetch: Fetch,
  request: Parameters<typeof fetchTables>[1],
  resultFile: string,
): Promise<Fetched> {
  const { limits, bounds, signal } = request;
  const { member } = fetch.table;
  const started = performance.now();
  const timeoutMs = Math.ceil(request.until - started);
  if (timeoutMs <= 0) throw timedOut(limits.timeoutMs);
  try {
    const { sql } = await member.check(fetch.sql);
    const connector = await member.connect();
    try {
      const { rowCount, truncated, bytes } = await connector.run({
        sql,
        resultFile,
        limits: { ...limits, maxRows: bounds.maxRows, maxResultBytes: bounds.maxBytes, timeoutMs },
        signal,
      });
      if (truncated) throw tooLarge(bounds, `the table ${fetch.table.name}`);
      const { columns, filters } = fetch;
      const ms = Math.round(performance.now() - started);
      return { dataSourceId: member.id, table: member.table, columns, filters, rows: rowCount, bytes, ms };
    } finally {
      await connector.close();
    }
  } catch (error) {
    throw inTermsOf(fetch, error, request);
  }
}

/** Says which source it was, and speaks of the time that the whole statement has. */
function inTermsOf(fetch: Fetch, error: unknown, { limits, bounds }: Parameters<typeof fetchTables>[1]): unknown {
  if (!(error instanceof EngineError)) return error;
  const { name, member } = fetch.table;
  switch (error.code) {
    case 'query_fetch_too_large':
    case 'query_cancelled':
      return error;
    case 'query_timeout':
      return new EngineError(
        error.code,
        `${timedOut(limits.timeoutMs).message} It was fetching ${name} from the data source “${member.name}”.`,
        { cause: error, details: { timeout_ms: limits.timeoutMs, data_source_id: member.id } },
      );
    case 'query_result_too_large':
      return tooLarge(bounds, `the table ${name}`);
    default:
      return new EngineError(
        error.code,
        `Fetching ${name} from the data source “${member.name}” failed. ${error.message}`,
        { cause: error, details: { ...error.details, data_source_id: member.id } },
      );
  }
}

function refuseTooMuch(fetched: readonly Fetched[], bounds: FetchLimits): void {
  const rows = fetched.reduce((sum, one) => sum + one.rows, 0);
  const bytes = fetched.reduce((sum, one) => sum + one.bytes, 0);
  if (rows > bounds.maxRows || bytes > bounds.maxBytes) throw tooLarge(bounds, 'the tables together');
}

function tooLarge({ maxRows, maxBytes }: FetchLimits, what: string): EngineError {
  return new EngineError(
    'query_fetch_too_large',
    `More than ${maxRows} rows or ${Math.round(maxBytes / 1_048_576)} MB would have to be fetched from databases (${what}). ` +
      'Compare columns of those tables with values in WHERE, select fewer columns, or load the table as a file.',
    { details: { max_rows: maxRows, max_bytes: maxBytes } },
  );
}
