/** What somebody gets to see of a dashboard, before it is a page or a picture. */
import type { CellValue, Chart, ResultColumn } from '../../../engine/charts/index.js';
import type { FilterChoices } from '../../queries/index.js';
import type { FilterDefinition, FilterSetting } from '../dashboard-filters.js';
import type { CardPlace } from '../dashboard-layout.js';

/** Why a chart cannot be shown. */
export interface CardProblem {
  code: string;
  /** A sentence for people. */
  detail: string;
}

/** What a chart shows to somebody. */
export interface ShownChart {
  /** The chart; of type `table`, without a specification, where the rows are best read as such. */
  chart: Chart;
  columns: ResultColumn[];
  /** As many as a table shows. */
  rows: CellValue[][];
  rowCount: number;
  /** True when the query has more rows than were kept. */
  truncated: boolean;
  /** When the data was like this. */
  asOf: Date;
  /** Whether access rules keep something from the person. */
  restricted: boolean;
  /** The filters that the chart heeds. */
  filters: FilterSetting[];
}

export interface RenderedCard {
  chartId: number;
  name: string;
  place: CardPlace;
  /** Null when there is a problem. */
  shown: ShownChart | null;
  problem: CardProblem | null;
}

/** A filter, and what can be chosen in it. */
export interface OfferedFilter {
  definition: FilterDefinition;
  setting: FilterSetting | null;
  /** Of its column; null when whoever looks cannot know it. */
  type: FilterChoices['type'] | null;
  /** All values, where they are known and few. */
  values: string[] | null;
  /** Whoever looks cannot change it. */
  isLocked: boolean;
}

export interface RenderedDashboard {
  name: string;
  description: string | null;
  /** From top to bottom. */
  cards: RenderedCard[];
  filters: OfferedFilter[];
  /** Of the oldest data that is shown; null when none is. */
  asOf: Date | null;
  renderedAt: Date;
}
