import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { CHART_TYPES, type ChartType } from '../../../engine/charts/contract.js';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { ChartConfig } from '../dashboard-content.js';
import type { Chart } from '../entities/chart.entity.js';

const MOST_TABLE_ROWS = 1000;

/** How the chart is made of the result. */
export class ChartConfigDto {
  /** Only these columns of the result, in this order. @example ["month", "revenue"] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @MaxLength(500, { each: true })
  columns?: string[];

  /** Rows that a table shows, at most; 50 when left out. @example 50 */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(MOST_TABLE_ROWS)
  max_rows?: number;

  static from({ columns, maxRows }: ChartConfig): ChartConfigDto {
    return { ...(columns === undefined ? {} : { columns }), ...(maxRows === undefined ? {} : { max_rows: maxRows }) };
  }

  static toConfig({ columns, max_rows: maxRows }: ChartConfigDto): ChartConfig {
    return { ...(columns === undefined ? {} : { columns }), ...(maxRows === undefined ? {} : { maxRows }) };
  }
}

export class NewChartDto {
  /** A query of yours. @example 7 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id!: number;

  /** @example 'Revenue by month' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name!: string;

  /** Null, or left out: the one that suits the result. */
  @IsOptional()
  @IsIn(CHART_TYPES)
  type?: ChartType | null;

  /** @example {} */
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => ChartConfigDto)
  config?: ChartConfigDto;
}

/** What to change: what is left out stays as it is. */
export class ChangeChartDto {
  /** Another query of yours. @example 7 */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id?: number;

  /** @example 'Revenue by month' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name?: string;

  /** Null for the one that suits the result. */
  @IsOptional()
  @IsIn(CHART_TYPES)
  type?: ChartType | null;

  /** @example {} */
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => ChartConfigDto)
  config?: ChartConfigDto;

  /** The version of the dashboard that you have seen: when somebody has made another since, nothing is changed. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID - 1)
  based_on?: number;
}

export class ChartListQuery extends PageQuery {
  /** Only those on this dashboard. @example 1 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  dashboard_id?: number;

  /** Only those made of this query. @example 7 */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  query_id?: number;

  /** Only those with this text in their name. @example 'revenue' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  text?: string;
}

/** A picture of a query's result on a dashboard. */
export class DashboardChartDto {
  /** @example 1 */
  id!: number;
  /** @example 1 */
  dashboard_id!: number;
  /** Null when the query has been removed: then there is nothing to draw. @example 7 */
  query_id!: number | null;
  /** @example 'Revenue by month' */
  name!: string;
  type!: ChartType | null;
  config!: ChartConfigDto;
  created_at!: Date;
  updated_at!: Date;

  static from({ id, dashboardId, queryId, name, type, config, createdAt, updatedAt }: Chart): DashboardChartDto {
    return {
      id,
      dashboard_id: dashboardId,
      query_id: queryId,
      name,
      type,
      config: ChartConfigDto.from(config),
      created_at: createdAt,
      updated_at: updatedAt,
    };
  }
}

export class ChartPageDto {
  items!: DashboardChartDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Chart>): ChartPageDto {
    return {
      items: items.map((chart) => DashboardChartDto.from(chart)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
