/** What the chart chooser reads and gives. */
import type { ColumnType } from '../catalog/catalog.js';

export interface ResultColumn {
  name: string;
  type: ColumnType;
}

/** A value as it stands in a JSON page of a result: decimals and integers beyond 2^53 are strings, dates ISO 8601. */
export type CellValue = string | number | boolean | null | CellValue[] | { [key: string]: CellValue };

export interface ResultTable {
  columns: ResultColumn[];
  rows: CellValue[][];
  /** True when `rows` is only the beginning of the result. */
  truncated: boolean;
}

export const CHART_TYPES = [
  'bar',
  'line',
  'area',
  'pie',
  'scatter',
  'histogram',
  'heatmap',
  'number',
  'table',
] as const;
export type ChartType = (typeof CHART_TYPES)[number];

export interface Chart {
  type: ChartType;
  title: string;
  /** Why this chart was chosen, in one plain sentence. */
  reason: string;
  /** A complete Vega-Lite 6 specification with its data inline; null for `table`. */
  spec: Record<string, unknown> | null;
}
