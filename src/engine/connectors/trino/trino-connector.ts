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
import { notItsProtocol } from '../remote/source-errors.js';
import { trinoType } from './column-types.js';
import { estimateOf } from './estimate.js';
import { introspectTrino } from './introspect.js';
import type { TrinoColumn } from './page.js';
import { TrinoSession } from './trino-session.js';

export interface TrinoSource {
  /** Its database is `catalog`, whose tables are then `schema.table`, or `catalog.schema`. */
  address: SourceAddress;
  policy: AddressPolicy;
  /** Of the DuckDB that writes results. `maxSpillBytes` also bounds the text of a result that is on its way. */
  bounds: EngineBounds;
}

const TEST_TIMEOUT_MS = 15_000;
const INTROSPECT_TIMEOUT_MS = 60_000;
const ESTIMATE_TIMEOUT_MS = 15_000;

/** Questions over a catalog of a Trino cluster. */
export class TrinoConnector implements Connector {
  readonly dialect = 'trino' as const;
  private readonly closing = new AbortController();

  constructor(private readonly source: TrinoSource) {}

  async test(): Promise<ConnectionReport> {
    const started = performance.now();
    const version = await this.session({ timeoutMs: TEST_TIMEOUT_MS }, async (session) => {
      // The catalog is looked for only when something of it is read.
      await session.rows('SELECT schema_name FROM information_schema.schemata LIMIT 1');
      return session.serverVersion;
    });
    return { ok: true, latencyMs: Math.round(performance.now() - started), serverVersion: `Trino ${version}` };
  }

  introspect(signal?: AbortSignal): Promise<Catalog> {
    return this.session({ timeoutMs: INTROSPECT_TIMEOUT_MS, signal }, (session) =>
      introspectTrino(session, this.source.address.database),
    );
  }

  estimate(sql: string, signal?: AbortSignal): Promise<RunEstimate> {
    return this.session({ timeoutMs: ESTIMATE_TIMEOUT_MS, signal }, async (session) => {
      const [row] = await session.rows(`EXPLAIN (TYPE IO, FORMAT JSON) ${sql}`);
      return estimateOf(row?.[0]);
    });
  }

  run(request: RunRequest): Promise<RunSummary> {
    const { limits, signal, sql } = request;
    const started = performance.now();
    const onTimeout = (): EngineError => timedOut(limits.timeoutMs);
    return this.session({ timeoutMs: limits.timeoutMs, signal, onTimeout }, async (session) => {
      let taken: { stage: ResultStage; rows: JsonRows } | undefined;
      let kept = false;
      try {
        for await (const page of session.pages(sql)) {
          if (page.columns?.length) taken ??= this.taker(request, session, page.columns);
          if (!page.rows) continue;
          if (!taken || taken.rows.take(page.rows) < page.rows.length) throw notItsProtocol();
          // To stop reading cancels the query.
          if (taken.rows.truncated) break;
        }
        if (!taken) throw new EngineError('query_failed', 'The query gives no columns. Select at least one.');
        const stored = await taken.stage.finish(taken.rows);
        kept = !session.signal.aborted;
        return { ...stored, executionMs: Math.round(performance.now() - started) };
      } finally {
        await taken?.stage.close(kept);
      }
    });
  }

  close(): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  private taker(
    request: RunRequest,
    { signal }: TrinoSession,
    columns: readonly TrinoColumn[],
  ): { stage: ResultStage; rows: JsonRows } {
    const names = distinctNames(columns.map(({ name }) => name));
    const staged = columns.map(({ type }, index) => ({ name: names[index] ?? '', ...trinoType(type) }));
    const stage = new ResultStage({ ...request, signal, columns: staged, bounds: this.source.bounds });
    const sink = (text: Buffer): void => stage.write(text);
    return {
      stage,
      rows: new JsonRows({ staysJson: columns.map(() => false), maxRows: request.limits.maxRows, sink }),
    };
  }

  private session<T>(
    options: { timeoutMs: number; signal?: AbortSignal | undefined; onTimeout?: () => EngineError },
    work: (session: TrinoSession) => Promise<T>,
  ): Promise<T> {
    const { address, policy } = this.source;
    const { timeoutMs, signal = this.closing.signal, onTimeout = () => sourceTimeout(timeoutMs) } = options;
    return TrinoSession.use(
      { timeoutMs, onTimeout, source: address, policy, signal: AbortSignal.any([signal, this.closing.signal]) },
      work,
    );
  }
}
