import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsDefined,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import {
  type Aggregate,
  AGGREGATES,
  ALERT_TYPES,
  type AlertType,
  type Judgement,
  type Operator,
  OPERATORS,
} from '../alerts/alert-condition.js';
import type { AlertEvent, AlertEventKind } from '../entities/alert-event.entity.js';
import {
  type Alert,
  ALERT_SEVERITIES,
  ALERT_STATES,
  type AlertSeverity,
  type AlertState,
} from '../entities/alert.entity.js';
import { NOTIFICATION_CHANNELS, type NotificationChannel } from '../notification-channel.js';

const GIVEN_OPERATORS = [...OPERATORS, 'gt', 'gte', 'lt', 'lte', 'eq', 'neq'];
const UNITS = ['percent', 'absolute'] as const;

/** What is watched, and when it counts. */
export class AlertConditionDto {
  /** The query whose results are watched: one of yours that has a result. @example 7 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id!: number;

  /**
   * `threshold`: a figure beyond a value. `change`: a figure that differs from the one before. `missing`: no rows, no values, or none
   * that is new enough. `anomaly`: a figure far from the usual ones.
   */
  @IsIn(ALERT_TYPES)
  type!: AlertType;

  /** The column of the result; may be left out where only one is a number. @example 'revenue' */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  column?: string | null;

  /** How rows become one figure: `any` row (of a threshold, unless you say otherwise), the `last` row (of the others), … */
  @MayBeAbsent()
  @IsIn(AGGREGATES)
  aggregate?: Aggregate;

  /** Needed for a threshold. For a change: compares the change, with its sign; without one, changes both ways count. */
  @ApiProperty({ required: false, nullable: true, enum: GIVEN_OPERATORS, example: '<' })
  @IsOptional()
  @IsIn(GIVEN_OPERATORS)
  operator?: string | null;

  /** Threshold: the figure. Change: how much, see `unit`. Missing: how old the newest `column` may be, in hours. Anomaly: the robust z-score, 3.5 when left out. @example 10000 */
  @IsOptional()
  @IsNumber()
  @Min(-1e15)
  @Max(1e15)
  value?: number | null;

  /** What a change is counted in; percent when left out. */
  @MayBeAbsent()
  @IsIn(UNITS)
  unit?: 'percent' | 'absolute';

  /** Evaluations in a row that must agree before the alert changes its state; 1 when left out. @example 1 */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(20)
  consecutive?: number;

  /** When the query is run again for the alert: five fields, as crontab has them. Without it, when you run it. @example '0 7 * * *' */
  @IsOptional()
  @IsString()
  @MinLength(9)
  @MaxLength(100)
  schedule?: string | null;

  /** A name of the IANA time zone database, by which `schedule` is read. @example 'Europe/Berlin' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  timezone?: string;
}

export class CreateAlertDto {
  /** @example 'Revenue is low' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name!: string;

  @IsDefined()
  @IsObject()
  @ValidateNested()
  @Type(() => AlertConditionDto)
  condition!: AlertConditionDto;

  /** `warning` when left out. */
  @MayBeAbsent()
  @IsIn(ALERT_SEVERITIES)
  severity?: AlertSeverity;

  /** How you are told; `in_app` when left out. */
  @MayBeAbsent()
  @IsIn(NOTIFICATION_CHANNELS)
  notification_channel?: NotificationChannel;

  /** Whether it is evaluated; true when left out. */
  @MayBeAbsent()
  @IsBoolean()
  is_active?: boolean;
}

/** What is left out stays. With another condition the alert begins anew. */
export class UpdateAlertDto {
  /** @example 'Revenue is low' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name?: string;

  @MayBeAbsent()
  @IsObject()
  @ValidateNested()
  @Type(() => AlertConditionDto)
  condition?: AlertConditionDto;

  @MayBeAbsent()
  @IsIn(ALERT_SEVERITIES)
  severity?: AlertSeverity;

  @MayBeAbsent()
  @IsIn(NOTIFICATION_CHANNELS)
  notification_channel?: NotificationChannel;

  @MayBeAbsent()
  @IsBoolean()
  is_active?: boolean;
}

export class AlertListQuery extends PageQuery {
  @MayBeAbsent()
  @IsIn(ALERT_STATES)
  state?: AlertState;
}

/** What is watched, every choice made. */
class StoredConditionDto {
  /** @example 7 */
  query_id!: number;
  type!: AlertType;
  /** @example 'revenue' */
  column!: string | null;
  aggregate!: Aggregate;
  operator!: Operator | null;
  /** @example 10000 */
  value!: number | null;
  unit!: 'percent' | 'absolute';
  /** @example 1 */
  consecutive!: number;
  /** @example '0 7 * * *' */
  schedule!: string | null;
  /** @example 'Europe/Berlin' */
  timezone!: string;
}

/** A condition that you want to be told about. */
export class AlertDto {
  /** @example 3 */
  id!: number;
  /** @example 'Revenue is low' */
  name!: string;
  condition!: StoredConditionDto;
  severity!: AlertSeverity;
  notification_channel!: NotificationChannel;
  is_active!: boolean;
  /** `triggered` from the evaluation that found the condition met to the one that found it not met any more. */
  state!: AlertState;
  /** Since when it cannot be evaluated; null when it can. @example null */
  failing_since!: Date | null;
  /** The figure of the last evaluation. @example 8211.5 */
  last_value!: number | null;
  last_evaluated_at!: Date | null;
  last_triggered_at!: Date | null;
  created_at!: Date;
  updated_at!: Date;

  static from(alert: Alert): AlertDto {
    return {
      id: alert.id,
      name: alert.name,
      condition: alert.condition,
      severity: alert.severity,
      notification_channel: alert.notificationChannel,
      is_active: alert.isActive,
      state: alert.state,
      failing_since: alert.failingSince,
      last_value: alert.lastValue,
      last_evaluated_at: alert.evaluatedAt,
      last_triggered_at: alert.lastTriggeredAt,
      created_at: alert.createdAt,
      updated_at: alert.updatedAt,
    };
  }
}

export class AlertPageDto {
  items!: AlertDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Alert>): AlertPageDto {
    return {
      items: items.map((alert) => AlertDto.from(alert)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

export interface AlertTrial extends Omit<Judgement, 'met'> {
  would: 'trigger' | 'resolve' | 'nothing' | 'fail';
  met: boolean | null;
}

/** What an evaluation would come to now. */
export class AlertTrialDto {
  would!: 'trigger' | 'resolve' | 'nothing' | 'fail';
  /** Whether the condition is met; null when it cannot be evaluated. */
  met!: boolean | null;
  /** @example 8211.5 */
  value!: number | null;
  /** @example 'revenue is 8211.5, which is < 10000.' */
  sentence!: string;

  static from({ would, met, value, sentence }: AlertTrial): AlertTrialDto {
    return { would, met, value: value !== null && Number.isFinite(value) ? value : null, sentence };
  }
}

/** Something that has become of an alert. */
export class AlertEventDto {
  /** @example 9 */
  id!: number;
  /** @example 3 */
  alert_id!: number;
  kind!: AlertEventKind;
  /** @example 8211.5 */
  value!: number | null;
  /** `sentence`, `query_id` of the run that was looked at, and whether it was `told`: what changes too often is not. */
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { query_id: 12, sentence: 'revenue is 8211.5 …', told: true },
  })
  details!: Record<string, unknown>;
  created_at!: Date;

  static from({ id, alertId, kind, value, details, createdAt }: AlertEvent): AlertEventDto {
    return { id, alert_id: alertId, kind, value, details, created_at: createdAt };
  }
}

export class AlertEventPageDto {
  items!: AlertEventDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<AlertEvent>): AlertEventPageDto {
    return {
      items: items.map((event) => AlertEventDto.from(event)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
