import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
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
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import type { FilterDefinition } from '../dashboard-filters.js';
import { type CardPlace, GRID_COLUMNS, MOST_CARD_HEIGHT, MOST_ROWS } from '../dashboard-layout.js';
import type { DashboardPermission } from '../entities/dashboard-share.entity.js';
import type { Dashboard } from '../entities/dashboard.entity.js';

/** Charts that one dashboard can have. */
export const MOST_CHARTS = 50;
const MOST_FILTERS = 20;

/** Where a chart stands on a page of twelve columns, in columns and rows from 0. */
export class CardPlaceDto {
  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  chart_id!: number;

  /** @example 0 */
  @IsInt()
  @Min(0)
  @Max(GRID_COLUMNS - 1)
  x!: number;

  /** @example 0 */
  @IsInt()
  @Min(0)
  @Max(MOST_ROWS)
  y!: number;

  /** @example 6 */
  @IsInt()
  @Min(1)
  @Max(GRID_COLUMNS)
  width!: number;

  /** @example 4 */
  @IsInt()
  @Min(1)
  @Max(MOST_CARD_HEIGHT)
  height!: number;

  static from({ chartId, ...place }: CardPlace): CardPlaceDto {
    return { chart_id: chartId, ...place };
  }

  static toPlace({ chart_id: chartId, x, y, width, height }: CardPlaceDto): CardPlace {
    return { chartId, x, y, width, height };
  }
}

/** The places of charts. Those that have none stand below the others. */
export class LayoutDto {
  @IsArray()
  @ArrayMaxSize(MOST_CHARTS)
  @ValidateNested({ each: true })
  @Type(() => CardPlaceDto)
  cards!: CardPlaceDto[];
}

/** Something that whoever looks at the dashboard can choose: which rows of a table count, for every chart that reads it. */
export class FilterDefinitionDto {
  /** As requests call it: `?filter=region:North`. @example 'region' */
  @IsString()
  @Matches(/^[a-z][a-z0-9_]{0,49}$/, {
    message: 'must be small letters, digits and underscores, and begin with a letter',
  })
  name!: string;

  /** As people call it; the name when left out. @example 'Region' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(100)
  label?: string | null;

  /** @example 1 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  data_source_id!: number;

  /** @example 'trips' */
  @IsString()
  @MaxLength(500)
  table!: string;

  /** @example 'net_price' */
  @IsString()
  @MaxLength(500)
  column!: string;

  /** `values`: one or some of its values; `range`: from one to another, both counting. */
  @IsIn(['values', 'range'])
  kind!: 'values' | 'range';

  /** What holds when nothing is chosen: values, or one `from..to`. @example [] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(500, { each: true })
  presets?: string[];

  static from({ dataSourceId, ...definition }: FilterDefinition): FilterDefinitionDto {
    return { ...definition, data_source_id: dataSourceId };
  }

  static toDefinition(given: FilterDefinitionDto): FilterDefinition {
    const { name, label, data_source_id: dataSourceId, table, column, kind, presets = [] } = given;
    return { name, label: label ?? name, dataSourceId, table, column, kind, presets };
  }
}

export class NewDashboardDto {
  /** @example 'Sales' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name!: string;

  /** @example 'What we look at on Mondays' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** A new dashboard has no charts to place yet. @example { "cards": [] } */
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => LayoutDto)
  layout?: LayoutDto;

  /** @example [] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_FILTERS)
  @ValidateNested({ each: true })
  @Type(() => FilterDefinitionDto)
  filters?: FilterDefinitionDto[];
}

/** What to change: what is left out stays as it is. */
export class ChangeDashboardDto {
  /** @example 'Sales' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name?: string;

  /** Null empties it. @example 'What we look at on Mondays' */
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  description?: string | null;

  /** @example { "cards": [] } */
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => LayoutDto)
  layout?: LayoutDto;

  /** All of them. @example [] */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(MOST_FILTERS)
  @ValidateNested({ each: true })
  @Type(() => FilterDefinitionDto)
  filters?: FilterDefinitionDto[];

  /** Whether everybody who is signed in may look at it. Takes the permission to manage it. */
  @MayBeAbsent()
  @IsBoolean()
  is_public?: boolean;

  /** The version that you have seen: when somebody has made another since, nothing is changed. */
  @MayBeAbsent()
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID - 1)
  based_on?: number;
}

export class DashboardListQuery extends PageQuery {
  /** Only those with this text in their name. @example 'sales' */
  @IsOptional()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  text?: string;
}

/** A dashboard, and what the caller may do with it. */
export interface SeenDashboard {
  dashboard: Dashboard;
  permission: DashboardPermission | 'owner';
}

/** Charts on a page. */
export class DashboardDto {
  /** @example 1 */
  id!: number;
  /** @example 'Sales' */
  name!: string;
  description!: string | null;
  /** Whose it is. @example 1 */
  owner_id!: number;
  /** What you may do with it. */
  permission!: DashboardPermission | 'owner';
  /** Whether everybody who is signed in may look at it. */
  is_public!: boolean;
  layout!: LayoutDto;
  filters!: FilterDefinitionDto[];
  /** Raised by every change of the dashboard or its charts. @example 1 */
  version!: number;
  created_at!: Date;
  updated_at!: Date;

  static from({ dashboard, permission }: SeenDashboard): DashboardDto {
    return {
      id: dashboard.id,
      name: dashboard.name,
      description: dashboard.description,
      owner_id: dashboard.userId,
      permission,
      is_public: dashboard.isPublic,
      layout: { cards: (dashboard.layout.cards ?? []).map((place) => CardPlaceDto.from(place)) },
      filters: dashboard.filters.map((definition) => FilterDefinitionDto.from(definition)),
      version: dashboard.version,
      created_at: dashboard.createdAt,
      updated_at: dashboard.updatedAt,
    };
  }
}

export class DashboardPageDto {
  items!: DashboardDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<SeenDashboard>): DashboardPageDto {
    return {
      items: items.map((seen) => DashboardDto.from(seen)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
