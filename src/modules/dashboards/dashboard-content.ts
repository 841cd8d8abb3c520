/** A dashboard as it is shown: as it stands now, or as it was published. */
import type { ChartType } from '../../engine/charts/contract.js';
import type { Chart } from './entities/chart.entity.js';
import type { Dashboard } from './entities/dashboard.entity.js';
import type { FilterDefinition } from './dashboard-filters.js';
import type { CardPlace } from './dashboard-layout.js';

/** How a chart is made of its result. */
export interface ChartConfig {
  /** Only these columns, in this order. */
  columns?: string[];
  /** Rows that a table shows, at most. */
  maxRows?: number;
}

export interface ContentChart {
  id: number;
  queryId: number | null;
  name: string;
  type: ChartType | null;
  config: ChartConfig;
}

export interface DashboardContent {
  name: string;
  description: string | null;
  layout: CardPlace[];
  filters: FilterDefinition[];
  charts: ContentChart[];
}

export function contentOf(dashboard: Dashboard, charts: readonly Chart[]): DashboardContent {
  const { name, description, layout, filters } = dashboard;
  return { name, description, layout: layout.cards ?? [], filters, charts: charts.map(contentOfChart) };
}

export function contentOfChart({ id, queryId, name, type, config }: Chart): ContentChart {
  return { id, queryId, name, type, config };
}
