import type { Page } from '../../../platform/database/index.js';
import type { QueryMetric, RunOutcome } from '../entities/query-metric.entity.js';

/** What one run of a query cost. Null stands for what is not known: nothing is guessed. */
export class QueryMetricDto {
  /** @example 3 */
  id!: number;
  outcome!: RunOutcome;
  /** The result is that of an earlier run; nothing ran at the source. */
  cache_hit!: boolean;
  /** Milliseconds that the run waited for its turn. @example 0.3 */
  queue_ms!: number | null;
  /** Milliseconds from the question to SQL; null for SQL that a person wrote. @example 4.1 */
  plan_ms!: number | null;
  /** Milliseconds of checking the statement and printing what may run. @example 1.2 */
  guard_ms!: number | null;
  /** Milliseconds at the source and of storing the result. @example 14 */
  execution_ms!: number;
  /** @example 12 */
  result_rows!: number;
  /** Size of the stored result. @example 2048 */
  result_bytes!: number;
  /** Processor time; none of the sources tells it today. */
  cpu_ms!: number | null;
  /** Memory; none of the sources tells it today. */
  memory_mb!: number | null;
  /** Calls of a language model. */
  api_calls!: number;
  token_usage!: number;
  /** What the model cost. */
  cost!: number;
  recorded_at!: Date;

  static from(metric: QueryMetric): QueryMetricDto {
    return {
      id: metric.id,
      outcome: metric.outcome,
      cache_hit: metric.cacheHit,
      queue_ms: metric.queueMs,
      plan_ms: metric.planMs,
      guard_ms: metric.guardMs,
      execution_ms: metric.executionTimeMs,
      result_rows: metric.resultRows,
      result_bytes: metric.resultBytes,
      cpu_ms: metric.cpuMs,
      memory_mb: metric.memoryMb,
      api_calls: metric.apiCalls,
      token_usage: metric.tokenUsage,
      cost: metric.cost,
      recorded_at: metric.recordedAt,
    };
  }
}

export class QueryMetricPageDto {
  /** The first run first. */
  items!: QueryMetricDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<QueryMetric>): QueryMetricPageDto {
    return {
      items: items.map((metric) => QueryMetricDto.from(metric)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
