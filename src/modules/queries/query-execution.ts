import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, LessThan } from 'typeorm';
import { EngineError } from '../../engine/errors.js';
import { DatabaseConfig, QueryConfig } from '../../platform/config/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { ConnectorsService } from '../data-sources/index.js';
import { Query } from './entities/query.entity.js';
import { FIRST_ROWS, FirstRows } from './first-rows.js';
import { QueryJournal } from './query-journal.js';
import { type Plan, timed } from './question-planner.js';
import { afterRun, type Receipt } from './receipt.js';

export type RunPlan = Extract<Plan, { kind: 'run' }>;
type Tables = Parameters<ConnectorsService['ofTables']>[0];

/** A run of another replica may still be going on for so long after its time-out. */
const GRACE_MS = 60_000;

/** Runs a planned query at its source and records how it ended. */
@Injectable()
export class QueryExecution implements OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly journal: QueryJournal,
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
   * Runs a planned query; failures of the run end up in the query, not in the caller.
   *
   * @param receipt what is known of the answer before it is run
   */
  async run(query: Query, plan: RunPlan, receipt: Receipt, tables: Tables, signal: AbortSignal): Promise<void> {
    const location = `results/${query.dataSourceId}/${query.id}-${Date.now()}.parquet`;
    const begun = this.journal.begin(query.id, plan.shownSql, receipt, plan.answer?.confidence ?? null);
    try {
      const resultFile = await this.storage.prepare(location);
      const [summary] = await Promise.all([
        timed(receipt.timingsMs, 'execution', () =>
          this.connectors.ofTables(tables).run({
            sql: plan.statement.sql,
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
        ),
        begun,
      ]);
      this.firstRows.keep(location, summary.rows);
      await this.journal.succeed(query, summary, afterRun(receipt, summary, query.maxRows), location);
    } catch (error) {
      await begun;
      await this.storage.remove(location);
      await this.fail(query, error);
    }
  }

  /** Records that the query ended without a result, and why. What nobody foresaw is thrown on, to be logged. */
  async fail(query: Query, error: unknown): Promise<void> {
    const known = error instanceof EngineError ? error : null;
    const cancelled = known?.code === 'query_cancelled';
    await this.journal.end(query, cancelled ? 'cancelled' : 'executed', {
      status: cancelled ? 'cancelled' : 'failed',
      errorCode: known?.code ?? 'internal_error',
      errorMessage: known?.message ?? 'Something went wrong on our side. Try again, or ask your administrator.',
    });
    if (known === null) throw error;
  }
}
