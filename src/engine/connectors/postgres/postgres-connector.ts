import type { Catalog } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import type { ConnectionReport, Connector, RunEstimate, RunRequest, RunSummary } from '../connector.js';
import { distinctNames } from '../duckdb/column-names.js';
import { timedOut } from '../duckdb/interruption.js';
import type { EngineBounds } from '../duckdb/engine-bounds.js';
import type { AddressPolicy } from '../remote/address-policy.js';
import { ResultStage } from '../remote/result-stage.js';
import type { SourceAddress } from '../remote/source-address.js';
import type { StagedColumn } from '../remote/staged-columns.js';
import { exported, postgresType } from './column-types.js';
import type { CopiedRows, RowSink } from './copy-out.js';
import { estimateOf } from './estimate.js';
import { introspectPostgres } from './introspect.js';
import { PostgresSession } from './session.js';
import { readUserTypes } from './user-types.js';

export interface PostgresSource {
  address: SourceAddress;
  policy: AddressPolicy;
  /** Of the DuckDB that writes results. `maxSpillBytes` also bounds the text of a result that is on its way. */
  bounds: EngineBounds;
}

const TEST_TIMEOUT_MS = 15_000;
const INTROSPECT_TIMEOUT_MS = 60_000;
const ESTIMATE_TIMEOUT_MS = 15_000;

/** Questions over a PostgreSQL server, version 10 or newer. Every piece of work has a connection of its own. */
export class PostgresConnector implements Connector {
  readonly dialect = 'postgres' as const;
  private readonly closing = new AbortController();

  constructor(private readonly source: PostgresSource) {}

  async test(signal?: AbortSignal): Promise<ConnectionReport> {
    const started = performance.now();
    const version = await this.session({ timeoutMs: TEST_TIMEOUT_MS, signal }, (session) =>
      Promise.resolve(session.serverVersion),
    );
    return { ok: true, latencyMs: Math.round(performance.now() - started), serverVersion: `PostgreSQL ${version}` };
  }

  introspect(signal?: AbortSignal): Promise<Catalog> {
    return this.session({ timeoutMs: INTROSPECT_TIMEOUT_MS, signal }, introspectPostgres);
  }

  async estimate(sql: string, signal?: AbortSignal): Promise<RunEstimate> {
    return this.session({ timeoutMs: ESTIMATE_TIMEOUT_MS, signal }, async (session) => {
      // Alone, the text is proven to be one statement that gives rows, and nothing more.
      await resultColumns(session, sql);
      const [row] = await session.rows(`EXPLAIN (FORMAT JSON) ${sql}`);
      return estimateOf(row?.[0] ?? '');
    });
  }

  async run(request: RunRequest): Promise<RunSummary> {
    const { limits, signal } = request;
    const started = performance.now();
    const onTimeout = (): EngineError => timedOut(limits.timeoutMs);
    return this.session({ timeoutMs: limits.timeoutMs, signal, onTimeout }, async (session) => {
      const columns = await resultColumns(session, request.sql);
      const { bounds } = this.source;
      const stage = new ResultStage({
        ...request,
        signal: session.signal,
        columns: columns.map(({ staged }) => staged),
        bounds,
      });
      let kept = false;
      try {
        const sink: RowSink = (data, arrived) => stage.write(data, arrived);
        const copied = request.sql.startsWith('EXPLAIN ')
          ? await copyPlan(session, request.sql, sink)
          : await session.copyOut({
              text: copyStatement(request.sql, columns, limits.maxRows),
              maxRows: limits.maxRows,
              sink,
            });
        const stored = await stage.finish(copied);
        kept = !session.signal.aborted;
        return { ...stored, executionMs: Math.round(performance.now() - started) };
      } finally {
        await stage.close(kept);
      }
    });
  }

  close(): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  private session<T>(
    options: { timeoutMs: number; signal?: AbortSignal | undefined; onTimeout?: () => EngineError },
    work: (session: PostgresSession) => Promise<T>,
  ): Promise<T> {
    const { address, policy } = this.source;
    const { signal = this.closing.signal } = options;
    return PostgresSession.use(
      { ...options, source: address, policy, signal: AbortSignal.any([signal, this.closing.signal]) },
      work,
    );
  }
}

interface ResultColumnSource {
  staged: StagedColumn;
  /** The column in the statement that exports it. */
  sql: string;
}

async function resultColumns(session: PostgresSession, sql: string): Promise<ResultColumnSource[]> {
  const fields = await session.describe(sql);
  if (fields.length === 0) {
    throw new EngineError('query_failed', 'The query gives no columns. Select at least one.');
  }
  const userTypes = await readUserTypes(
    session,
    fields.map(({ dataTypeID }) => dataTypeID),
  );
  const names = distinctNames(fields.map(({ name }) => name));
  return fields.map(({ dataTypeID: oid, dataTypeModifier: modifier }, index) => {
    const type = postgresType({ oid, modifier }, userTypes);
    return {
      staged: { name: names[index] ?? '', type: type.type, shape: type.shape },
      sql: exported(type, `c${index}`),
    };
  });
}

/** The line end before the parenthesis ends a comment that the statement may end with. */
function copyStatement(sql: string, columns: readonly ResultColumnSource[], maxRows: number): string {
  const output = columns.map((column) => column.sql);
  // A row of one empty text would be an empty line.
  if (output.length === 1) output.push('0');
  const names = columns.map((_, index) => `c${index}`);
  return `COPY (
    SELECT ${output.join(', ')} FROM (
      ${sql}
    ) AS answer(${names.join(', ')}) LIMIT ${maxRows + 1}
  ) TO STDOUT`;
}

/** COPY takes no EXPLAIN; the few lines of a plan, each one text, are spelled here as COPY would. */
async function copyPlan(session: PostgresSession, sql: string, sink: RowSink): Promise<CopiedRows> {
  const lines = (await session.rows(sql)).map(([line]) => {
    const text = (line ?? '').replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
    return Buffer.from(`${text}\t0\n`);
  });
  const longestRow = Math.max(0, ...lines.map((line) => line.length));
  await sink(Buffer.concat(lines), lines.length);
  return { rows: lines.length, truncated: false, longestRow };
}
