import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Matches, Max, MaxLength, Min } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { IsFlag, LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import { SignificanceDto } from '../../queries/index.js';
import { type Insight, INSIGHT_TYPES, type InsightType } from '../entities/insight.entity.js';

/** A finding to keep. */
export class KeepFindingDto {
  /** The `key` of the finding. @example 'trend-0-1' */
  @IsString()
  @MaxLength(60)
  finding!: string;

  /** What to call it; as the finding is called when left out. @example 'Revenue is growing' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(300)
  title?: string | null;
}

export class InsightListQuery extends PageQuery {
  /** Only those of this query. @example 7 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id?: number;

  /** Only those of this type. */
  @IsOptional()
  @IsIn(INSIGHT_TYPES)
  type?: InsightType;

  /** Only those that are pinned, or that are not. */
  @IsFlag()
  pinned?: boolean;

  /** Those that were dismissed instead of those that were not. */
  @IsFlag()
  dismissed?: boolean;
}

/** What to change of an insight: what is left out stays as it is. */
export class ChangeInsightDto {
  /** @example 'Revenue is growing' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(300)
  title?: string;

  @MayBeAbsent()
  @IsBoolean()
  pinned?: boolean;

  @MayBeAbsent()
  @IsBoolean()
  dismissed?: boolean;
}

/** A finding that somebody has kept. */
export class InsightDto {
  /** @example 3 */
  id!: number;
  /** @example 7 */
  query_id!: number | null;
  type!: InsightType;
  pinned!: boolean;
  dismissed!: boolean;
  /** True when what you may see of the data has changed since: then it tells nothing but that it was. Run the query again. */
  outdated!: boolean;
  /** @example 'Revenue is growing' */
  title!: string | null;
  /** @example 'Revenue rises by about 1,200 a month over 24 months, from Jan 2024 to Dec 2025.' */
  sentence!: string | null;
  /** @example 0.9998 */
  confidence_score!: number | null;
  /** The figures behind the sentence. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  figures!: Record<string, unknown> | null;
  significance!: SignificanceDto | null;
  /** Where the rows behind it stand in the result, from 0. */
  rows!: number[];
  /** The groups or periods behind it. */
  keys!: string[];
  /** The columns that it is about. */
  columns!: string[];
  created_at!: Date;
  updated_at!: Date;

  static from({ insight, outdated }: SeenInsight): InsightDto {
    const { figures = null, significance = null, rows = [], keys = [], columns = [] } = outdated ? {} : insight.details;
    return {
      id: insight.id,
      query_id: insight.queryId,
      type: insight.insightType,
      pinned: insight.isPinned,
      dismissed: insight.isDismissed,
      outdated,
      title: outdated ? null : insight.title,
      sentence: outdated ? null : insight.content,
      confidence_score: outdated ? null : insight.confidenceScore,
      figures,
      significance,
      rows,
      keys,
      columns,
      created_at: insight.createdAt,
      updated_at: insight.updatedAt,
    };
  }
}

/** An insight, and whether it may be told. */
export interface SeenInsight {
  insight: Insight;
  /** What its owner may see of the data has changed since. */
  outdated: boolean;
}

export class InsightPageDto {
  items!: InsightDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<SeenInsight>): InsightPageDto {
    return {
      items: items.map((seen) => InsightDto.from(seen)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
