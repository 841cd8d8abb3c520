import { statSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { type DuckDBConnection } from '@duckdb/node-api';
import type { Catalog, CatalogTable } from '../../catalog/catalog.js';
import { inferRelationships } from '../../catalog/infer-relationships.js';
import { EngineError } from '../../errors.js';
import type { CellValue } from '../../charts/contract.js';
import type { ColumnsRead, ConnectionReport, Connector, RunEstimate, RunRequest, RunSummary } from '../connector.js';
import { estimateScan } from './estimate-scan.js';
import type { FileTable } from './file-table.js';
import { valueInclusion } from './value-inclusion.js';
import { type EngineBounds } from './locked-instance.js';
import { runLocked } from './locked-run.js';
import { profileTables } from './profile-tables.js';
import { queryError } from './query-errors.js';
import { resultTooLarge } from './result-size.js';
import { ROW_COUNTER, storeResult, type StoredSummary } from './store-result.js';
import { restrictedSelect } from './restricted-view.js';
import { identifier, parquetRows } from './sql-text.js';
import { FIRST_ROWS_BYTES, type Page, readRows } from './stored-result.js';

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

/** How often the size of a growing result is looked at, and told. */
const WATCH_MS = 100;

/**
 * Questions over Parquet files. Every run has a DuckDB instance of its own that sees exactly the files of the source and
 * the file of its result, so nothing of one run or one source reaches another.
 */
export class DuckDbFileConnector implements Connector {
  readonly dialect = 'duckdb' as const;

  constructor(private readonly source: FileSource) {}

  async test(): Promise<ConnectionReport> {
    const started = performance.now();
    const version = await this.withTables(async (connection) => {
      const reader = await connection.runAndReadAll('SELECT version()');
      return String(reader.getRows()[0]?.[0]);
    });
    return { ok: true, latencyMs: Math.round(performance.now() - started), serverVersion: `DuckDB ${version}` };
  }

  /** @param known tables that need not be read again, because nothing about them has changed */
  async introspect(
    signal: AbortSignal = new AbortController().signal,
    known: readonly CatalogTable[] = [],
  ): Promise<Catalog> {
    const names = new Set(known.map(({ name }) => name));
    const unread = this.source.tables.filter(({ name }) => !names.has(name));
    const read = unread.length === 0 ? [] : await profileTables({ ...this.source, tables: unread, signal });
    const tables = [...known, ...read];
    const relationships = await this.withTables(
      (connection) => inferRelationships(tables, valueInclusion(connection)),
      signal,
    );
    return { tables, relationships };
  }

  async run(request: RunRequest): Promise<RunSummary> {
    const { limits, resultFile, signal, abandoned } = request;
    const started = performance.now();
    const tooLarge = new AbortController();
    const work = async (connection: DuckDBConnection): Promise<RunSummary> => {
      const watch = setInterval(() => {
        // Not the asynchronous stat: it would wait for a thread of the pool that the statement may be holding.
        const size = statSync(resultFile, { throwIfNoEntry: false })?.size ?? 0;
        if (size > limits.maxResultBytes) tooLarge.abort();
        // DuckDB itself does not say how far a COPY is.
        request.progress?.({ rows: null, bytes: size });
      }, WATCH_MS);
      let kept = false;
      try {
        const stored = await storeResult(connection, request, {
          threads: this.source.threads,
          files: this.source.tables.map(({ file }) => file),
        });
        const { size } = await stat(resultFile);
        if (size > limits.maxResultBytes) tooLarge.abort();
        const executionMs = Math.round(performance.now() - started);
        const rows = await readBack(connection, request, stored);
        kept = !tooLarge.signal.aborted && !signal.aborted;
        return { ...stored, rows, bytes: size, executionMs };
      } finally {
        clearInterval(watch);
        if (!kept) await rm(resultFile, { force: true });
      }
    };
    try {
      const summary = await runLocked(
        { ...this.source, ...this.access([resultFile]), maxMemoryBytes: limits.maxMemoryBytes },
        {
          signal: AbortSignal.any([signal, tooLarge.signal]),
          timeoutMs: limits.timeoutMs,
          ...(abandoned === undefined ? {} : { abandoned }),
        },
        work,
      );
      if (tooLarge.signal.aborted) throw resultTooLarge(limits.maxResultBytes);
      return summary;
    } catch (error) {
      throw tooLarge.signal.aborted && !signal.aborted ? resultTooLarge(limits.maxResultBytes) : queryError(error);
    }
  }

  /** From the files' metadata; DuckDB itself plans only what it is about to run. */
  async estimate(
    _sql: string,
    signal?: AbortSignal,
    read: ColumnsRead = { tables: [], columns: [] },
  ): Promise<RunEstimate> {
    return this.withTables((connection) => estimateScan(connection, this.source.tables, read), signal);
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
    return this.withTables((connection) => readRows(connection, sql), signal);
  }

  /** Nothing stays open between runs. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private async withTables<T>(
    work: (connection: DuckDBConnection) => Promise<T>,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<T> {
    try {
      return await runLocked({ ...this.source, ...this.access([]) }, { signal }, work);
    } catch (error) {
      throw queryError(error);
    }
  }

  private access(otherFiles: readonly string[]): {
    files: string[];
    prepare: (connection: DuckDBConnection) => Promise<void>;
  } {
    const { tables } = this.source;
    const views = tables.map(({ name, file, restriction, behind }) => {
      const stored = parquetRows(file);
      const rows = behind === undefined ? stored : `(${restrictedSelect(stored, behind.table, behind.restriction)})`;
      const select = restriction === undefined ? `FROM ${rows}` : restrictedSelect(rows, name, restriction);
      return `CREATE VIEW ${identifier(name)} AS ${select}`;
    });
    return {
      files: [...tables.map(({ file }) => file), ...otherFiles],
      prepare: async (connection) => {
        try {
          await connection.run([...ROW_COUNTER.create, ...views].join(';\n'));
        } catch (error) {
          throw new EngineError('query_failed', 'A file of this data source is missing or damaged. Upload it again.', {
            cause: error,
          });
        }
      },
    };
  }
}

async function readBack(
  connection: DuckDBConnection,
  { resultFile, firstRows = 0 }: RunRequest,
  { columns, rowCount }: StoredSummary,
): Promise<CellValue[][]> {
  const wanted = Math.min(firstRows, rowCount);
  if (wanted === 0) return [];
  const sql = `FROM ${parquetRows(resultFile)} LIMIT ${wanted}`;
  const { rows } = await readRows(connection, sql, columns, FIRST_ROWS_BYTES);
  return rows;
}
