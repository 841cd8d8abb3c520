import { IsBoolean, IsIn, IsInt, IsNumber, IsOptional, Max, Min } from 'class-validator';
import type { Page } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import {
  type Budget,
  BUDGET_ACTIONS,
  BUDGET_PERIODS,
  type BudgetAction,
  type BudgetPeriod,
} from '../entities/budget.entity.js';
import type { BudgetState } from '../usage/budgets.service.js';
import { BUDGET_METRICS, type BudgetMetric } from '../usage-metric.js';

const LARGEST_LIMIT = 1e12;

/** For one user, for each user of a role, or, with neither, for everybody together. */
export class CreateBudgetDto {
  /** @example 1 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  user_id?: number | null;

  /** It holds for each user who has the role, by themselves. @example null */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  role_id?: number | null;

  /** `cost` is the money that all of it costs. @example 'query_time' */
  @IsIn(BUDGET_METRICS)
  metric!: BudgetMetric;

  /** In the unit of the metric: milliseconds, tokens, bytes, calls, or money. @example 3600000 */
  @IsNumber({ maxDecimalPlaces: 6 })
  @Min(0)
  @Max(LARGEST_LIMIT)
  limit!: number;

  /** Of UTC; weeks begin on Monday. @example 'month' */
  @IsIn(BUDGET_PERIODS)
  period!: BudgetPeriod;

  /** `block` refuses what goes beyond it; `warn` tells only. Both tell at 80 %. @example 'block' */
  @MayBeAbsent()
  @IsIn(BUDGET_ACTIONS)
  action?: BudgetAction;
}

/** What is left out stays. */
export class UpdateBudgetDto {
  /** @example 7200000 */
  @MayBeAbsent()
  @IsNumber({ maxDecimalPlaces: 6 })
  @Min(0)
  @Max(LARGEST_LIMIT)
  limit?: number;

  @MayBeAbsent()
  @IsIn(BUDGET_ACTIONS)
  action?: BudgetAction;

  @MayBeAbsent()
  @IsBoolean()
  is_active?: boolean;
}

/** How much of something may be used in a period. */
export class BudgetDto {
  /** @example 2 */
  id!: number;
  /** @example 1 */
  user_id!: number | null;
  /** @example null */
  role_id!: number | null;
  metric!: BudgetMetric;
  /** @example 3600000 */
  limit!: number;
  period!: BudgetPeriod;
  action!: BudgetAction;
  is_active!: boolean;
  created_at!: Date;
  updated_at!: Date;

  static from(budget: Budget): BudgetDto {
    return {
      id: budget.id,
      user_id: budget.userId,
      role_id: budget.roleId,
      metric: budget.metric,
      limit: budget.limitValue,
      period: budget.period,
      action: budget.action,
      is_active: budget.isActive,
      created_at: budget.createdAt,
      updated_at: budget.updatedAt,
    };
  }
}

export class BudgetPageDto {
  items!: BudgetDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Budget>): BudgetPageDto {
    return {
      items: items.map((budget) => BudgetDto.from(budget)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

/** A budget that holds for you, and how much of it is used. */
class BudgetStateDto {
  /** @example 2 */
  id!: number;
  metric!: BudgetMetric;
  period!: BudgetPeriod;
  action!: BudgetAction;
  /** Whether it is one of everybody together. */
  shared!: boolean;
  /** @example 3600000 */
  limit!: number;
  /** @example 128400 */
  used!: number;
  /** When the next period begins. */
  resets_at!: Date;
}

export class BudgetStatesDto {
  items!: BudgetStateDto[];

  static from(states: readonly BudgetState[]): BudgetStatesDto {
    return {
      items: states.map(({ id, metric, period, action, isShared, limit, used, until }) => ({
        id,
        metric,
        period,
        action,
        shared: isShared,
        limit,
        used,
        resets_at: until,
      })),
    };
  }
}
