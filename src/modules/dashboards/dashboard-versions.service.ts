import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Not, Repository } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { QueriesService } from '../queries/index.js';
import { type ContentChart, contentOf, type DashboardContent } from './dashboard-content.js';
import { DashboardNews } from './dashboard-news.js';
import { DashboardsService } from './dashboards.service.js';
import type { SeenDashboard } from './dto/dashboard.dto.js';
import { Chart } from './entities/chart.entity.js';
import { DashboardVersion } from './entities/dashboard-version.entity.js';
import type { Dashboard } from './entities/dashboard.entity.js';

/** Publishing dashboards: what they were is kept, can be gone back to, and is what public links show. */
@Injectable()
export class DashboardVersionsService {
  constructor(
    @InjectRepository(DashboardVersion) private readonly versions: Repository<DashboardVersion>,
    private readonly unitOfWork: UnitOfWork,
    private readonly dashboards: DashboardsService,
    private readonly queries: QueriesService,
    private readonly news: DashboardNews,
  ) {}

  /** Keeps the dashboard as it is; a version that is kept already stays as it was. @throws DomainError `not_found`, `forbidden` */
  async publish(id: number, caller: Principal): Promise<DashboardVersion> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const dashboard = await this.dashboards.lock(manager, id, caller, 'manage');
      const { version, isNew } = await keep(manager, dashboard, caller);
      if (!isNew) return version;
      record({ action: 'dashboard.published', objectId: id, after: { version: version.version } });
      const what = `has published your dashboard “${dashboard.name}”`;
      await this.news.tellOwner(dashboard, caller, { what, body: SHOWN, meta: { version: version.version } }, manager);
      return version;
    });
  }

  /** The published versions, newest first. @throws DomainError `not_found` */
  async list(id: number, page: PageQuery, caller: Principal): Promise<Page<DashboardVersion>> {
    await this.dashboards.get(id, caller);
    return paginate(this.versions.createQueryBuilder('version').where('version.dashboardId = :id', { id }), page);
  }

  /** @throws DomainError `not_found` for the dashboard or the version */
  async get(id: number, version: number, caller: Principal): Promise<DashboardVersion> {
    await this.dashboards.get(id, caller);
    const found = await this.versions.findOneBy({ dashboardId: id, version });
    if (found === null) throw notFound('version of this dashboard');
    return found;
  }

  /** The version that was published last; null when none was. */
  async latest(id: number): Promise<DashboardVersion | null> {
    return this.versions.findOne({ where: { dashboardId: id }, order: { version: 'DESC' } });
  }

  /**
   * Makes the dashboard what it was, as its next version. Charts that have been removed since are made anew; queries that have
   * been removed stay so.
   *
   * @throws DomainError `not_found` for the dashboard or the version, `forbidden`
   */
  async restore(id: number, version: number, caller: Principal): Promise<SeenDashboard> {
    const { content } = await this.get(id, version, caller);
    const queries = await this.queries.given(content.charts.flatMap(({ queryId }) => queryId ?? []));
    const there = new Set(queries.map((query) => query.id));
    await this.dashboards.edit(id, {}, caller, async ({ manager, record }, dashboard) => {
      const ids = await restoreCharts(manager, id, content, there);
      dashboard.name = content.name;
      dashboard.description = content.description;
      dashboard.filters = content.filters;
      const cards = content.layout.map((place) => ({ ...place, chartId: ids.get(place.chartId) ?? place.chartId }));
      dashboard.layout = { cards: cards.filter(({ chartId }) => [...ids.values()].includes(chartId)) };
      record({ action: 'dashboard.restored', objectId: id, details: { version } });
      return true;
    });
    return this.dashboards.get(id, caller);
  }
}

const SHOWN = 'Its public links show it as it was at that moment.';

/** Keeps the present version, inside a transaction that has locked the dashboard. */
export async function keep(
  manager: EntityManager,
  dashboard: Dashboard,
  { userId }: Principal,
): Promise<{ version: DashboardVersion; isNew: boolean }> {
  const { id: dashboardId, version } = dashboard;
  const known = await manager.findOneBy(DashboardVersion, { dashboardId, version });
  if (known !== null) return { version: known, isNew: false };
  const charts = await manager.find(Chart, { where: { dashboardId }, order: { id: 'ASC' } });
  const content = contentOf(dashboard, charts);
  const { id } = await manager.save(DashboardVersion, { dashboardId, version, content, createdBy: userId });
  return { version: await manager.findOneByOrFail(DashboardVersion, { id }), isNew: true };
}

/** @returns the ids of the charts now, by the ids that they had */
async function restoreCharts(
  manager: EntityManager,
  dashboardId: number,
  { charts }: DashboardContent,
  queries: ReadonlySet<number>,
): Promise<Map<number, number>> {
  const wanted = charts.map(({ id }) => id);
  await manager.delete(Chart, { dashboardId, ...(wanted.length === 0 ? {} : { id: Not(In(wanted)) }) });
  const present = await manager.find(Chart, { where: { dashboardId } });
  const ids = new Map<number, number>();
  for (const chart of charts) {
    const values = valuesOf(chart, queries);
    const known = present.find(({ id }) => id === chart.id);
    const { id } = await manager.save(
      Chart,
      known === undefined ? { dashboardId, ...values } : { ...known, ...values },
    );
    ids.set(chart.id, id);
  }
  return ids;
}

function valuesOf({ queryId, name, type, config }: ContentChart, queries: ReadonlySet<number>) {
  return { queryId: queryId !== null && queries.has(queryId) ? queryId : null, name, type, config };
}
