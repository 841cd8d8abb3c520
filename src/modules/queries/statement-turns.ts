import { Injectable } from '@nestjs/common';
import type { CellValue, ResultColumn } from '../../engine/charts/index.js';
import type { GuardedStatement } from '../../engine/sql/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { SourceAvailability, SourceTurns } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';
import { QueryBudget } from './query-budget.js';
import type { RunPlan } from './query-execution.js';
import { receiptOf } from './receipt.js';
import { type Opened, StatementRuns } from './statement-runs.js';

/** The beginning of a result that is not kept anywhere. */
export interface BriefResult {
  columns: ResultColumn[];
  /** The first 5,000 at most. */
  rows: CellValue[][];
  rowCount: number;
  truncated: boolean;
}

/** Runs guarded statements whose rows are only looked at, in turn and under the same limits as every query. */
@Injectable()
export class StatementTurns {
  constructor(
    private readonly turns: SourceTurns,
    private readonly budget: QueryBudget,
    private readonly statements: StatementRuns,
    private readonly availability: SourceAvailability,
    private readonly config: QueryConfig,
  ) {}

  /**
   * @param query whose limits hold
   * @param userId in whose turn
   * @param keep gets the file with the whole result, which is gone afterwards unless it is moved
   * @throws DomainError `overloaded`, `source_unavailable`, `query_over_budget`; EngineError as a query fails
   */
  async run(
    { caps, maxRows, timeoutMs, generatedSql }: Pick<Query, 'caps' | 'maxRows' | 'timeoutMs' | 'generatedSql'>,
    statement: GuardedStatement,
    opened: Opened,
    userId: number,
    keep: (resultFile: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<BriefResult> {
    const { source } = opened;
    const plan: RunPlan = {
      kind: 'run',
      shownSql: generatedSql ?? '',
      statement,
      answer: null,
      taught: null,
      notes: [],
      glossaryTerms: [],
      language: null,
      rendering: null,
      model: null,
      timingsMs: {},
    };
    const signal = new AbortController().signal;
    this.availability.check(source);
    const costs = { userId, caps: this.budget.capsOf(caps), dryRun: false };
    await this.budget.check(costs, plan, receiptOf(plan, source), opened, signal);
    const limits = { maxRows, timeoutMs: Math.min(timeoutMs, this.config.timeoutMs) };
    const summary = await this.turns.take({ userId, sourceId: source.id }, signal, (stopped) =>
      this.statements.run(statement, opened, limits, { signal: stopped, progress: () => undefined }, keep),
    );
    const { columns, rows, rowCount, truncated } = summary;
    return { columns, rows, rowCount, truncated };
  }
}
