import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID } from '../../../platform/http/index.js';
import type { VerifiedQuery } from '../entities/verified-query.entity.js';

export class VerifiedQueryListQuery extends PageQuery {
  /** Only those of this data source. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;
}

/** A query that is right: from now on the same question gets its SQL. */
export class VerifyQueryDto {
  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id!: number;

  /** The question; that of the query when left out. @example 'How many orders per month in 2025?' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(10_000)
  question?: string | null;

  /** The SQL; that of the query when left out. @example 'SELECT count(*) FROM orders' */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(100_000)
  sql?: string | null;

  /** What it says in plain words, told with its answers. @example 'Orders by the month in which they were placed' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;
}

/** A question with SQL that a person has found right. */
export class VerifiedQueryDto {
  /** @example 4 */
  id!: number;
  /** @example 1 */
  data_source_id!: number;
  /** The query that it was made from; null when that is gone. @example 7 */
  query_id!: number | null;
  /** @example 'How many orders per month in 2025?' */
  question!: string;
  /** @example 'SELECT count(*) FROM orders' */
  sql!: string;
  description!: string | null;
  /** Who found it right; null when that account is gone. @example 1 */
  created_by!: number | null;
  created_at!: Date;

  static from(verified: VerifiedQuery): VerifiedQueryDto {
    return {
      id: verified.id,
      data_source_id: verified.dataSourceId,
      query_id: verified.queryId,
      question: verified.question,
      sql: verified.sql,
      description: verified.description,
      created_by: verified.createdBy,
      created_at: verified.createdAt,
    };
  }
}

export class VerifiedQueryPageDto {
  items!: VerifiedQueryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<VerifiedQuery>): VerifiedQueryPageDto {
    return {
      items: items.map((verified) => VerifiedQueryDto.from(verified)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
