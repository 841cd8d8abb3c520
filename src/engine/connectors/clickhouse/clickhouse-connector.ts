import type { Catalog } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import type { ConnectionReport, Connector, RunEstimate, RunRequest, RunSummary } from '../connector.js';
import { distinctNames } from '../duckdb/column-names.js';
import { timedOut } from '../duckdb/interruption.js';
import type { EngineBounds } from '../duckdb/engine-bounds.js';
import type { AddressPolicy } from '../remote/address-policy.js';
import { sourceTimeout } from '../remote/interruption.js';
import { JsonRows } from '../remote/json-rows.js';
import { ResultStage } from '../remote/result-stage.js';
import type { SourceAddress } from '../remote/source-address.js';
import { ClickHouseSession } from './clickhouse-session.js';
import { clickHouseType } from './column-types.js';
import { introspectClickHouse } from './introspect.js';

export interface ClickHouseSource {
  address: SourceAddress;
  policy: AddressPolicy;
  /** Of the DuckDB that writes results. `maxSpillBytes` also bounds the text of a result that is on its way. */
  bounds: EngineBounds;
}

const TEST_TIMEOUT_MS = 15_000;
const INTROSPECT_TIMEOUT_MS = 60_000;
const ESTIMATE_TIMEOUT_MS = 15_000;

/**
 * Questions over the HTTP interface of a ClickHouse server, version 23.8 or newer. What is meant by a table is one of the
 * database of the source.
 */
export class ClickHouseConnector implements Connector {
  readonly dialect = 'clickhouse' as const;
  private readonly closing = new AbortController();

  constructor(private readonly source: ClickHouseSource) {}

  async test(): Promise<ConnectionReport> {
    const started = performance.now();
    const version = await this.session({ timeoutMs: TEST_TIMEOUT_MS }, (session) =>
      Promise.resolve(session.serverVersion),
    );
    return { ok: true, latencyMs: Math.round(performance.now() - started), serverVersion: `ClickHouse ${version}` };
  }

  introspect(signal?: AbortSignal): Promise<Catalog> {
    return this.session({ timeoutMs: INTROSPECT_TIMEOUT_MS, signal }, introspectClickHouse);
  }

  /** What the indexes of the tables leave to be read: parts of rows are not counted in, nor what a query makes of them. */
  estimate(sql: string, signal?: AbortSignal): Promise<RunEstimate> {
    return this.session({ timeoutMs: ESTIMATE_TIMEOUT_MS, signal }, async (session) => {
      const tables = await session.rows(`EXPLAIN ESTIMATE ${sql}`, { timeoutMs: ESTIMATE_TIMEOUT_MS });
      const sum = (column: number): number => tables.reduce((total, row) => total + Number(row[column]), 0);
      return { rows: sum(3), cost: sum(4), scanned: true };
    });
  }

  run(request: RunRequest): Promise<RunSummary> {
    const { limits, signal } = request;
    const started = performance.now();
    const onTimeout = (): EngineError => timedOut(limits.timeoutMs);
    return this.session({ timeoutMs: limits.timeoutMs, signal, onTimeout }, async (session) => {
      const opened: { stage?: ResultStage } = {};
      let kept = false;
      try {
        // The server's own limit is only for when nobody is left here to stop the query.
        const bounds = { maxRows: limits.maxRows, timeoutMs: limits.timeoutMs + 5_000 };
        const answer = await session.stream(request.sql, bounds, ({ names, types }) => {
          const columns = types.map(clickHouseType);
          const distinct = distinctNames(names);
          const stage = (opened.stage = new ResultStage({
            ...request,
            signal: session.signal,
            bounds: this.source.bounds,
            columns: columns.map(({ type, shape }, index) => ({ name: distinct[index] ?? '', type, shape })),
          }));
          const rows = new JsonRows({
            staysJson: columns.map(({ staysJson }) => staysJson),
            maxRows: limits.maxRows,
            sink: (text) => stage.write(text),
          });
          return { stage, rows, take: (text: Buffer) => rows.take(text) };
        });
        const stored = await answer.stage.finish(answer.rows);
        kept = !session.signal.aborted;
        return { ...stored, executionMs: Math.round(performance.now() - started) };
      } finally {
        await opened.stage?.close(kept);
      }
    });
  }

  close(): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  private session<T>(
    options: { timeoutMs: number; signal?: AbortSignal | undefined; onTimeout?: () => EngineError },
    work: (session: ClickHouseSession) => Promise<T>,
  ): Promise<T> {
    const { address, policy } = this.source;
    const { timeoutMs, signal = this.closing.signal, onTimeout = () => sourceTimeout(timeoutMs) } = options;
    return ClickHouseSession.use(
      { timeoutMs, onTimeout, source: address, policy, signal: AbortSignal.any([signal, this.closing.signal]) },
      work,
    );
  }
}
