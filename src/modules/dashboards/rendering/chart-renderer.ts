import { Injectable } from '@nestjs/common';
import { chooseChart, type Chart as Drawing, type ResultTable } from '../../../engine/charts/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { type LiveResult, LiveResults, type Query } from '../../queries/index.js';
import type { ChartConfig, ContentChart } from '../dashboard-content.js';
import { type FilterSetting, tableFiltersOf } from '../dashboard-filters.js';
import type { ShownChart } from './rendered.js';

/** Rows that a table shows unless it is said otherwise. */
const USUAL_TABLE_ROWS = 50;

/** Data of databases is asked for anew when it is older. */
const MAX_AGE_MS = 60_000;

export interface ChartWish {
  settings: readonly FilterSetting[];
  /** Milliseconds to wait for the data; it is fetched on, for whoever asks next. */
  waitMs: number;
  /** What was shown where, for the audit trail. */
  shown: Record<string, unknown>;
}

/** Draws charts for people: what each gets is what they may see of the data, whoever has made the chart. */
@Injectable()
export class ChartRenderer {
  constructor(private readonly results: LiveResults) {}

  /**
   * @param query behind the chart; undefined when it has been removed
   * @throws DomainError `not_found` when there is nothing left to draw, `result_not_ready` when the data is not there in time, and as
   *   `LiveResults.of`; EngineError `chart_not_possible`, and as a query fails
   */
  async draw(chart: ContentChart, query: Query | undefined, caller: Principal, wish: ChartWish): Promise<ShownChart> {
    if (query === undefined) throw nothingLeft();
    const filters = tableFiltersOf(wish.settings, query.dataSourceId);
    const shown = { ...wish.shown, chart_id: chart.id };
    const live = this.results.of(query, caller, { filters, maxAgeMs: MAX_AGE_MS, shown });
    const result = await inTime(live, wish.waitMs);
    const table = projected(result, chart.config);
    return {
      chart: drawn(chart, query, table),
      columns: table.columns,
      rows: table.rows.slice(0, chart.config.maxRows ?? USUAL_TABLE_ROWS),
      rowCount: result.rowCount,
      truncated: result.truncated,
      asOf: result.asOf,
      restricted: result.restricted,
      filters: wish.settings.filter(
        ({ definition }) => definition.dataSourceId === query.dataSourceId && result.tables.includes(definition.table),
      ),
    };
  }

  /** Puts all rows that the chart is made of into a file. @throws as `draw` */
  async rows(
    chart: ContentChart,
    query: Query | undefined,
    caller: Principal,
    { settings, dashboardId, path }: { settings: readonly FilterSetting[]; dashboardId: number; path: string },
  ): Promise<void> {
    if (query === undefined) throw nothingLeft();
    const filters = tableFiltersOf(settings, query.dataSourceId);
    const shown = { as: 'chart_rows', dashboard_id: dashboardId, chart_id: chart.id };
    await this.results.whole(query, caller, { filters, maxAgeMs: MAX_AGE_MS, shown }, path);
  }
}

function drawn({ name, type }: ContentChart, { naturalLanguage }: Query, table: ResultTable): Drawing {
  // The question may say what kind of chart is wanted; what is written above the chart is its name.
  const { spec, ...rest } = chooseChart(table, {
    ...(type === null ? {} : { type }),
    ...(naturalLanguage === null ? {} : { question: naturalLanguage }),
  });
  if (spec === null) return { ...rest, title: name, spec };
  const { title: _, ...untitled } = spec;
  return { ...rest, title: name, spec: { ...untitled, description: name } };
}

/** The columns that the chart is made of. @throws DomainError `chart_not_possible` when the result does not have one of them */
function projected({ columns, rows, rowCount }: LiveResult, { columns: wanted }: ChartConfig): ResultTable {
  const truncated = rowCount > rows.length;
  if (wanted === undefined) return { columns, rows, truncated };
  const places = wanted.map((name) => columns.findIndex((column) => column.name === name));
  if (places.includes(-1)) {
    throw new DomainError(
      'chart_not_possible',
      'The result does not have all the columns that this chart is made of. Choose among those that it has.',
    );
  }
  return {
    columns: places.flatMap((place) => columns[place] ?? []),
    rows: rows.map((row) => places.map((place) => row[place] ?? null)),
    truncated,
  };
}

async function inTime<T>(work: Promise<T>, waitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(stillRunning()), waitMs);
  });
  // What comes too late is of no interest here, however it ends.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function stillRunning(): DomainError {
  return new DomainError('result_not_ready', 'The data is still being fetched. Look again in a moment.');
}

function nothingLeft(): DomainError {
  return new DomainError(
    'not_found',
    'The query behind this chart has been removed, so there is nothing left to draw.',
  );
}
