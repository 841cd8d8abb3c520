import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { type CellValue, CHART_TYPES, type ChartType } from '../../../engine/charts/index.js';
import { ResultColumnDto } from '../../data-sources/index.js';
import type { OfferedFilter, RenderedCard, RenderedDashboard, ShownChart } from '../rendering/rendered.js';
import { CardPlaceDto } from './dashboard.dto.js';

const LONGEST_WAIT_SECONDS = 30;

/** What is chosen, and how long to wait. */
export class LookQuery {
  /** `name:value`, once for each value; `name:from..to` for a range; `name:` for everything. @example ['region:North'] */
  @ApiProperty({ required: false, type: [String] })
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? [value] : value))
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(600, { each: true })
  filter: string[] = [];

  /** Seconds to wait for data that has to be fetched; what is not there by then is fetched on. */
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LONGEST_WAIT_SECONDS)
  wait: number = 10;
}

export class RenderQuery extends LookQuery {
  /** `json`: what is shown, as data. */
  @ApiProperty({ required: false })
  @IsOptional()
  @IsIn(['html', 'json', 'svg', 'png', 'pdf'])
  format: 'html' | 'json' | 'svg' | 'png' | 'pdf' = 'html';
}

export class RenderChartQuery extends LookQuery {
  @ApiProperty({ required: false })
  @IsOptional()
  @IsIn(['vega-lite', 'svg', 'png'])
  format: 'vega-lite' | 'svg' | 'png' = 'vega-lite';
}

/** A filter that holds. */
export class SettingDto {
  /** @example 'region' */
  name!: string;
  /** @example 'Region' */
  label!: string;
  /** Null when nothing is chosen, or for a range. */
  values!: string[] | null;
  from!: string | null;
  to!: string | null;
  /** What can be chosen, where it is known and little; null otherwise. */
  choices!: string[] | null;
  /** True when it cannot be changed here. */
  locked!: boolean;

  static from({ definition: { name, label }, setting, values, isLocked }: OfferedFilter): SettingDto {
    return {
      name,
      label,
      values: setting?.values ?? null,
      from: setting?.from ?? null,
      to: setting?.to ?? null,
      choices: values,
      locked: isLocked,
    };
  }
}

export class CardProblemDto {
  /** @example 'result_not_ready' */
  code!: string;
  detail!: string;
}

/** What a chart shows. */
export class ShownChartDto {
  @ApiProperty({ enum: CHART_TYPES })
  type!: ChartType;
  /** @example 'Revenue by month' */
  title!: string;
  /** Why this chart was chosen. */
  reason!: string;
  /** A complete Vega-Lite specification with its data; null where the rows are best read as a table. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  spec!: Record<string, unknown> | null;
  columns!: ResultColumnDto[];
  /** As many as a table shows. */
  @ApiProperty({ type: 'array', items: { type: 'array', items: {} } })
  rows!: CellValue[][];
  /** @example 12 */
  row_count!: number;
  /** True when the query has more rows than were kept. */
  truncated!: boolean;
  data_as_of!: Date;
  /** Whether access rules keep something from you. */
  restricted!: boolean;
  /** Names of the filters that it heeds. */
  filters!: string[];

  static from({ chart, columns, rows, rowCount, truncated, asOf, restricted, filters }: ShownChart): ShownChartDto {
    const { type, title, reason, spec } = chart;
    return {
      type,
      title,
      reason,
      spec,
      columns: columns.map(({ name, type: columnType }) => ({ name, type: columnType })),
      rows,
      row_count: rowCount,
      truncated,
      data_as_of: asOf,
      restricted,
      filters: filters.map(({ definition: { name } }) => name),
    };
  }
}

export class RenderedCardDto {
  /** @example 1 */
  chart_id!: number;
  /** @example 'Revenue by month' */
  name!: string;
  place!: CardPlaceDto;
  /** Null when there is a problem. */
  shown!: ShownChartDto | null;
  problem!: CardProblemDto | null;

  static from({ chartId, name, place, shown, problem }: RenderedCard): RenderedCardDto {
    const chart = shown === null ? null : ShownChartDto.from(shown);
    return { chart_id: chartId, name, place: CardPlaceDto.from(place), shown: chart, problem };
  }
}

/** A dashboard as somebody gets to see it. */
export class RenderedDashboardDto {
  /** @example 'Sales' */
  name!: string;
  description!: string | null;
  filters!: SettingDto[];
  /** From top to bottom. */
  cards!: RenderedCardDto[];
  /** Of the oldest data that is shown. */
  data_as_of!: Date | null;
  rendered_at!: Date;

  static from({ name, description, filters, cards, asOf, renderedAt }: RenderedDashboard): RenderedDashboardDto {
    return {
      name,
      description,
      filters: filters.map((filter) => SettingDto.from(filter)),
      cards: cards.map((card) => RenderedCardDto.from(card)),
      data_as_of: asOf,
      rendered_at: renderedAt,
    };
  }
}

/** A dashboard as anybody gets to see it who has its link. */
export class PublicDashboardDto extends RenderedDashboardDto {
  /** When what is shown was published. */
  published_at!: Date;
  /** Whose access rules the rows are shown under. */
  access_rules!: string;

  static of(rendered: RenderedDashboard, publishedAt: Date, accessRules: string): PublicDashboardDto {
    return { ...RenderedDashboardDto.from(rendered), published_at: publishedAt, access_rules: accessRules };
  }
}
