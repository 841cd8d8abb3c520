import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { difference, pick } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { QueriesService } from '../queries/index.js';
import { DashboardPolicy } from './dashboard.policy.js';
import { DashboardsService } from './dashboards.service.js';
import { type ChangeChartDto, ChartConfigDto, type ChartListQuery, type NewChartDto } from './dto/chart.dto.js';
import { MOST_CHARTS } from './dto/dashboard.dto.js';
import { Chart } from './entities/chart.entity.js';
import type { DashboardPermission } from './entities/dashboard-share.entity.js';

const TOLD = ['dashboardId', 'queryId', 'name', 'type', 'config'] as const;

/** The charts of dashboards. A change of one is a change of its dashboard. */
@Injectable()
export class ChartsService {
  constructor(
    @InjectRepository(Chart) private readonly charts: Repository<Chart>,
    private readonly policy: DashboardPolicy,
    private readonly dashboards: DashboardsService,
    private readonly queries: QueriesService,
  ) {}

  /** Those of the dashboard, oldest first. @throws DomainError `not_found` */
  async list(dashboardId: number, page: PageQuery, caller: Principal): Promise<Page<Chart>> {
    await this.dashboards.get(dashboardId, caller);
    const ofDashboard = this.charts
      .createQueryBuilder('chart')
      .where('chart.dashboardId = :dashboardId', { dashboardId });
    return paginate(ofDashboard, page, 'ASC');
  }

  /** Those of all dashboards that the caller may look at, newest first. */
  async listAll(wanted: ChartListQuery, caller: Principal): Promise<Page<Chart>> {
    const { dashboard_id: dashboardId, query_id: queryId, text } = wanted;
    const found = this.visible(caller);
    for (const [field, value] of Object.entries({ dashboardId, queryId })) {
      if (value !== undefined) found.andWhere(`chart.${field} = :${field}`, { [field]: value });
    }
    if (text !== undefined) found.andWhere('strpos(lower(chart.name), lower(:text)) > 0', { text });
    return paginate(found, wanted);
  }

  /** All charts of a dashboard that the caller was seen to have. */
  async all(dashboardId: number): Promise<Chart[]> {
    return this.charts.find({ where: { dashboardId }, order: { id: 'ASC' } });
  }

  /** @throws DomainError `not_found`, also when its dashboard is somebody else's */
  async get(id: number, caller: Principal): Promise<Chart> {
    const chart = await this.visible(caller).andWhere('chart.id = :id', { id }).getOne();
    if (chart === null) throw notFound('chart');
    return chart;
  }

  /**
   * @throws DomainError `not_found` for the dashboard, and for a query that is not the caller's own; `forbidden`; `conflict` when the
   *   dashboard is full; `result_not_ready` for a query that has no SQL
   */
  async add(dashboardId: number, given: NewChartDto, caller: Principal): Promise<Chart> {
    await this.dashboards.get(dashboardId, caller);
    await this.dashboards.refuseWithout('edit', dashboardId, caller);
    await this.refuseQuery(given.query_id, caller);
    const { query_id: queryId, name, type = null } = given;
    const config = ChartConfigDto.toConfig(given.config ?? {});
    let made: Chart | undefined;
    await this.dashboards.edit(dashboardId, {}, caller, async ({ manager, record }) => {
      if ((await manager.countBy(Chart, { dashboardId })) >= MOST_CHARTS) throw full();
      const { id } = await manager.save(Chart, { dashboardId, queryId, name: name.trim(), type, config });
      made = await manager.findOneByOrFail(Chart, { id });
      record({ action: 'chart.created', objectId: id, after: pick(made, TOLD) });
      return true;
    });
    if (made === undefined) throw notFound('dashboard');
    return made;
  }

  /** @throws DomainError as `add`; `conflict` when the dashboard is not at the version seen */
  async change(id: number, given: ChangeChartDto, caller: Principal): Promise<Chart> {
    const { dashboardId } = await this.get(id, caller);
    await this.dashboards.refuseWithout('edit', dashboardId, caller);
    if (given.query_id !== undefined) await this.refuseQuery(given.query_id, caller);
    await this.dashboards.edit(dashboardId, { basedOn: given.based_on }, caller, async ({ manager, record }) => {
      const chart = await manager.findOneBy(Chart, { id });
      if (chart === null) throw notFound('chart');
      const before = { ...chart };
      chart.queryId = given.query_id ?? chart.queryId;
      chart.name = given.name?.trim() ?? chart.name;
      chart.type = given.type === undefined ? chart.type : given.type;
      chart.config = given.config === undefined ? chart.config : ChartConfigDto.toConfig(given.config);
      const changed = difference(before, chart, TOLD);
      if (changed === null) return false;
      await manager.save(chart);
      record({ action: 'chart.changed', objectId: id, ...changed });
      return true;
    });
    return this.get(id, caller);
  }

  /** @throws DomainError `not_found`, `forbidden` */
  async remove(id: number, caller: Principal): Promise<void> {
    const { dashboardId } = await this.get(id, caller);
    await this.dashboards.edit(dashboardId, {}, caller, async ({ manager, record }, dashboard) => {
      const chart = await manager.findOneBy(Chart, { id });
      if (chart === null) throw notFound('chart');
      await manager.delete(Chart, { id });
      dashboard.layout = { cards: (dashboard.layout.cards ?? []).filter(({ chartId }) => chartId !== id) };
      record({ action: 'chart.deleted', objectId: id, before: pick(chart, TOLD) });
      return true;
    });
  }

  /** The charts of the dashboards that the caller may do something with, called `chart`. */
  visible(caller: Principal, permission: DashboardPermission = 'view'): SelectQueryBuilder<Chart> {
    const charts = this.charts.createQueryBuilder('chart');
    return this.policy.restrictParts(charts, 'chart.dashboardId', caller, permission);
  }

  /** A chart shows others what its query gives, so it is made of one's own. */
  private async refuseQuery(id: number, caller: Principal): Promise<void> {
    const { generatedSql, status } = await this.queries.get(id, caller);
    if (generatedSql !== null) return;
    const detail = `This query has no SQL to draw anything from: it is ${status.replaceAll('_', ' ')}.`;
    throw new DomainError('result_not_ready', detail);
  }
}

function full(): DomainError {
  return new DomainError(
    'conflict',
    `A dashboard can have ${MOST_CHARTS} charts. Remove one, or make another dashboard.`,
  );
}
