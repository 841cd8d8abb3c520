import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { BudgetAction, BudgetPeriod } from '../entities/budget.entity.js';
import type { BudgetMetric } from '../usage-metric.js';

/** A budget that holds for a person, and how much of it is used. */
export interface BudgetState {
  id: number;
  metric: BudgetMetric;
  period: BudgetPeriod;
  action: BudgetAction;
  limit: number;
  used: number;
  /** Whether it is one of everybody together. */
  isShared: boolean;
  /** When the period began, and when the next one does. */
  from: Date;
  until: Date;
}

interface Row extends Omit<BudgetState, 'limit' | 'used' | 'isShared'> {
  limit_value: string;
  used: string;
  is_shared: boolean;
}

/** Who wants to use something asks here first. */
@Injectable()
export class BudgetsService {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Refuses what would go beyond a budget that blocks: those of the person, of their roles and of everybody, of the metric
   * and, for what costs money, of `cost`. What one use itself takes is not known before it; a budget is left when it is
   * reached, not before.
   *
   * @throws DomainError `budget_exceeded` with the time until the next period
   */
  async assertWithin(userId: number, ...metrics: BudgetMetric[]): Promise<void> {
    const states = await this.statesFor(userId, metrics);
    const spent = states
      .filter(({ action, used, limit }) => action === 'block' && used >= limit)
      .sort((one, other) => other.until.getTime() - one.until.getTime())[0];
    if (spent !== undefined) throw exceeded(spent);
  }

  /** The budgets that hold for a person now. @param metrics all when left out */
  async statesFor(userId: number, metrics?: readonly BudgetMetric[]): Promise<BudgetState[]> {
    const rows: Row[] = await this.dataSource.query(STATES, [userId, metrics ?? null]);
    return rows.map(({ limit_value: limit, used, is_shared: isShared, ...row }) => ({
      ...row,
      limit: Number(limit),
      used: Number(used),
      isShared,
    }));
  }
}

const WORDS: Readonly<Record<BudgetMetric, string>> = {
  query_time: 'query time',
  token_usage: 'tokens',
  storage: 'storage',
  model_api_calls: 'calls of models',
  cost: 'money',
};

/** What a budget is about, for sentences. */
export function wordsFor(metric: BudgetMetric): string {
  return WORDS[metric];
}

function exceeded({ id, metric, period, isShared, limit, used, until }: BudgetState): DomainError {
  const whose = isShared ? 'The budget of this installation' : 'Your budget';
  const detail =
    `${whose} for ${wordsFor(metric)} of this ${period} is used up. ` +
    `It begins anew at ${until.toISOString()}; an administrator can raise it before.`;
  return new DomainError('budget_exceeded', detail, {
    retryAfterSeconds: Math.max(1, Math.ceil((until.getTime() - Date.now()) / 1000)),
    members: { budget: { id, metric, period, ...(isShared ? {} : { limit, used }) } },
  });
}

// Days, weeks (from Monday) and months of UTC. Without a budget nothing is summed up.
const STATES = `
  SELECT budget.id, budget.metric, budget.period, budget.action, budget.limit_value,
         budget.user_id IS NULL AND budget.role_id IS NULL AS is_shared,
         span.begins AS "from", span.begins_utc_next AS until, coalesce(used.total, 0) AS used
  FROM budgets AS budget
  CROSS JOIN LATERAL (
    SELECT date_trunc(budget.period, now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS begins,
           (date_trunc(budget.period, now() AT TIME ZONE 'UTC') + ('1 ' || budget.period)::interval) AT TIME ZONE 'UTC'
             AS begins_utc_next
  ) AS span
  CROSS JOIN LATERAL (
    SELECT CASE
      WHEN budget.user_id IS NULL AND budget.role_id IS NULL AND budget.metric = 'cost' THEN (
        SELECT sum(cost) FROM usage_costs WHERE recorded_at >= span.begins)
      WHEN budget.user_id IS NULL AND budget.role_id IS NULL THEN (
        SELECT sum(value) FROM usage_costs WHERE metric = budget.metric AND recorded_at >= span.begins)
      WHEN budget.metric = 'cost' THEN (
        SELECT sum(cost) FROM usage_costs WHERE user_id = $1 AND recorded_at >= span.begins)
      ELSE (
        SELECT sum(value) FROM usage_costs
        WHERE user_id = $1 AND metric = budget.metric AND recorded_at >= span.begins)
    END AS total
  ) AS used
  WHERE budget.is_active AND ($2::varchar[] IS NULL OR budget.metric = ANY ($2::varchar[]))
    AND (budget.user_id = $1
         OR budget.role_id IN (SELECT role_id FROM user_roles WHERE user_id = $1)
         OR budget.user_id IS NULL AND budget.role_id IS NULL)
  ORDER BY budget.id`;
