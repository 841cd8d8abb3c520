import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { ReportDelivery, ReportDeliveryStatus } from '../entities/report-delivery.entity.js';
import type { ReportPayload, ScheduledReport } from '../entities/scheduled-report.entity.js';
import { OFFERED_FORMATS, type OfferedFormat } from './export.dto.js';

const MOST_RECIPIENTS = 50;

/** What is sent, in which format, to whom. */
export class ReportPayloadDto {
  /** A query of yours, which is asked anew for every recipient, as they may ask it; or else a dashboard. @example 7 */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id?: number;

  /** A dashboard that you may see: as `png`, `svg`, `html` or `pdf`, for every recipient as they may see it. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  dashboard_id?: number;

  @IsIn(OFFERED_FORMATS)
  format!: OfferedFormat;

  /**
   * Who gets it: users of this installation, by user name or email, each of them what they may see; and webhooks of yours,
   * as `webhook:3`, with what you may see. @example ['ada@example.com']
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST_RECIPIENTS)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(320, { each: true })
  @Matches(/^\S+$/, { each: true, message: 'must be user names, emails, or webhooks such as webhook:3' })
  recipients!: string[];

  static from({ queryId, dashboardId, format, recipients }: ReportPayload): ReportPayloadDto {
    return {
      ...(queryId === null ? {} : { query_id: queryId }),
      ...(dashboardId === null ? {} : { dashboard_id: dashboardId }),
      format: format as OfferedFormat,
      recipients: recipients.map(({ address }) => address),
    };
  }
}

export class NewScheduledReportDto {
  /** @example 'Sales of the week' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name!: string;

  /** Five fields, as crontab has them. @example '0 7 * * 1' */
  @IsString()
  @MaxLength(100)
  cron_expr!: string;

  /** A name of the IANA time zone database, by which `cron_expr` is read. @example 'Europe/Berlin' */
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  timezone?: string;

  @ApiProperty({ example: { query_id: 7, format: 'xlsx', recipients: ['ada@example.com'] } })
  @ValidateNested()
  @Type(() => ReportPayloadDto)
  payload!: ReportPayloadDto;

  /** False makes it wait until it is resumed. @example true */
  @MayBeAbsent()
  @IsBoolean()
  is_active?: boolean;
}

/** What to change: what is left out stays as it is. `is_active` pauses and resumes. */
export class ChangeScheduledReportDto {
  /** @example 'Sales of the week' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name?: string;

  /** @example '0 7 * * 1' */
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  cron_expr?: string;

  /** @example 'Europe/Berlin' */
  @MayBeAbsent()
  @IsString()
  @MaxLength(64)
  timezone?: string;

  @ApiProperty({ required: false, example: { query_id: 7, format: 'xlsx', recipients: ['ada@example.com'] } })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => ReportPayloadDto)
  payload?: ReportPayloadDto;

  /** @example false */
  @MayBeAbsent()
  @IsBoolean()
  is_active?: boolean;
}

export class ReportListQuery extends PageQuery {}

export class RunWaitQuery {
  /** Seconds to wait until it has been sent to everybody; after that the answer is 202 and the work goes on. @example 10 */
  @ApiProperty({ required: false })
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(30)
  wait: number = 10;
}

/** A report that is made and sent by the clock. */
export class ScheduledReportDto {
  /** @example 3 */
  id!: number;
  /** @example 'Sales of the week' */
  name!: string;
  /** @example '0 7 * * 1' */
  cron_expr!: string;
  /** @example 'Europe/Berlin' */
  timezone!: string;
  payload!: ReportPayloadDto;
  is_active!: boolean;
  /** When it ran last. */
  last_run_at!: Date | null;
  /** When it runs next; null while it is paused. */
  next_run_at!: Date | null;
  created_at!: Date;
  updated_at!: Date;

  static from(one: ScheduledReport): ScheduledReportDto {
    return {
      id: one.id,
      name: one.name,
      cron_expr: one.cronExpr,
      timezone: one.timezone,
      payload: ReportPayloadDto.from(one.payload),
      is_active: one.isActive,
      last_run_at: one.lastRunAt,
      next_run_at: one.nextRunAt,
      created_at: one.createdAt,
      updated_at: one.updatedAt,
    };
  }
}

export class ScheduledReportPageDto {
  items!: ScheduledReportDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<ScheduledReport>): ScheduledReportPageDto {
    return {
      items: items.map((one) => ScheduledReportDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

export class DeliveryAttemptDto {
  /** @example '2026-11-23T06:00:02.000Z' */
  at!: string;
  /** Why it did not succeed; null when it did. */
  error!: string | null;
}

/** A report on its way to one recipient. */
export class ReportDeliveryDto {
  /** @example 12 */
  id!: number;
  /** @example 'ada@example.com' */
  recipient!: string;
  /** The time that the schedule named, or when it was run by hand. */
  scheduled_for!: Date;
  status!: ReportDeliveryStatus;
  /** @example 1 */
  attempts!: number;
  /** Every try, oldest first. */
  attempt_log!: DeliveryAttemptDto[];
  /** Why it has failed, or failed last; null otherwise. */
  error!: string | null;
  /** The file that was made, which is the recipient's. */
  export_id!: number | null;
  created_at!: Date;
  sent_at!: Date | null;

  static from(one: ReportDelivery): ReportDeliveryDto {
    return {
      id: one.id,
      recipient: one.recipient,
      scheduled_for: one.scheduledFor,
      status: one.status,
      attempts: one.attempts,
      attempt_log: one.attemptLog.map(({ at, error }) => ({ at, error })),
      error: one.errorMessage,
      export_id: one.exportId,
      created_at: one.createdAt,
      sent_at: one.sentAt,
    };
  }
}

export class ReportDeliveryPageDto {
  items!: ReportDeliveryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<ReportDelivery>): ReportDeliveryPageDto {
    return {
      items: items.map((one) => ReportDeliveryDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

/** A report that was run by hand. */
export class ReportRunDto {
  deliveries!: ReportDeliveryDto[];

  static from(deliveries: readonly ReportDelivery[]): ReportRunDto {
    return { deliveries: deliveries.map((one) => ReportDeliveryDto.from(one)) };
  }
}
