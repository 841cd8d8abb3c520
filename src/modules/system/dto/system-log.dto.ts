import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import { LOG_LEVELS, type LogLevel, type SystemLog } from '../entities/system-log.entity.js';

export class SystemLogQuery extends PageQuery {
  /** Only what is of this level. */
  @MayBeAbsent()
  @IsIn(LOG_LEVELS)
  level?: LogLevel;

  /** Only what is of this part of the server. @example 'webhooks' */
  @MayBeAbsent()
  @IsString()
  @MaxLength(100)
  component?: string;

  /** Only what is about this user. @example 1 */
  @MayBeAbsent()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  user_id?: number;
}

/** Something that the server did, or that went wrong in it. */
export class SystemLogDto {
  /** @example 12 */
  id!: number;
  /** Whom it is about, where it is about somebody. @example 1 */
  user_id!: number | null;
  level!: LogLevel;
  /** @example 'webhooks' */
  component!: string;
  /** @example 'delivery_failed' */
  action!: string;
  /** Never a secret. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { webhook_id: 3 } })
  details!: Record<string, unknown>;
  /** @example '127.0.0.1' */
  ip_address!: string | null;
  created_at!: Date;

  static from(log: SystemLog): SystemLogDto {
    return {
      id: log.id,
      user_id: log.userId,
      level: log.level,
      component: log.component,
      action: log.action,
      details: log.details,
      ip_address: log.ipAddress,
      created_at: log.createdAt,
    };
  }
}

export class SystemLogPageDto {
  items!: SystemLogDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<SystemLog>): SystemLogPageDto {
    return {
      items: items.map((log) => SystemLogDto.from(log)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
