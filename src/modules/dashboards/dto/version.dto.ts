import type { Page } from '../../../platform/database/index.js';
import type { ChartType } from '../../../engine/charts/contract.js';
import type { DashboardVersion } from '../entities/dashboard-version.entity.js';
import { ChartConfigDto } from './chart.dto.js';
import { CardPlaceDto, FilterDefinitionDto, type LayoutDto } from './dashboard.dto.js';

/** A version of a dashboard that was published. */
export class VersionSummaryDto {
  /** @example 3 */
  version!: number;
  /** What the dashboard was called. @example 'Sales' */
  name!: string;
  /** @example 4 */
  charts_count!: number;
  /** Who published it; null when that account is gone. @example 1 */
  published_by!: number | null;
  published_at!: Date;

  static from({ version, content, createdBy, createdAt }: DashboardVersion): VersionSummaryDto {
    const { name, charts } = content;
    return { version, name, charts_count: charts.length, published_by: createdBy, published_at: createdAt };
  }
}

export class VersionPageDto {
  items!: VersionSummaryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<DashboardVersion>): VersionPageDto {
    return {
      items: items.map((version) => VersionSummaryDto.from(version)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

export class VersionChartDto {
  /** @example 1 */
  id!: number;
  /** @example 7 */
  query_id!: number | null;
  /** @example 'Revenue by month' */
  name!: string;
  type!: ChartType | null;
  config!: ChartConfigDto;
}

export class VersionDto extends VersionSummaryDto {
  description!: string | null;
  layout!: LayoutDto;
  filters!: FilterDefinitionDto[];
  charts!: VersionChartDto[];

  static override from(version: DashboardVersion): VersionDto {
    const { description, layout, filters, charts } = version.content;
    return {
      ...VersionSummaryDto.from(version),
      description,
      layout: { cards: layout.map((place) => CardPlaceDto.from(place)) },
      filters: filters.map((definition) => FilterDefinitionDto.from(definition)),
      charts: charts.map(({ id, queryId, name, type, config }) => {
        return { id, query_id: queryId, name, type, config: ChartConfigDto.from(config) };
      }),
    };
  }
}
