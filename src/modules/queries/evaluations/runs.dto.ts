import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID } from '../../../platform/http/index.js';
import type { ExpectedOutcome } from '../entities/evaluation-case.entity.js';
import { type EvaluationResult, RESULT_OUTCOMES, type ResultOutcome } from '../entities/evaluation-result.entity.js';
import type { EvaluationRun, EvaluationRunStatus } from '../entities/evaluation-run.entity.js';
import { CHANGES, type CategoryScore, type ComparedCase, type Verdict, verdictOf } from './run-report.js';

export class RunListQuery extends PageQuery {
  /** Only those of this suite. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  suite_id?: number;
}

export class StartRunDto {
  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  suite_id!: number;

  /**
   * Let verified queries, corrections and earlier choices count, as for everybody who asks. Otherwise they are left aside,
   * so that a suite of verified queries does not measure itself.
   * @example false
   */
  @IsOptional()
  @IsBoolean()
  use_learned?: boolean;
}

export class ResultListQuery extends PageQuery {
  /** Only those that came out like this. */
  @IsOptional()
  @IsIn(RESULT_OUTCOMES)
  outcome?: ResultOutcome;
}

/** Shares are 0 to 1, and null where there is nothing to divide by. */
export class ScoreDto {
  /** Null for the questions without one, and for all together. @example 'orders' */
  category!: string | null;
  /** @example 20 */
  questions!: number;
  /** Answers to questions that can be answered, and those of them that were right. @example 17 */
  answered!: number;
  /** @example 16 */
  correct!: number;
  /** Right replies to all questions: right answers, and none where none is right. @example 0.85 */
  right_of_all!: number | null;
  /** Right answers of all answers. @example 0.94 */
  precision!: number | null;
  /** Answers of all questions that can be answered. @example 0.94 */
  coverage!: number | null;
  /** @example 1 */
  abstentions!: number;
  /** @example 1 */
  clarifications!: number;
  /** Those of them of which one option leads to the right result. @example 1 */
  helpful_clarifications!: number;
  /** Questions that are not to be answered at once, and those of them that were not. @example 1 */
  unanswerable!: number;
  /** @example 1 */
  withheld!: number;
  /** Questions whose expected SQL does not run: they count nowhere else. @example 0 */
  invalid!: number;
  /** Milliseconds from a question to its statement: half of the questions took no longer. @example 6.1 */
  p50_ms!: number;
  /** The same for 99 of 100. @example 41 */
  p99_ms!: number;

  static from({
    category,
    questions,
    answered,
    correct,
    abstentions,
    clarifications,
    ...score
  }: CategoryScore): ScoreDto {
    return {
      category,
      questions,
      answered,
      correct,
      right_of_all: score.rightOfAll,
      precision: score.precision,
      coverage: score.coverage,
      abstentions,
      clarifications,
      helpful_clarifications: score.helpfulClarifications,
      unanswerable: score.unanswerable,
      withheld: score.withheld,
      invalid: score.invalid,
      p50_ms: score.p50Ms,
      p99_ms: score.p99Ms,
    };
  }
}

/** One measurement of a suite. */
export class RunDto {
  /** @example 1 */
  id!: number;
  /** @example 1 */
  suite_id!: number;
  /** In whose name it asks; null when that account is gone. @example 1 */
  user_id!: number | null;
  scheduled!: boolean;
  use_learned!: boolean;
  status!: EvaluationRunStatus;
  /** @example 20 */
  case_count!: number;
  /** Cases that have been tried so far. @example 20 */
  done_count!: number;
  /** Cases with the right reply so far. @example 17 */
  right_count!: number;
  /** Whether the gate of the suite was passed; null without a gate, and before the end. @example true */
  passed!: boolean | null;
  /** All questions together; null before the end. */
  total!: ScoreDto | null;
  categories!: ScoreDto[];
  /** Why it failed. @example null */
  error!: string | null;
  created_at!: Date;
  started_at!: Date | null;
  finished_at!: Date | null;

  static from(run: EvaluationRun): RunDto {
    return {
      id: run.id,
      suite_id: run.suiteId,
      user_id: run.userId,
      scheduled: run.scheduled,
      use_learned: run.learned,
      status: run.status,
      case_count: run.caseCount,
      done_count: run.doneCount,
      right_count: run.passedCount,
      passed: run.passed,
      total: run.report === null ? null : ScoreDto.from(run.report.total),
      categories: (run.report?.categories ?? []).map((score) => ScoreDto.from(score)),
      error: run.errorMessage,
      created_at: run.createdAt,
      started_at: run.startedAt,
      finished_at: run.finishedAt,
    };
  }
}

export class RunPageDto {
  items!: RunDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<EvaluationRun>): RunPageDto {
    return {
      items: items.map((run) => RunDto.from(run)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

/** What came of one case. It stays as it was when the case is changed. */
export class ResultDto {
  /** @example 1 */
  id!: number;
  /** The case, which may be gone. @example 1 */
  case_id!: number;
  /** @example 'How many trips are there?' */
  question!: string;
  category!: string | null;
  expected!: ExpectedOutcome;
  outcome!: ResultOutcome;
  verdict!: Verdict;
  /** Of a question back: whether one of its options leads to the right result. Null where nothing is scored. */
  correct!: boolean | null;
  /** @example 'SELECT count(*) FROM trips' */
  sql!: string | null;
  /** Why there is no answer, what was asked back, or what is wrong. */
  reason!: string | null;
  confidence!: number | null;
  /** Milliseconds from the question to its statement. @example 6.1 */
  latency_ms!: number;

  static from(result: EvaluationResult): ResultDto {
    const { id, caseId, question, category, expected, outcome, correct, sql, reason, confidence, latencyMs } = result;
    return {
      id,
      case_id: caseId,
      question,
      category,
      expected,
      outcome,
      verdict: verdictOf(result),
      correct,
      sql,
      reason,
      confidence,
      latency_ms: latencyMs,
    };
  }
}

export class ResultPageDto {
  items!: ResultDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<EvaluationResult>): ResultPageDto {
    return {
      items: items.map((result) => ResultDto.from(result)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

export class ComparedCaseDto {
  /** @example 1 */
  case_id!: number;
  /** @example 'How many trips are there?' */
  question!: string;
  change!: (typeof CHANGES)[number];
  /** What it was in the run of the path; null where the case was not in it. */
  before!: Verdict | null;
  /** What it was in the other one. */
  after!: Verdict | null;
}

/** What became of the results of one run in another. */
export class ComparisonDto {
  /** @example 2 */
  better!: number;
  worse!: number;
  same!: number;
  added!: number;
  removed!: number;
  /** Question by question. */
  cases!: ComparedCaseDto[];

  static from(compared: readonly ComparedCase[]): ComparisonDto {
    const count = (change: (typeof CHANGES)[number]): number => compared.filter((one) => one.change === change).length;
    return {
      better: count('better'),
      worse: count('worse'),
      same: count('same'),
      added: count('added'),
      removed: count('removed'),
      cases: compared.map(({ caseId, ...one }) => ({ case_id: caseId, ...one })),
    };
  }
}
