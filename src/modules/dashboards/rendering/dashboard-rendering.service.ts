import { Injectable } from '@nestjs/common';
import type { Publication } from '../../../engine/publishing/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import type { Principal } from '../../../platform/security/index.js';
import { Drawings, QueriesService } from '../../queries/index.js';
import { ChartsService } from '../charts.service.js';
import { contentOf, contentOfChart } from '../dashboard-content.js';
import { settingsOf } from '../dashboard-filters.js';
import { DashboardsService } from '../dashboards.service.js';
import { ChartRenderer } from './chart-renderer.js';
import { dashboardPage, type DashboardPage } from './dashboard-page.js';
import { DashboardPictures } from './dashboard-pictures.js';
import { DashboardRenderer } from './dashboard-renderer.js';
import type { RenderedDashboard, ShownChart } from './rendered.js';

export interface Look {
  /** Filters as they are written in requests: `name:value`, `name:from..to`. */
  chosen: readonly string[];
  /** Milliseconds to wait for data that has to be fetched. */
  waitMs: number;
}

const RULES = 'Rows are shown under the access rules that hold for the person who looks.';

/** Dashboards and charts as the person who looks at them may see them: as data, as pages and as pictures. */
@Injectable()
export class DashboardRenderingService {
  constructor(
    private readonly dashboards: DashboardsService,
    private readonly charts: ChartsService,
    private readonly queries: QueriesService,
    private readonly renderer: DashboardRenderer,
    private readonly drawing: ChartRenderer,
    private readonly pictures: DashboardPictures,
    private readonly drawings: Drawings,
  ) {}

  /** The dashboard as it stands. @throws DomainError `not_found`, `validation_failed` for a filter that it does not have */
  async dashboard(id: number, caller: Principal, { chosen, waitMs }: Look): Promise<RenderedDashboard> {
    const { dashboard } = await this.dashboards.get(id, caller);
    const content = contentOf(dashboard, await this.charts.all(id));
    return this.renderer.render(content, caller, { chosen, waitMs, shown: { as: 'dashboard', dashboard_id: id } });
  }

  /** The same as a web page that stands alone. */
  async page(id: number, caller: Principal, look: Look): Promise<DashboardPage> {
    const rendered = await this.dashboard(id, caller, look);
    return dashboardPage(rendered, { rules: RULES, publishedAt: null }, (card) => this.pictures.card(card));
  }

  /** The same as a picture, or a document. @throws also EngineError `chart_not_possible` when it is too long for one picture */
  async file(id: number, format: 'svg' | 'png' | 'pdf', caller: Principal, look: Look): Promise<Buffer> {
    const rendered = await this.dashboard(id, caller, look);
    return Buffer.from(await this.pictures[format](rendered));
  }

  /** @throws DomainError as `ChartRenderer.draw`, and `validation_failed` for a filter that its dashboard does not have */
  async chart(id: number, caller: Principal, { chosen, waitMs }: Look): Promise<ShownChart> {
    const chart = await this.charts.get(id, caller);
    const { dashboard } = await this.dashboards.get(chart.dashboardId, caller);
    const settings = settingsOf(dashboard.filters, chosen);
    const [query] = chart.queryId === null ? [] : await this.queries.given([chart.queryId]);
    const shown = { as: 'chart', dashboard_id: dashboard.id };
    return this.drawing.draw(contentOfChart(chart), query, caller, { settings, waitMs, shown });
  }

  /**
   * All rows that a chart is made of, as the caller may see them, as a file that stored results are like.
   *
   * @param path where it is put
   * @returns the columns of them that the chart shows; undefined for all
   * @throws DomainError as `chart`
   */
  async rows(id: number, caller: Principal, path: string): Promise<readonly string[] | undefined> {
    const chart = await this.charts.get(id, caller);
    const { dashboard } = await this.dashboards.get(chart.dashboardId, caller);
    const [query] = chart.queryId === null ? [] : await this.queries.given([chart.queryId]);
    const settings = settingsOf(dashboard.filters, []);
    await this.drawing.rows(contentOfChart(chart), query, caller, { settings, dashboardId: dashboard.id, path });
    return chart.config.columns;
  }

  /** The queries behind a dashboard, or one of its charts. @throws DomainError `not_found` when it is not the caller's to see */
  async queryIds(of: { dashboardId: number } | { chartId: number }, caller: Principal): Promise<number[]> {
    if ('chartId' in of) {
      const { queryId } = await this.charts.get(of.chartId, caller);
      return queryId === null ? [] : [queryId];
    }
    await this.dashboards.get(of.dashboardId, caller);
    return (await this.charts.all(of.dashboardId)).flatMap(({ queryId }) => queryId ?? []);
  }

  /** @throws DomainError `chart_not_possible` when the rows are best read as a table */
  async picture({ chart }: ShownChart, format: 'svg' | 'png'): Promise<string | Buffer> {
    if (chart.spec === null) {
      throw new DomainError('chart_not_possible', `${chart.reason} Give the chart a type, or take it as data.`);
    }
    return format === 'svg' ? this.drawings.svg(chart.spec) : this.drawings.png(chart.spec, { scale: 2 });
  }

  /** A chart as a document, to be made into a page or a PDF. */
  async document(shown: ShownChart): Promise<Publication> {
    return this.pictures.document(shown);
  }
}
