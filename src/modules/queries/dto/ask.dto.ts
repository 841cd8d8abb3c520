import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsPositive,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';
import { CHART_TYPES, type ChartType } from '../../../engine/charts/index.js';
import { PageQuery } from '../../../platform/database/index.js';
import { IsFlag, LARGEST_ID } from '../../../platform/http/index.js';
import { RowsQuery } from '../../data-sources/index.js';
import { QUERY_ORIGINS, QUERY_STATUSES, type QueryOrigin, type QueryStatus } from '../entities/query.entity.js';

const LONGEST_WAIT_SECONDS = 30;

/** Null counts as left out, as many clients send it. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** A question in plain language, or a SELECT statement of your own: one of the two. */
export class AskDto {
  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id!: number;

  /** @example 'How many orders per month in 2025?' */
  @ValidateIf(({ question, sql }: AskDto) => isGiven(question) || !isGiven(sql))
  @IsString({ message: 'give either question or sql' })
  @MinLength(1)
  @MaxLength(10_000)
  question?: string | null;

  /** One statement that only reads. @example 'SELECT count(*) FROM orders' */
  @ValidateIf(({ question, sql }: AskDto) => isGiven(sql) || !isGiven(question))
  @IsString({ message: 'give either question or sql' })
  @MinLength(1)
  @MaxLength(100_000)
  sql?: string | null;

  /** A query of yours over the same data source, that the question may go on from: "and by month?". @example null */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  previous_query_id?: number | null;

  /** Rows to keep, at most; the installation's own limit still holds. @example 10000 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(100_000_000)
  max_rows?: number;

  /** Milliseconds the run may take; the installation's own limit still holds. @example 30000 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(3_600_000)
  timeout_ms?: number;

  /** Rows that the source may expect, at most: of the result, or for files of what is read. Over it, nothing is run. @example 1000000 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  max_estimated_rows?: number;

  /** The same in bytes. @example 1000000000 */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  max_estimated_bytes?: number;

  /** The same in the source’s own unit of cost. @example 50000 */
  @IsOptional()
  @IsNumber()
  @IsPositive()
  max_estimated_cost?: number;

  /** Only say what would run, and what it would cost where the source tells. */
  @IsOptional()
  @IsBoolean()
  dry_run?: boolean;
}

export class WaitQuery {
  /** Seconds to wait for the end; after that the answer is 202 and the query goes on. @example 10 */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LONGEST_WAIT_SECONDS)
  wait: number = 10;
}

/** The answer to a clarification: the value of an option, or words of your own. */
export class AnswerDto {
  /** @example 'sum:orders.total' */
  @ValidateIf(({ option, text }: AnswerDto) => isGiven(option) || !isGiven(text))
  @IsString({ message: 'give either option or text' })
  @MinLength(1)
  @MaxLength(1000)
  option?: string | null;

  /** @example 'by the number of orders' */
  @ValidateIf(({ option, text }: AnswerDto) => isGiven(text) || !isGiven(option))
  @IsString({ message: 'give either option or text' })
  @MinLength(1)
  @MaxLength(1000)
  text?: string | null;
}

export class QueryListQuery extends PageQuery {
  /** Only queries of this data source. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id?: number;

  /** Only those in this state. */
  @IsOptional()
  @IsIn(QUERY_STATUSES)
  status?: QueryStatus;

  /** Only those whose SQL comes from there. */
  @IsOptional()
  @IsIn(QUERY_ORIGINS)
  origin?: QueryOrigin;

  /** Asked from this moment on. @example '2026-01-01T00:00:00Z' */
  @IsOptional()
  @IsISO8601({ strict: true })
  created_after?: string;

  /** Asked before this moment. @example '2027-01-01T00:00:00Z' */
  @IsOptional()
  @IsISO8601({ strict: true })
  created_before?: string;

  /** Only those with all of these words in the question or the SQL (in the first 10,000 characters of each). @example 'orders month' */
  @IsOptional()
  @MaxLength(200)
  @Matches(/[\p{L}\p{N}]/u, { message: 'needs a letter or a digit' })
  text?: string;
}

export const RESULT_FORMATS = ['json', 'csv', 'ndjson', 'parquet', 'arrow'] as const;

export class ResultQuery extends RowsQuery {
  /** `json` gives a page; the others give the whole result as a stream. */
  @ApiProperty({ required: false })
  @IsOptional()
  @IsIn(RESULT_FORMATS)
  format: (typeof RESULT_FORMATS)[number] = 'json';

  /** CSV only: begin with the byte order mark, by which spreadsheets know UTF-8. */
  @IsFlag()
  bom?: boolean;

  /** CSV only: put an apostrophe before texts that a spreadsheet would take for a formula; they no longer read back as they were. */
  @IsFlag()
  escape_formulas?: boolean;
}

export const CHART_FORMATS = ['vega-lite', 'svg', 'png'] as const;

export class ChartQuery {
  @ApiProperty({ required: false })
  @IsOptional()
  @IsIn(CHART_FORMATS)
  format: (typeof CHART_FORMATS)[number] = 'vega-lite';

  /** The kind of chart; left out, the one that suits the result is chosen. */
  @IsOptional()
  @IsIn(CHART_TYPES)
  type?: ChartType;
}
