import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { CellValue } from '../../../engine/charts/index.js';
import { equalsAny } from '../../../engine/evaluation/index.js';
import { EngineError } from '../../../engine/errors.js';
import type { Clarification } from '../../../engine/text-to-sql/index.js';
import { QueryConfig } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { type DataSourcesService, dialectOf, SourceTurns } from '../../data-sources/index.js';
import { QueryBudget } from '../query-budget.js';
import { confidenceOf, type RunPlan } from '../query-execution.js';
import type { Planning } from '../planning.js';
import { type Plan, QuestionPlanner } from '../question-planner.js';
import { receiptOf } from '../receipt.js';
import { StatementRuns } from '../statement-runs.js';
import type { EvaluationCase } from '../entities/evaluation-case.entity.js';
import type { EvaluationResult } from '../entities/evaluation-result.entity.js';

/** Whose questions they are, what they may see of the source, and what stops the run. */
export interface Trial {
  userId: number;
  opened: Awaited<ReturnType<DataSourcesService['open']>>;
  /** Whether what people taught counts. */
  learned: boolean;
  signal: AbortSignal;
}

export type TrialOutcome = Pick<
  EvaluationResult,
  'outcome' | 'correct' | 'sql' | 'reason' | 'confidence' | 'latencyMs'
>;

/** More rows than these are not compared. */
const MOST_ROWS = 5000;
/** Questions back that one question may lead to before it counts as not answered. */
const MOST_QUESTIONS_BACK = 3;
/** A run has time: it asks again for a turn that it did not get. */
const TURNS_ASKED_FOR = 10;
const BETWEEN_TURNS_MS = 2_000;

/** Asks the questions of cases the way `POST /queries` does, except that nothing is stored, and compares the results. */
@Injectable()
export class CaseTrials {
  constructor(
    private readonly planner: QuestionPlanner,
    private readonly budget: QueryBudget,
    private readonly turns: SourceTurns,
    private readonly statements: StatementRuns,
    private readonly config: QueryConfig,
  ) {}

  /** @throws whatever stops the run as a whole: `query_cancelled`, and what nobody foresaw */
  async try(tried: EvaluationCase, trial: Trial): Promise<TrialOutcome> {
    try {
      return await this.reply(tried, trial);
    } catch (error) {
      if (!isForeseen(error) || trial.signal.aborted) throw error;
      return { ...NO_REPLY, outcome: 'failed', correct: false, reason: `${error.code}: ${error.message}` };
    }
  }

  private async reply(tried: EvaluationCase, trial: Trial): Promise<TrialOutcome> {
    const expected = await this.expectedRows(tried, trial);
    if (typeof expected === 'string') return { ...NO_REPLY, outcome: 'invalid', correct: null, reason: expected };
    const plan = await this.plan(tried.question, [], trial);
    const latencyMs = (plan.timingsMs['text_to_sql'] ?? 0) + (plan.timingsMs['guard'] ?? 0);
    if (plan.kind === 'stop') {
      const { outcome } = plan;
      const told = { sql: null, confidence: null, latencyMs };
      if (outcome.kind === 'unanswerable') {
        const correct = tried.expected === 'answer' ? null : tried.expected === 'abstention';
        return { ...told, outcome: 'unanswerable', correct, reason: outcome.reason };
      }
      // Asking back is no answer, so that it is right also where there is none.
      const correct = expected === null || (await this.leadsThere(outcome, tried, expected, trial));
      const reason = `${outcome.question} ${outcome.options.map(({ label }) => label).join(' | ')}`;
      return { ...told, outcome: 'clarification', correct, reason, confidence: outcome.confidence };
    }
    const told = { sql: plan.shownSql, confidence: confidenceOf(plan), latencyMs };
    if (expected === null) return { ...told, outcome: 'answer', correct: false, reason: 'This was to be left open.' };
    try {
      const rows = await this.rows(plan, trial);
      const correct = areEqual(rows, expected, tried);
      return { ...told, outcome: 'answer', correct, reason: correct ? null : differenceOf(rows, expected) };
    } catch (error) {
      if (!isForeseen(error) || trial.signal.aborted) throw error;
      return { ...told, outcome: 'failed', correct: false, reason: `${error.code}: ${error.message}` };
    }
  }

  /** The rows that are right now; null where no answer is; in words, why they cannot be had. */
  private async expectedRows(tried: EvaluationCase, trial: Trial): Promise<CellValue[][] | string | null> {
    if (tried.expected !== 'answer') return null;
    if (tried.expectedRows !== null) return tried.expectedRows;
    try {
      const plan = await this.planner.plan(
        planning(trial, { generatedSql: tried.expectedSql }),
        trial.opened.catalog,
        trial.opened.tables,
      );
      return plan.kind === 'run' ? await this.rows(plan, trial) : 'The expected SQL could not be run.';
    } catch (error) {
      if (!isForeseen(error) || trial.signal.aborted) throw error;
      return `The expected SQL could not be run: ${error.code}.`;
    }
  }

  private async leadsThere(
    { options }: Clarification,
    tried: EvaluationCase,
    expected: CellValue[][],
    trial: Trial,
    chosen: readonly string[] = [],
  ): Promise<boolean> {
    for (const { value } of options) {
      const choices = [...chosen, value];
      try {
        const plan = await this.plan(tried.question, choices, trial);
        if (plan.kind === 'run') {
          if (areEqual(await this.rows(plan, trial), expected, tried)) return true;
        } else if (plan.outcome.kind === 'clarification' && choices.length < MOST_QUESTIONS_BACK) {
          if (await this.leadsThere(plan.outcome, tried, expected, trial, choices)) return true;
        }
      } catch (error) {
        // One option that cannot be run says nothing of the others.
        if (!isForeseen(error) || trial.signal.aborted) throw error;
      }
    }
    return false;
  }

  private plan(question: string, choices: string[], trial: Trial): Promise<Plan> {
    const { catalog, tables } = trial.opened;
    return this.planner.plan(planning(trial, { naturalLanguage: question, choices }), catalog, tables, trial.learned);
  }

  /** @throws EngineError as a query fails, `query_result_too_large` when there are too many rows to compare; DomainError `query_over_budget`, `overloaded` */
  private async rows(plan: RunPlan, { userId, opened, signal }: Trial): Promise<CellValue[][]> {
    const { source } = opened;
    const query = { userId, caps: this.budget.capsOf(null), dryRun: false };
    await this.budget.check(query, plan, receiptOf(plan, source), opened, signal);
    const limits = { maxRows: Math.min(MOST_ROWS, this.config.maxRows), timeoutMs: this.config.timeoutMs };
    const work = async (stopped: AbortSignal) => {
      const held: Promise<unknown>[] = [];
      const context = { signal: stopped, hold: (rest: Promise<unknown>) => held.push(rest), progress: () => undefined };
      try {
        return await this.statements.run(plan.statement, opened, limits, context, async () => undefined);
      } finally {
        await Promise.allSettled(held);
      }
    };
    const { rows, rowCount, truncated } = await this.inTurn(
      (attempt) => this.turns.take({ userId, sourceId: source.id }, attempt, work),
      signal,
    );
    if (truncated || rows.length < rowCount) {
      throw new EngineError('query_result_too_large', `Results of more than ${MOST_ROWS} rows are not compared.`);
    }
    return rows;
  }

  private async inTurn<T>(take: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let asked = 1; ; asked += 1) {
      try {
        return await take(signal);
      } catch (error) {
        const isBusy = error instanceof DomainError && error.code === 'overloaded';
        if (!isBusy || asked === TURNS_ASKED_FOR || signal.aborted) throw error;
        await pause(BETWEEN_TURNS_MS);
      }
    }
  }
}

const NO_REPLY = { sql: null, confidence: null, latencyMs: 0 };

function planning({ userId, opened: { source } }: Trial, asked: Partial<Planning>): Planning {
  return {
    userId,
    dataSourceId: source.id,
    engine: dialectOf(source.type),
    naturalLanguage: null,
    generatedSql: null,
    choices: [],
    createdAt: new Date(),
    previousState: null,
    state: null,
    origin: 'rule_based',
    ...asked,
  };
}

function areEqual(rows: CellValue[][], expected: CellValue[][], { ordered }: EvaluationCase): boolean {
  const width = expected[0]?.length ?? rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, index) => String(index));
  return equalsAny(rows, [{ columns, rows: expected, ordered }]);
}

/** In numbers, and without anybody's data. */
function differenceOf(rows: CellValue[][], expected: CellValue[][]): string {
  const shape = (some: CellValue[][]): string => `${some.length} rows of ${some[0]?.length ?? 0} columns`;
  const [got, wanted] = [shape(rows), shape(expected)];
  return got === wanted ? `Other values in ${wanted}.` : `${got} in the place of ${wanted}.`;
}

function isForeseen(error: unknown): error is EngineError | DomainError {
  return error instanceof EngineError || error instanceof DomainError;
}
