import { rm } from 'node:fs/promises';
import type { Catalog } from '../../catalog/catalog.js';
import { combineCatalogs } from '../../catalog/combine-catalogs.js';
import { EngineError } from '../../errors.js';
import type { TableNeed } from '../../sql/index.js';
import type { ConnectionReport, Connector, FetchedTable, RunRequest, RunSummary } from '../connector.js';
import { DuckDbFileConnector, type EngineBounds, type FileTable } from '../duckdb/index.js';
import { timedOut } from '../duckdb/interruption.js';
import { type Fetch, planFetch, type RemoteTable } from './fetch-plan.js';
import { type FetchLimits, fetchTables } from './fetch-tables.js';

export interface CombinedSource {
  bounds: EngineBounds;
  fetchLimits: FetchLimits;
  /** Tables that lie in files. */
  files: readonly FileTable[];
  /** Tables in databases. */
  remotes: readonly RemoteTable[];
  /** What a statement needs of the tables, as the guard says that has printed it. */
  needsOf(sql: string): Promise<TableNeed[]>;
}

/**
 * Questions over tables of several sources. Those in files are read where they lie. Of those in databases a statement's
 * columns, and rows as far as its conditions can be tried there, are fetched first, through the guard and under the rules of
 * their own source; DuckDB then runs the whole statement over both.
 */
export class CombinedConnector implements Connector {
  readonly dialect = 'duckdb' as const;

  constructor(private readonly source: CombinedSource) {}

  /** Tries every database; the first one that cannot be reached ends it. */
  async test(signal?: AbortSignal): Promise<ConnectionReport> {
    const started = performance.now();
    const { serverVersion } = await this.over(this.source.files).test();
    const members = new Map(this.source.remotes.map(({ member }) => [member.id, member]));
    const versions = [serverVersion];
    for (const { connect } of members.values()) {
      const connector = await connect();
      try {
        versions.push((await connector.test(signal)).serverVersion);
      } finally {
        await connector.close();
      }
    }
    const latencyMs = Math.round(performance.now() - started);
    return { ok: true, latencyMs, serverVersion: [...new Set(versions)].join(', ') };
  }

  /** Reads the schemas of all members anew, and gives what of them is combined here. */
  async introspect(signal?: AbortSignal): Promise<Catalog> {
    const files = await this.over(this.source.files).introspect(signal);
    const parts = files.tables.map((table) => ({ name: table.name, source: 0, table }));
    for (const { name, member } of this.source.remotes) {
      const connector = await member.connect();
      try {
        const { tables } = await connector.introspect(signal);
        const table = tables.find((one) => one.name === member.table);
        if (table !== undefined) parts.push({ name, source: member.id, table });
      } finally {
        await connector.close();
      }
    }
    return combineCatalogs(parts, new Map([[0, files.relationships]]));
  }

  async run(request: RunRequest): Promise<RunSummary> {
    const { limits, resultFile } = request;
    const started = performance.now();
    const until = started + limits.timeoutMs;
    const fetches = await this.planFetches(request);
    const files = new Map(fetches.map((fetch, index) => [fetch, `${resultFile}.fetched-${index}`]));
    const fileOf = (fetch: Fetch): string => files.get(fetch) ?? '';
    try {
      const bounds = this.source.fetchLimits;
      const fetched = await fetchTables(fetches, { ...request, bounds, until }, fileOf);
      const told = fetched.map((one, index) => withoutHidden(one, fetches[index]));
      const tables = [...this.source.files, ...fetches.map((fetch) => fetchedTable(fetch, fileOf(fetch)))];
      const summary = await this.runOver(tables, request, until);
      return { ...summary, executionMs: Math.round(performance.now() - started), fetched: told };
    } finally {
      for (const file of files.values()) await rm(file, { force: true });
    }
  }

  /** Nothing stays open between runs. */
  close(): Promise<void> {
    return Promise.resolve();
  }

  private async planFetches({ sql, limits }: RunRequest): Promise<Fetch[]> {
    const needs = new Map((await this.source.needsOf(sql)).map((need) => [need.table, need]));
    return this.source.remotes.flatMap((table) => {
      const need = needs.get(table.name);
      return need === undefined ? [] : [planFetch(need, table, limits.maxRows)];
    });
  }

  private async runOver(tables: readonly FileTable[], request: RunRequest, until: number): Promise<RunSummary> {
    const { limits } = request;
    const late = timedOut(limits.timeoutMs);
    const timeoutMs = Math.ceil(until - performance.now());
    if (timeoutMs <= 0) throw late;
    try {
      return await this.over(tables).run({ ...request, limits: { ...limits, timeoutMs } });
    } catch (error) {
      // Of the time that was left nobody has heard.
      throw error instanceof EngineError && error.code === 'query_timeout' ? late : error;
    }
  }

  private over(tables: readonly FileTable[]): DuckDbFileConnector {
    return new DuckDbFileConnector({ ...this.source.bounds, tables });
  }
}

/** Without the numbers that would tell how many rows there are beside those that the combined source's own rules let through. */
function withoutHidden(fetched: FetchedTable, fetch: Fetch | undefined): FetchedTable {
  const hasRowRules = (fetch?.table.restriction?.rowRules.length ?? 0) > 0;
  return hasRowRules ? { ...fetched, rows: null, bytes: null } : fetched;
}

/** The table as statements see it: what was fetched, under the rules of the combined source. */
function fetchedTable({ table, columns }: Fetch, file: string): FileTable {
  const { name, restriction } = table;
  return { name, file, ...(restriction === undefined ? {} : { restriction: { ...restriction, columns } }) };
}
