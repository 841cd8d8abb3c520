import type { Catalog, CatalogTable } from '../../catalog/catalog.js';
import { EngineError } from '../../errors.js';
import type { ColumnsRead, ConnectionReport, Connector, RunEstimate, RunRequest, RunSummary } from '../connector.js';
import type { EngineBounds } from './engine-bounds.js';
import type { FileTable } from './file-table.js';
import { identifier } from './sql-text.js';
import type { Page } from './stored-result.js';
import { perform } from './tasks/perform.js';

export interface FileSource extends EngineBounds {
  tables: readonly FileTable[];
}

export interface PreviewRequest {
  table: string;
  /** The columns to give; all when left out. */
  columns?: readonly string[];
  /** Rows to leave out, from 0. */
  offset: number;
  /** Most rows to give. */
  limit: number;
  signal: AbortSignal;
}

const NEVER = new AbortController().signal;

/**
 * Questions over Parquet files. Every run has a DuckDB instance of its own that sees exactly the files of the source and
 * the file of its result, so nothing of one run or one source reaches another.
 */
export class DuckDbFileConnector implements Connector {
  readonly dialect = 'duckdb' as const;

  constructor(private readonly source: FileSource) {}

  async test(): Promise<ConnectionReport> {
    const started = performance.now();
    const version = await perform('version', this.source, this.tables, { signal: NEVER });
    return { ok: true, latencyMs: Math.round(performance.now() - started), serverVersion: `DuckDB ${version}` };
  }

  /** @param known tables that need not be read again, because nothing about them has changed */
  introspect(signal: AbortSignal = NEVER, known: readonly CatalogTable[] = []): Promise<Catalog> {
    return perform('catalog', this.source, { ...this.tables, known }, { signal });
  }

  run({ sql, resultFile, limits, signal, progress, firstRows = 0 }: RunRequest): Promise<RunSummary> {
    const bounds = { ...this.source, maxMemoryBytes: limits.maxMemoryBytes };
    const input = { ...this.tables, sql, resultFile, limits, firstRows };
    const { timeoutMs } = limits;
    const around = { signal, timeoutMs, files: [resultFile] };
    return perform('statement', bounds, input, progress === undefined ? around : { ...around, progress });
  }

  /** From the files' metadata; DuckDB itself plans only what it is about to run. */
  estimate(
    _sql: string,
    signal: AbortSignal = NEVER,
    read: ColumnsRead = { tables: [], columns: [] },
  ): Promise<RunEstimate> {
    return perform('estimate', this.source, { ...this.tables, read }, { signal });
  }

  /**
   * Rows of one table, in the order of its file.
   *
   * @throws EngineError `query_failed` when there is no such table; `query_cancelled`
   */
  async previewTable(request: PreviewRequest): Promise<Page> {
    const { table, columns, offset, limit, signal } = request;
    if (!this.source.tables.some(({ name }) => name === table)) {
      throw new EngineError('query_failed', `There is no table named “${table}” in this data source.`);
    }
    const selected = columns?.map(identifier).join(', ') ?? '*';
    const sql = `SELECT ${selected} FROM ${identifier(table)} LIMIT ${limit} OFFSET ${offset}`;
    return perform('preview', this.source, { ...this.tables, sql }, { signal });
  }

  /** Nothing stays open between runs. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private get tables(): { tables: readonly FileTable[] } {
    return { tables: this.source.tables };
  }
}
