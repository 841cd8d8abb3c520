import type { Catalog } from '../../catalog/catalog.js';
import type { ConnectionReport, Connector, RunEstimate, RunRequest, RunSummary } from '../connector.js';
import { distinctNames } from '../duckdb/column-names.js';
import { timedOut } from '../duckdb/interruption.js';
import type { EngineBounds } from '../duckdb/engine-bounds.js';
import type { EngineError } from '../../errors.js';
import type { AddressPolicy } from '../remote/address-policy.js';
import { ResultStage } from '../remote/result-stage.js';
import type { SourceAddress } from '../remote/source-address.js';
import type { StagedColumn } from '../remote/staged-columns.js';
import type { WireColumn } from './column-definition.js';
import { resultType } from './column-types.js';
import { estimateOf } from './estimate.js';
import { introspectMySql } from './introspect.js';
import { MySqlSession } from './session.js';

export interface MySqlSource {
  address: SourceAddress;
  policy: AddressPolicy;
  /** Of the DuckDB that writes results. `maxSpillBytes` also bounds the text of a result that is on its way. */
  bounds: EngineBounds;
}

const TEST_TIMEOUT_MS = 15_000;
const INTROSPECT_TIMEOUT_MS = 60_000;
const ESTIMATE_TIMEOUT_MS = 15_000;

/** Questions over a server of MySQL (5.7.8 or newer) or MariaDB (10.2 or newer). Every piece of work has a connection of its own. */
export class MySqlConnector implements Connector {
  readonly dialect = 'mysql' as const;
  private readonly closing = new AbortController();

  constructor(private readonly source: MySqlSource) {}

  async test(signal?: AbortSignal): Promise<ConnectionReport> {
    const started = performance.now();
    const options = { timeoutMs: TEST_TIMEOUT_MS, signal };
    const { name } = await this.session(options, ({ version }) => Promise.resolve(version));
    return { ok: true, latencyMs: Math.round(performance.now() - started), serverVersion: name };
  }

  introspect(signal?: AbortSignal): Promise<Catalog> {
    return this.session({ timeoutMs: INTROSPECT_TIMEOUT_MS, signal }, introspectMySql);
  }

  async estimate(sql: string, signal?: AbortSignal): Promise<RunEstimate> {
    return this.session({ timeoutMs: ESTIMATE_TIMEOUT_MS, signal }, async (session) => {
      const [row] = await session.rows(`EXPLAIN FORMAT=JSON ${sql}`);
      return estimateOf(row?.[0] ?? '');
    });
  }

  async run(request: RunRequest): Promise<RunSummary> {
    const { limits, signal } = request;
    const started = performance.now();
    const onTimeout = (): EngineError => timedOut(limits.timeoutMs);
    return this.session({ timeoutMs: limits.timeoutMs, signal, onTimeout }, async (session) => {
      const { bounds } = this.source;
      let stage: ResultStage | undefined;
      let kept = false;
      const open = (columns: readonly WireColumn[]): ResultStage =>
        (stage = new ResultStage({ ...request, signal: session.signal, columns: stagedColumns(columns), bounds }));
      try {
        const { sink, ...count } = await session.fetch({ sql: request.sql, maxRows: limits.maxRows, open });
        const stored = await sink.finish(count);
        kept = !session.signal.aborted;
        return { ...stored, executionMs: Math.round(performance.now() - started) };
      } finally {
        await stage?.close(kept);
      }
    });
  }

  close(): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  private session<T>(
    options: { timeoutMs: number; signal?: AbortSignal | undefined; onTimeout?: () => EngineError },
    work: (session: MySqlSession) => Promise<T>,
  ): Promise<T> {
    const { address, policy } = this.source;
    const { signal = this.closing.signal } = options;
    return MySqlSession.use(
      { ...options, source: address, policy, signal: AbortSignal.any([signal, this.closing.signal]) },
      work,
    );
  }
}

function stagedColumns(columns: readonly WireColumn[]): StagedColumn[] {
  const names = distinctNames(columns.map(({ name }) => name));
  return columns.map((column, index) => {
    const { type, shape } = resultType(column);
    return { name: names[index] ?? '', type, shape };
  });
}
