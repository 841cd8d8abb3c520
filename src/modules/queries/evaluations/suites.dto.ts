import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsNumber, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { EvaluationSuite } from '../entities/evaluation-suite.entity.js';

export class SuiteListQuery extends PageQuery {
  /** Only those of this data source. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;
}

/** When a suite runs by itself, and when a run of it passes. */
class SuiteTermsDto {
  /** @example 'What the board asks every month' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** When it runs by itself, in your name: five fields, as crontab has them. Null for never. @example '0 5 * * 1' */
  @IsOptional()
  @IsString()
  @MinLength(9)
  @MaxLength(100)
  cron?: string | null;

  /** A name of the IANA time zone database, by which `cron` is read. @example 'Europe/Berlin' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  timezone?: string;

  /** A run passes with right replies to this share of the questions. @example 0.8 */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  min_correct?: number | null;

  /** A run passes when this share of its answers is right. @example 0.95 */
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(1)
  min_precision?: number | null;
}

export class CreateSuiteDto extends SuiteTermsDto {
  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id!: number;

  /** @example 'Board questions' */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  name!: string;

  /** Begin with a case for every verified query of the data source. @example true */
  @IsOptional()
  @IsBoolean()
  from_verified_queries?: boolean;
}

/** What is left out stays. */
export class UpdateSuiteDto extends SuiteTermsDto {
  /** @example 'Board questions' */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  name?: string;
}

/** Questions with known answers, by which the quality over a data source is measured. */
export class SuiteDto {
  /** @example 1 */
  id!: number;
  /** @example 1 */
  data_source_id!: number;
  /** @example 'Board questions' */
  name!: string;
  description!: string | null;
  /** @example '0 5 * * 1' */
  cron!: string | null;
  /** @example 'Europe/Berlin' */
  timezone!: string;
  min_correct!: number | null;
  min_precision!: number | null;
  /** Who made it; null when that account is gone. @example 1 */
  created_by!: number | null;
  created_at!: Date;
  updated_at!: Date;

  static from(suite: EvaluationSuite): SuiteDto {
    return {
      id: suite.id,
      data_source_id: suite.dataSourceId,
      name: suite.name,
      description: suite.description,
      cron: suite.cronExpr,
      timezone: suite.timezone,
      min_correct: suite.minCorrect,
      min_precision: suite.minPrecision,
      created_by: suite.createdBy,
      created_at: suite.createdAt,
      updated_at: suite.updatedAt,
    };
  }
}

export class SuitePageDto {
  items!: SuiteDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<EvaluationSuite>): SuitePageDto {
    return {
      items: items.map((suite) => SuiteDto.from(suite)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
