import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '../../../platform/database/index.js';
import { type QueryAction, QueryHistory } from '../entities/query-history.entity.js';

/** One step in the life of a query. */
export class QueryHistoryDto {
  /** @example 3 */
  id!: number;
  /** Who did it; null when that account is gone. @example 1 */
  user_id!: number | null;
  action!: QueryAction;
  @ApiProperty({ type: 'object', additionalProperties: true, example: { status: 'succeeded' } })
  details!: Record<string, unknown>;
  created_at!: Date;

  static from({ id, userId, action, details, createdAt }: QueryHistory): QueryHistoryDto {
    return { id, user_id: userId, action, details, created_at: createdAt };
  }
}

export class QueryHistoryPageDto {
  items!: QueryHistoryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<QueryHistory>): QueryHistoryPageDto {
    return {
      items: items.map((step) => QueryHistoryDto.from(step)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
