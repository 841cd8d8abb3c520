import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type Chart, type ChartType, chooseChart } from '../../engine/charts/index.js';
import { FIRST_ROWS_BYTES, type Page, readPage } from '../../engine/connectors/duckdb/index.js';
import { AuditLog } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { ConnectorsService, DataSourcesService, type OpenedTable } from '../data-sources/index.js';
import { Drawings } from './drawing/drawings.js';
import type { QueryResult } from './entities/query-result.entity.js';
import type { Query } from './entities/query.entity.js';
import { FIRST_ROWS, FirstRows } from './first-rows.js';
import { QueriesService } from './queries.service.js';
import { accessKeyOf } from './result-keys.js';
import { type Staleness, stalenessOf } from './staleness.js';

/** Stored results: pages and charts. The source is never asked again. */
@Injectable()
export class ResultsService {
  constructor(
    private readonly queries: QueriesService,
    private readonly sources: DataSourcesService,
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
    private readonly firstRows: FirstRows,
    private readonly audit: AuditLog,
    private readonly drawings: Drawings,
  ) {}

  /**
   * A query whose rows are about to be read, which is recorded.
   *
   * @param details what of them
   * @throws DomainError `not_found`, `result_outdated` when what the caller may see of the data has changed since it ran
   */
  async open(id: number, caller: Principal, details: Record<string, unknown> = {}): Promise<Query> {
    const query = await this.queries.get(id, caller, 'see');
    if (query.result !== null) {
      const { dataSourceId } = query;
      await this.refuseOutdated(query, caller);
      await this.audit.record({
        action: 'query.rows_read',
        objectId: id,
        details: { data_source_id: dataSourceId, ...details },
      });
    }
    return query;
  }

  /**
   * A query whose rows may be given out to the caller, now; none are read.
   *
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`
   */
  async check(id: number, caller: Principal): Promise<Query> {
    const query = await this.queries.get(id, caller, 'see');
    ready(query);
    await this.refuseOutdated(query, caller);
    return query;
  }

  /**
   * What the caller may see of the tables behind some queries, as something that can be compared: another when the access rules
   * that hold for them have changed, or when one of the sources is not theirs to see any more.
   */
  async accessOf(ids: readonly number[], caller: Principal): Promise<string> {
    const queries = await this.queries.given(ids);
    const keys = await Promise.all(
      queries.map(async ({ id, dataSourceId, userId, receipt }) => {
        const tables = await this.tablesOf(dataSourceId, userId, caller);
        return [id, tables === null ? 'none' : accessKeyOf(receipt?.tables ?? [], tables)];
      }),
    );
    keys.sort(([one], [other]) => Number(one) - Number(other));
    return createHash('sha256').update(JSON.stringify(keys)).digest('hex');
  }

  /** Those of the ids whose query has rows that may be given out to the caller. */
  async current(ids: readonly number[], caller: Principal): Promise<ReadonlySet<number>> {
    const queries = await this.queries.getAll(ids, caller);
    const sources = new Map<string, Promise<readonly OpenedTable[] | null>>();
    const current = new Set<number>();
    for (const query of queries) {
      const { dataSourceId, userId } = query;
      const key = `${dataSourceId}:${userId}`;
      const opened = sources.get(key) ?? this.tablesOf(dataSourceId, userId, caller);
      sources.set(key, opened);
      const tables = await opened;
      if (query.result !== null && tables !== null && !isOutdated(query, tables)) current.add(query.id);
    }
    return current;
  }

  /** Why the result of a query is not what it would be now; null when nothing is known to have changed. */
  async staleness(query: Query, caller: Principal): Promise<Staleness | null> {
    if (query.result === null) return null;
    const { source, catalog } = await this.sources.openThrough(query.dataSourceId, query.userId, caller);
    return stalenessOf(query, source, catalog);
  }

  /** @throws DomainError `result_not_ready` when the query has not succeeded */
  async page(
    id: number,
    offset: number,
    limit: number,
    caller: Principal,
    signal: AbortSignal,
  ): Promise<Page & { rowCount: number }> {
    const result = ready(await this.open(id, caller, { offset, limit }));
    return { ...(await this.read(result, offset, limit, signal)), rowCount: result.resultMeta.rowCount };
  }

  /** The first rows and the chart of a query that has succeeded; null for any other. */
  async overview(query: Query, pageSize: number, signal: AbortSignal): Promise<(Page & { chart: Chart }) | null> {
    if (query.result === null) return null;
    const page = await this.beginning(query.result, signal);
    return { columns: page.columns, rows: page.rows.slice(0, pageSize), chart: this.choose(query, query.result, page) };
  }

  /**
   * The chart of a result, of the wished type or of the one that suits it.
   *
   * @throws DomainError `result_not_ready`; EngineError `chart_not_possible` when the type does not suit the result
   */
  async chart(id: number, type: ChartType | undefined, caller: Principal, signal: AbortSignal): Promise<Chart> {
    const query = await this.open(id, caller, { as: 'chart' });
    const result = ready(query);
    return this.choose(query, result, await this.beginning(result, signal), type);
  }

  /** @throws EngineError `chart_not_possible` when the result is best read as a table */
  async draw(chart: Chart, format: 'svg' | 'png'): Promise<string | Buffer> {
    if (chart.spec === null) {
      throw new DomainError('chart_not_possible', `${chart.reason} Ask for a type, or take the rows.`);
    }
    return format === 'svg' ? this.drawings.svg(chart.spec) : this.drawings.png(chart.spec, { scale: 2 });
  }

  /** The first rows, enough for a page and a chart; fewer where they are long. */
  async beginning(result: QueryResult, signal: AbortSignal): Promise<Page> {
    const known = this.firstRows.get(result.resultLocation);
    if (known !== undefined) return { columns: result.resultMeta.columns, rows: known };
    const page = await this.read(result, 0, FIRST_ROWS, signal, FIRST_ROWS_BYTES);
    this.firstRows.keep(result.resultLocation, page.rows);
    return page;
  }

  private async refuseOutdated(query: Query, caller: Principal): Promise<void> {
    const { tables } = await this.sources.openThrough(query.dataSourceId, query.userId, caller);
    if (isOutdated(query, tables)) throw outdated(query, caller);
  }

  /** The tables of a source as the caller may read them; null when it is not theirs to see any more. */
  private async tablesOf(
    dataSourceId: number,
    askerId: number,
    caller: Principal,
  ): Promise<readonly OpenedTable[] | null> {
    try {
      return (await this.sources.openThrough(dataSourceId, askerId, caller)).tables;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'not_found') return null;
      throw error;
    }
  }

  private choose(query: Query, result: QueryResult, page: Page, type?: ChartType): Chart {
    return chooseChart(
      { columns: page.columns, rows: page.rows, truncated: result.resultMeta.rowCount > page.rows.length },
      {
        ...(type === undefined ? {} : { type }),
        ...(query.naturalLanguage === null ? {} : { question: query.naturalLanguage }),
      },
    );
  }

  private read(
    result: QueryResult,
    offset: number,
    limit: number,
    signal: AbortSignal,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<Page> {
    const file = this.storage.pathOf(result.resultLocation);
    return readPage({ file, offset, limit, maxBytes, signal, bounds: this.connectors.bounds });
  }
}

/** What the caller may see of the tables is not what the query was allowed to see. */
function isOutdated({ receipt, accessKey }: Query, tables: readonly OpenedTable[]): boolean {
  return accessKeyOf(receipt?.tables ?? [], tables) !== accessKey;
}

function outdated({ userId }: Query, caller: Principal): DomainError {
  const detail =
    userId === caller.userId
      ? 'What you may see of this data has changed since this query ran. Run it again.'
      : 'You may see other rows of this data than the person who ran this query. Run it again to see yours.';
  return new DomainError('result_outdated', detail);
}

/** @throws DomainError `result_not_ready` when the query has not succeeded */
export function ready(query: Query): QueryResult {
  if (query.result === null) {
    throw new DomainError('result_not_ready', `This query has no rows: it is ${query.status.replaceAll('_', ' ')}.`);
  }
  return query.result;
}
