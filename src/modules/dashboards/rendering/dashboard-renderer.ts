import { Injectable } from '@nestjs/common';
import { EngineError } from '../../../engine/errors.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { filterChoices, LiveResults, QueriesService, type Query } from '../../queries/index.js';
import type { ContentChart, DashboardContent } from '../dashboard-content.js';
import { checkSetting, type FilterSetting, settingsOf } from '../dashboard-filters.js';
import { completeLayout } from '../dashboard-layout.js';
import { ChartRenderer } from './chart-renderer.js';
import type { CardProblem, OfferedFilter, RenderedCard, RenderedDashboard, ShownChart } from './rendered.js';

export interface RenderWish {
  /** Filters as they are written in requests: `name:value`, `name:from..to`. */
  chosen: readonly string[];
  /** Filters that cannot be changed. */
  locked?: readonly string[];
  /** Milliseconds to wait for data that has to be fetched. */
  waitMs: number;
  /** What was shown where, for the audit trail. */
  shown: Record<string, unknown>;
}

/** Puts together what somebody gets to see of a dashboard. One chart that fails says why, and leaves the others alone. */
@Injectable()
export class DashboardRenderer {
  constructor(
    private readonly queries: QueriesService,
    private readonly results: LiveResults,
    private readonly charts: ChartRenderer,
  ) {}

  /**
   * @param content of a dashboard that the caller was seen to have
   * @throws DomainError `validation_failed` for a filter that the dashboard does not have, or a value that it cannot take
   */
  async render(content: DashboardContent, caller: Principal, wish: RenderWish): Promise<RenderedDashboard> {
    const settings = settingsOf(content.filters, wish.chosen, wish.locked);
    const found = await this.queries.given(content.charts.flatMap(({ queryId }) => queryId ?? []));
    const queries = new Map(found.map((query) => [query.id, query]));
    const filters = await this.offered(content, settings, wish.locked ?? [], { queries: found, caller });
    const places = completeLayout(content.layout, content.charts);
    const cards = await Promise.all(
      places.map(async (place): Promise<RenderedCard[]> => {
        const chart = content.charts.find(({ id }) => id === place.chartId);
        if (chart === undefined) return [];
        const { id: chartId, name } = chart;
        return [{ chartId, name, place, ...(await this.card(chart, queries, caller, { ...wish, settings })) }];
      }),
    );
    const shown = cards.flat();
    const times = shown.flatMap((card) => card.shown?.asOf.getTime() ?? []);
    return {
      name: content.name,
      description: content.description,
      cards: shown,
      filters,
      asOf: times.length === 0 ? null : new Date(Math.min(...times)),
      renderedAt: new Date(),
    };
  }

  private async card(
    chart: ContentChart,
    queries: ReadonlyMap<number, Query>,
    caller: Principal,
    wish: Parameters<ChartRenderer['draw']>[3],
  ): Promise<{ shown: ShownChart | null; problem: CardProblem | null }> {
    try {
      return { shown: await this.charts.draw(chart, queries.get(chart.queryId ?? 0), caller, wish), problem: null };
    } catch (error) {
      return { shown: null, problem: problemOf(error) };
    }
  }

  /** What can be chosen, as far as the caller may see the values. */
  private async offered(
    { filters }: DashboardContent,
    settings: readonly FilterSetting[],
    locked: readonly string[],
    { queries, caller }: { queries: readonly Query[]; caller: Principal },
  ): Promise<OfferedFilter[]> {
    const fixed = new Set(locked.map((text) => text.slice(0, text.indexOf(':'))));
    const offered: OfferedFilter[] = [];
    for (const definition of filters) {
      const setting = settings.find((one) => one.definition === definition) ?? null;
      const query = queries.find(({ dataSourceId }) => dataSourceId === definition.dataSourceId);
      const isLocked = fixed.has(definition.name);
      const choices = query === undefined ? null : await this.choices(query, definition, caller);
      if (setting !== null && choices !== null) checkSetting(setting, choices);
      const values = isLocked ? null : (choices?.values ?? null);
      offered.push({ definition, setting, type: choices?.type ?? null, values, isLocked });
    }
    return offered;
  }

  /** Null when there is nothing to choose for the caller. */
  private async choices(query: Query, definition: OfferedFilter['definition'], caller: Principal) {
    try {
      return filterChoices(await this.results.open(query, caller), definition);
    } catch (error) {
      if (error instanceof DomainError) return null;
      throw error;
    }
  }
}

/** Why a chart is not there, without anybody's data. What nobody foresaw is thrown on. */
function problemOf(error: unknown): CardProblem {
  if (error instanceof DomainError) {
    return { code: error.code, detail: error.detail };
  }
  if (error instanceof EngineError) return { code: error.code, detail: error.message };
  throw error;
}
