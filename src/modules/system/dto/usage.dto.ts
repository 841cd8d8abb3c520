import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayUnique, IsArray, IsIn, IsInt, IsISO8601, Max, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { UsageCost } from '../entities/usage-cost.entity.js';
import { USAGE_METRICS, type UsageMetric } from '../usage-metric.js';

export interface UsageFilter {
  metric?: UsageMetric | undefined;
  user_id?: number | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export class UsageListQuery extends PageQuery {
  @MayBeAbsent()
  @IsIn(USAGE_METRICS)
  metric?: UsageMetric;

  /** Only what this user has used; everybody but administrators sees their own only. @example 1 */
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  user_id?: number;

  /** From this moment on. @example '2026-01-01T00:00:00Z' */
  @MayBeAbsent()
  @IsISO8601({ strict: true })
  from?: string;

  /** Before this moment. @example '2027-01-01T00:00:00Z' */
  @MayBeAbsent()
  @IsISO8601({ strict: true })
  to?: string;
}

const GROUPS = ['day', 'user'] as const;
type UsageGroup = (typeof GROUPS)[number];

export class UsageSummaryQuery {
  /** Sums by day, by user, or by both (`day,user`); always by metric. @example 'day' */
  @ApiProperty({ required: false, type: 'string', enum: ['day', 'user', 'day,user'] })
  @MayBeAbsent()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.split(',') : value))
  @IsArray()
  @ArrayUnique()
  @IsIn(GROUPS, { each: true })
  group_by?: UsageGroup[];

  @MayBeAbsent()
  @IsIn(USAGE_METRICS)
  metric?: UsageMetric;

  /** Only what this user has used; everybody but administrators sees their own only. @example 1 */
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  user_id?: number;

  /** From this moment on; the last 30 days when left out. @example '2026-01-01T00:00:00Z' */
  @MayBeAbsent()
  @IsISO8601({ strict: true })
  from?: string;

  /** Before this moment. @example '2027-01-01T00:00:00Z' */
  @MayBeAbsent()
  @IsISO8601({ strict: true })
  to?: string;
}

/** Something that was used. */
export class UsageCostDto {
  /** @example 12 */
  id!: number;
  /** Null for the server's own use, and when the account is gone. @example 1 */
  user_id!: number | null;
  metric!: UsageMetric;
  /** @example 14.2 */
  value!: number;
  /** @example 'ms' */
  unit!: string;
  /** In the installation's own currency; null where nothing is known of it. @example null */
  cost!: number | null;
  /** What it was used for. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { query_id: 7 } })
  details!: Record<string, unknown>;
  recorded_at!: Date;

  static from({ id, userId, metric, value, unit, cost, details, recordedAt }: UsageCost): UsageCostDto {
    return { id, user_id: userId, metric, value, unit, cost, details, recorded_at: recordedAt };
  }
}

export class UsageCostPageDto {
  items!: UsageCostDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<UsageCost>): UsageCostPageDto {
    return {
      items: items.map((cost) => UsageCostDto.from(cost)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

/** As the database sums up. */
export interface UsageSumRow {
  metric: UsageMetric;
  unit: string;
  value: string;
  cost: string | null;
  count: number;
  day?: string;
  user_id?: number | null;
}

class UsageSumDto {
  metric!: UsageMetric;
  /** @example 'ms' */
  unit!: string;
  /** @example 5312.4 */
  value!: number;
  /** Of those uses of which it is known. @example null */
  cost!: number | null;
  /** How many uses. @example 128 */
  count!: number;
  /** Of UTC; only with `group_by=day`. @example '2026-01-31' */
  day?: string;
  /** Only with `group_by=user`. @example 1 */
  user_id?: number | null;
}

export class UsageSummaryDto {
  items!: UsageSumDto[];

  static from(rows: readonly UsageSumRow[]): UsageSummaryDto {
    const numbers = ({ value, cost }: UsageSumRow) => ({
      value: Number(value),
      cost: cost === null ? null : Number(cost),
    });
    return { items: rows.map((row) => ({ ...row, ...numbers(row) })) };
  }
}
