import { Injectable } from '@nestjs/common';
import type { RunSummary } from '../../engine/connectors/connector.js';
import { EngineError } from '../../engine/errors.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { LocalStorage } from '../../platform/storage/index.js';
import type { Query } from './entities/query.entity.js';
import { FirstRows } from './first-rows.js';
import { QueryJournal } from './query-journal.js';
import { ResultReuse } from './result-reuse.js';
import { type Plan, timed } from './question-planner.js';
import { afterRun, type Receipt } from './receipt.js';
import type { RunContext } from './running-queries.js';
import { type Opened, StatementRuns } from './statement-runs.js';

export type RunPlan = Extract<Plan, { kind: 'run' }>;

/** 0 to 1: a person has found a verified query right; SQL that somebody wrote has none. */
export function confidenceOf({ taught, answer }: RunPlan): number | null {
  return answer?.confidence ?? (taught === null ? null : 1);
}

/** Runs a planned query at its source and records how it ended. */
@Injectable()
export class QueryExecution {
  constructor(
    private readonly journal: QueryJournal,
    private readonly statements: StatementRuns,
    private readonly storage: LocalStorage,
    private readonly firstRows: FirstRows,
    private readonly reuse: ResultReuse,
  ) {}

  /**
   * Runs a planned query; failures of the run end up in the query, not in the caller.
   *
   * @param receipt what is known of the answer before it is run
   * @param fresh whether it must run even when the result is known from an earlier run
   * @param context of the run: what stops it, and who is told how far it is
   */
  async run(
    query: Query,
    plan: RunPlan,
    receipt: Receipt,
    opened: Opened,
    fresh: boolean,
    context: RunContext,
  ): Promise<void> {
    const location = `results/${query.dataSourceId}/${query.id}-${Date.now()}.parquet`;
    try {
      const reused = fresh ? null : await this.reuse.take(query, location);
      const [begun, stored] = await Promise.allSettled([
        this.journal.begin(query, plan.shownSql, receipt, confidenceOf(plan)),
        timed(receipt.timingsMs, 'execution', async () => reused ?? this.store(query, plan, opened, location, context)),
      ]);
      if (stored.status === 'rejected') throw stored.reason;
      if (begun.status === 'rejected') throw begun.reason;
      const summary = stored.value;
      const told = { ...afterRun(receipt, summary, query.maxRows), cacheHit: reused !== null };
      if (await this.journal.succeed(query, summary, told, location)) {
        if (summary.rows.length > 0) this.firstRows.keep(location, summary.rows);
      } else {
        await this.storage.remove(location);
      }
    } catch (error) {
      try {
        await this.storage.remove(location);
      } finally {
        await this.fail(query, error, { receipt, hasRun: true });
      }
    }
  }

  /**
   * Records that the query ended without a result, and why. What nobody foresaw is thrown on, to be logged.
   *
   * @param known what is known of the answer by then, and whether a run has begun, whose times count
   */
  async fail(
    query: Query,
    error: unknown,
    { receipt, hasRun = false }: { receipt?: Receipt | undefined; hasRun?: boolean } = {},
  ): Promise<void> {
    const known = error instanceof EngineError || error instanceof DomainError ? error : null;
    const cancelled = known?.code === 'query_cancelled';
    const status = cancelled ? 'cancelled' : 'failed';
    const ran = hasRun && receipt?.timingsMs['execution'] !== undefined;
    await this.journal.end(query, cancelled ? 'cancelled' : 'executed', {
      status,
      ...(receipt === undefined ? {} : { receipt }),
      ...(ran ? { metric: { outcome: status, timingsMs: receipt.timingsMs } } : {}),
      errorCode: known?.code ?? 'internal_error',
      errorMessage: known?.message ?? 'Something went wrong on our side. Try again, or ask your administrator.',
    });
    if (known === null) throw error;
  }

  private store(
    { maxRows, timeoutMs }: Query,
    { statement }: RunPlan,
    opened: Opened,
    location: string,
    context: RunContext,
  ): Promise<RunSummary> {
    const keep = (file: string): Promise<void> => this.storage.keep(file, location);
    return this.statements.run(statement, opened, { maxRows, timeoutMs }, context, keep);
  }
}
