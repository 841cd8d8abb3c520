import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, LessThan } from 'typeorm';
import type { RunSummary } from '../../engine/connectors/connector.js';
import { EngineError } from '../../engine/errors.js';
import { DatabaseConfig, QueryConfig } from '../../platform/config/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { ConnectorsService } from '../data-sources/index.js';
import { type QueryAction, QueryHistory } from './entities/query-history.entity.js';
import { QueryMetric } from './entities/query-metric.entity.js';
import { QueryResult } from './entities/query-result.entity.js';
import { Query } from './entities/query.entity.js';
import { FIRST_ROWS, FirstRows } from './first-rows.js';
import { timed } from './question-planner.js';
import { afterRun, type Receipt } from './receipt.js';

type Tables = Parameters<ConnectorsService['ofTables']>[0];

/** A run of another replica may still be going on for so long after its time-out. */
const GRACE_MS = 60_000;

/** Runs a planned query at its source and records how it ended. */
@Injectable()
export class QueryExecution implements OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly connectors: ConnectorsService,
    private readonly storage: LocalStorage,
    private readonly firstRows: FirstRows,
    private readonly config: QueryConfig,
    private readonly database: DatabaseConfig,
  ) {}

  /** Queries that were running when a process ended did not finish, and say so. */
  async onApplicationBootstrap(): Promise<void> {
    const alone = this.database.url === undefined;
    const before = new Date(Date.now() - (alone ? 0 : this.config.timeoutMs + GRACE_MS));
    await this.dataSource.manager.update(
      Query,
      { status: In(['pending', 'running']), createdAt: LessThan(before) },
      {
        status: 'failed',
        errorCode: 'query_interrupted',
        finishedAt: new Date(),
        errorMessage: 'The server stopped before this query had finished. Run it again.',
      },
    );
  }

  /**
   * Runs a guarded statement; failures of the run end up in the query, not in the caller.
   *
   * @param planned what the plan has found out about the query, recorded when the run begins
   */
  async run(
    query: Query,
    planned: Partial<Query> & { receipt: Receipt },
    sql: string,
    tables: Tables,
    signal: AbortSignal,
  ): Promise<void> {
    await this.dataSource.manager.update(
      Query,
      { id: query.id },
      { ...planned, status: 'running', startedAt: new Date() },
    );
    const { receipt } = planned;
    const location = `results/${query.dataSourceId}/${query.id}-${Date.now()}.parquet`;
    try {
      const resultFile = await this.storage.prepare(location);
      const summary = await timed(receipt.timingsMs, 'execution', () =>
        this.connectors.ofTables(tables).run({
          sql,
          resultFile,
          signal,
          firstRows: FIRST_ROWS,
          limits: {
            maxRows: query.maxRows,
            timeoutMs: query.timeoutMs,
            maxMemoryBytes: this.config.maxMemoryBytes,
            maxResultBytes: this.config.maxResultBytes,
          },
        }),
      );
      this.firstRows.keep(location, summary.rows);
      await this.succeed(query, summary, afterRun(receipt, summary, query.maxRows), location);
    } catch (error) {
      await this.storage.remove(location);
      await this.fail(query, error);
    }
  }

  /** Records that the query ended without a result, and why. What nobody foresaw is thrown on, to be logged. */
  async fail(query: Query, error: unknown): Promise<void> {
    const known = error instanceof EngineError ? error : null;
    const cancelled = known?.code === 'query_cancelled';
    await this.record(query, cancelled ? 'cancelled' : 'executed', {
      status: cancelled ? 'cancelled' : 'failed',
      errorCode: known?.code ?? 'internal_error',
      errorMessage: known?.message ?? 'Something went wrong on our side. Try again, or ask your administrator.',
    });
    if (known === null) throw error;
  }

  /** Records an end of the query, with a line in its history. */
  async record(query: Query, action: QueryAction, end: Partial<Query>): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Query, { id: query.id }, { ...end, finishedAt: new Date() });
      await manager.insert(QueryHistory, {
        queryId: query.id,
        userId: query.userId,
        action,
        details: {
          status: end.status,
          ...(end.errorCode ? { error_code: end.errorCode } : {}),
        },
      });
    });
  }

  private async succeed(query: Query, summary: RunSummary, receipt: Receipt, location: string): Promise<void> {
    const { columns, rowCount, bytes, truncated, executionMs } = summary;
    await this.dataSource.transaction(async (manager) => {
      await manager.upsert(
        QueryResult,
        { queryId: query.id, resultLocation: location, resultMeta: { columns, rowCount, bytes } },
        ['queryId'],
      );
      await manager.update(
        Query,
        { id: query.id },
        {
          status: 'succeeded',
          receipt,
          executedRows: rowCount,
          truncated,
          executionTimeMs: executionMs,
          finishedAt: new Date(),
        },
      );
      await manager.insert(QueryMetric, {
        queryId: query.id,
        executionTimeMs: executionMs,
        resultRows: rowCount,
        resultBytes: bytes,
      });
      await manager.insert(QueryHistory, {
        queryId: query.id,
        userId: query.userId,
        action: 'executed',
        details: {
          status: 'succeeded',
          row_count: rowCount,
          truncated,
        },
      });
    });
  }
}
