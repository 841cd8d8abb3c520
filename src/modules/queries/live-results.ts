import { createHash } from 'node:crypto';
import { copyFile, rename } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { CellValue, ResultColumn } from '../../engine/charts/index.js';
import { rowBytes } from '../../engine/connectors/duckdb/index.js';
import type { AppliedRule } from '../../engine/sql/index.js';
import { AuditLog } from '../../platform/audit/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { DataSourcesService, type OpenedSource, type OpenedTable, SqlGuards } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';
import { accessKeyOf, resultKeyOf } from './result-keys.js';
import { ResultsService } from './results.service.js';
import { StatementTurns } from './statement-turns.js';
import { filteredTables, type TableFilter } from './table-filters.js';

/** Memory for rows, over all results, in bytes. */
const MOST_BYTES = 64_000_000;

/** The rows that a query's statement gives somebody now. */
export interface LiveResult {
  columns: ResultColumn[];
  /** The first 5,000 at most. */
  rows: CellValue[][];
  rowCount: number;
  /** True when the statement gives more rows than were kept. */
  truncated: boolean;
  /** When the data was like this. */
  asOf: Date;
  /** Whether access rules keep something of it from the person. */
  restricted: boolean;
  /** The tables that the statement reads. */
  tables: string[];
}

export interface LiveWish {
  filters: readonly TableFilter[];
  /** Rows of databases, which change without our knowing, may be so old, in milliseconds. */
  maxAgeMs: number;
  /** What of it was shown where, for the audit trail. */
  shown: Record<string, unknown>;
}

interface Kept {
  columns: ResultColumn[];
  rows: CellValue[][];
  rowCount: number;
  truncated: boolean;
  asOf: Date;
}

/**
 * What queries give when they are looked at by others than who asked them: the statement as it was, under the access rules of
 * whoever looks, and with the filters that they set. Results are shared between those who see the same, and with nobody else.
 */
@Injectable()
export class LiveResults {
  private readonly kept = new LRUCache<string, Kept>({
    maxSize: MOST_BYTES,
    sizeCalculation: ({ rows }) => rows.reduce((sum, row) => sum + rowBytes(row), 1),
  });
  private readonly underway = new Map<string, Promise<Kept>>();

  constructor(
    private readonly sources: DataSourcesService,
    private readonly guards: SqlGuards,
    private readonly results: ResultsService,
    private readonly turns: StatementTurns,
    private readonly audit: AuditLog,
    private readonly config: QueryConfig,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * The source of a query as the caller may see it who was given what was made of it.
   *
   * @throws DomainError `not_found` when whoever asked the query may not use the source any more
   */
  async open(query: Query, caller: Principal): Promise<OpenedSource> {
    try {
      return await this.sources.openThrough(query.dataSourceId, query.userId, caller);
    } catch (error) {
      throw error instanceof DomainError && error.code === 'not_found' ? notShared(error) : error;
    }
  }

  /**
   * @param query that the caller was given, whoever asked it, with its result
   * @throws DomainError `not_found`, `result_not_ready` for a query without SQL, `validation_failed` for a filter that the caller may not
   *   set, `overloaded`, `source_unavailable`; EngineError as a query fails
   */
  async of(query: Query, caller: Principal, { filters, maxAgeMs, shown }: LiveWish): Promise<LiveResult> {
    const opened = await this.open(query, caller);
    if (query.generatedSql === null) throw withoutSql();
    const tables = await filteredTables(opened, filters, this.guards);
    const statement = await this.guards.check(query.generatedSql, query.engine, tables);
    const accessKey = accessKeyOf(statement.tables, opened.tables);
    const seen = { ...query, maxRows: Math.min(query.maxRows, this.config.maxRows) };
    const exactKey = resultKeyOf(seen, opened.source, statement, accessKeyOf(statement.tables, tables), tables);
    const key = exactKey ?? keyOf(seen, opened, statement.sql, accessKeyOf(statement.tables, tables));
    const oldest = exactKey === null ? Date.now() - maxAgeMs : 0;
    const known =
      this.recent(key, oldest) ??
      (filters.length === 0 ? await this.asStored(query, accessKey, opened, oldest) : undefined) ??
      (await this.once(key, () => this.turns.run(seen, statement, { source: opened.source, tables }, caller.userId)));
    const details = { data_source_id: query.dataSourceId, ...shown, filters };
    await this.audit.record({ action: 'query.rows_read', objectId: query.id, details });
    const asOf = exactKey === null ? known.asOf : opened.source.loadedAt;
    return { ...known, asOf, restricted: hasRules(statement.rules, opened.tables), tables: statement.tables };
  }

  /**
   * The same as a file of all rows that the statement gives, as stored results are.
   *
   * @param path where the file is put
   * @throws as `of`
   */
  async whole(query: Query, caller: Principal, { filters, maxAgeMs, shown }: LiveWish, path: string): Promise<void> {
    const opened = await this.open(query, caller);
    if (query.generatedSql === null) throw withoutSql();
    const tables = await filteredTables(opened, filters, this.guards);
    const statement = await this.guards.check(query.generatedSql, query.engine, tables);
    const accessKey = accessKeyOf(statement.tables, opened.tables);
    const details = { data_source_id: query.dataSourceId, ...shown, filters };
    await this.audit.record({ action: 'query.rows_read', objectId: query.id, details });
    const seen = { ...query, maxRows: Math.min(query.maxRows, this.config.maxRows) };
    const exactKey = resultKeyOf(seen, opened.source, statement, accessKey, tables);
    const oldest = exactKey === null ? Date.now() - maxAgeMs : 0;
    const { result } = query;
    if (result !== null && filters.length === 0 && isCurrent(query, accessKey, opened, oldest)) {
      return copyFile(this.storage.pathOf(result.resultLocation), path);
    }
    const from = { source: opened.source, tables };
    await this.turns.run(seen, statement, from, caller.userId, (file) => rename(file, path));
  }

  private recent(key: string, oldest: number): Kept | undefined {
    const kept = this.kept.get(key);
    return kept !== undefined && kept.asOf.getTime() >= oldest ? kept : undefined;
  }

  /** The result that the query itself has, where the caller sees the same of the data as who ran it, and it is the data of now. */
  private async asStored(
    query: Query,
    accessKey: string | null,
    opened: OpenedSource,
    oldest: number,
  ): Promise<Kept | undefined> {
    const { result, truncated, finishedAt } = query;
    if (result === null || finishedAt === null || !isCurrent(query, accessKey, opened, oldest)) return undefined;
    // Whoever goes away must not take along what others wait for.
    const { columns, rows } = await this.results.beginning(result, new AbortController().signal);
    return { columns, rows, rowCount: result.resultMeta.rowCount, truncated, asOf: finishedAt };
  }

  /** However many ask for it at the same time, it is run once. */
  private async once(key: string, run: () => Promise<Omit<Kept, 'asOf'>>): Promise<Kept> {
    const underway = this.underway.get(key);
    if (underway !== undefined) return underway;
    const running = run()
      .then((summary) => {
        const kept = { ...summary, asOf: new Date() };
        this.kept.set(key, kept);
        return kept;
      })
      .finally(() => this.underway.delete(key));
    this.underway.set(key, running);
    return running;
  }
}

/** The caller sees the same of the data as who ran the query, and its result is of the data of now. */
function isCurrent(
  { receipt, finishedAt, accessKey: ranUnder }: Query,
  accessKey: string | null,
  { source }: OpenedSource,
  oldest: number,
): boolean {
  const isSame = ranUnder === accessKey && receipt?.dataVersion === source.version;
  return isSame && finishedAt !== null && finishedAt.getTime() >= oldest;
}

function keyOf(
  { dataSourceId, engine, maxRows }: Query,
  { source }: OpenedSource,
  sql: string,
  accessKey: string | null,
): string {
  const parts = [dataSourceId, source.version, source.schemaVersion, engine, sql, maxRows, accessKey];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Filters are conditions like rules, but keep nothing from anybody. */
function hasRules(applied: readonly AppliedRule[], tables: readonly OpenedTable[]): boolean {
  const filteredOnly = ({ table, kind }: AppliedRule): boolean => {
    const opened = tables.find(({ name }) => name === table);
    return kind === 'row' && (opened?.rowRules?.length ?? 0) + (opened?.behind?.rowRules?.length ?? 0) === 0;
  };
  return applied.some((rule) => !filteredOnly(rule));
}

function notShared(cause: DomainError): DomainError {
  return new DomainError('not_found', 'The data behind this is not there any more, or not shared with you.', { cause });
}

function withoutSql(): DomainError {
  return new DomainError('result_not_ready', 'This query has no SQL to run: it was not answered. Ask it again.');
}
