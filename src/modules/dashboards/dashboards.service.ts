import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { type Change, difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, paginateByWays } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { checkLayout } from './dashboard-layout.js';
import { DashboardPolicy } from './dashboard.policy.js';
import {
  CardPlaceDto,
  type ChangeDashboardDto,
  type DashboardListQuery,
  type NewDashboardDto,
  type SeenDashboard,
} from './dto/dashboard.dto.js';
import { Chart } from './entities/chart.entity.js';
import type { DashboardPermission } from './entities/dashboard-share.entity.js';
import { Dashboard } from './entities/dashboard.entity.js';
import { FilterDefinitions } from './filter-definitions.js';

const TOLD = ['name', 'description', 'isPublic', 'layout', 'filters', 'version'] as const;

/** Making, finding, changing and removing dashboards. */
@Injectable()
export class DashboardsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: DashboardPolicy,
    private readonly definitions: FilterDefinitions,
  ) {}

  /** @throws DomainError `forbidden` for an API key that is for certain data sources, `validation_failed` */
  async create(given: NewDashboardDto, caller: Principal): Promise<SeenDashboard> {
    this.policy.refuseNarrowKey(caller);
    const { name, description = null } = given;
    const cards = (given.layout?.cards ?? []).map((place) => CardPlaceDto.toPlace(place));
    checkLayout(cards, new Set());
    const filters = await this.definitions.check(given.filters ?? [], [], caller);
    const values = { userId: caller.userId, name: name.trim(), description, filters, layout: { cards }, version: 1 };
    return this.unitOfWork.run(async ({ manager, record }) => {
      const { id } = await manager.save(Dashboard, values);
      const dashboard = await manager.findOneByOrFail(Dashboard, { id });
      record({ action: 'dashboard.created', objectId: id, after: pick(dashboard, TOLD) });
      return { dashboard, permission: 'owner' };
    });
  }

  /** Those that the caller may look at, newest first. */
  async list(wanted: DashboardListQuery, caller: Principal): Promise<Page<SeenDashboard>> {
    const found = this.visible(caller);
    const { text } = wanted;
    const named = (alias: string): string => `strpos(lower(${alias}.name), lower(:text)) > 0`;
    if (text !== undefined) found.andWhere(named('dashboard'), { text });
    const page = await paginateByWays(
      found,
      wanted,
      this.policy.ways(caller, text === undefined ? 'TRUE' : named('one')),
    );
    return { ...page, items: await this.seen(page.items, caller) };
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<SeenDashboard> {
    const dashboard = await this.visible(caller).andWhere('dashboard.id = :id', { id }).getOne();
    const [seen] = dashboard === null ? [] : await this.seen([dashboard], caller);
    if (seen === undefined) throw notFound('dashboard');
    return seen;
  }

  /** @throws DomainError `not_found`, `forbidden`, `validation_failed`, `conflict` when it is not the version seen */
  async change(id: number, given: ChangeDashboardDto, caller: Principal): Promise<SeenDashboard> {
    const { dashboard: present } = await this.get(id, caller);
    const filters = given.filters && (await this.definitions.check(given.filters, present.filters, caller));
    const { is_public: isPublic } = given;
    await this.edit(
      id,
      { basedOn: given.based_on, needs: isPublic === undefined ? 'edit' : 'manage' },
      caller,
      async ({ manager }, dashboard) => {
        const cards = given.layout?.cards.map((place) => CardPlaceDto.toPlace(place));
        if (cards !== undefined) {
          const charts = await manager.find(Chart, { where: { dashboardId: id }, select: { id: true } });
          checkLayout(cards, new Set(charts.map((chart) => chart.id)));
        }
        dashboard.name = given.name?.trim() ?? dashboard.name;
        dashboard.description = given.description === undefined ? dashboard.description : given.description;
        dashboard.layout = cards === undefined ? dashboard.layout : { cards };
        dashboard.filters = filters ?? dashboard.filters;
        dashboard.isPublic = isPublic ?? dashboard.isPublic;
      },
    );
    return this.get(id, caller);
  }

  /** Removes a dashboard with its charts, versions, shares and public links. @throws DomainError `not_found`, `forbidden` */
  async remove(id: number, caller: Principal): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const dashboard = await this.lock(manager, id, caller, 'manage');
      await manager.delete(Dashboard, { id });
      record({ action: 'dashboard.deleted', objectId: id, before: pick(dashboard, ['name', 'description', 'userId']) });
    });
  }

  /**
   * Changes a dashboard or what is on it, as the next version.
   *
   * @param work changes the dashboard that it gets, which is saved afterwards; when it changes something else, it gives true
   * @throws DomainError `not_found`, `forbidden`, `conflict` when it is not the version seen
   */
  async edit(
    id: number,
    { basedOn, needs = 'edit' }: { basedOn?: number | undefined; needs?: DashboardPermission },
    caller: Principal,
    work: (change: Change, dashboard: Dashboard) => Promise<boolean | void>,
  ): Promise<void> {
    await this.unitOfWork.run(async (change) => {
      const dashboard = await this.lock(change.manager, id, caller, needs);
      if (basedOn !== undefined && basedOn !== dashboard.version) throw changedSince(dashboard);
      const before = { ...dashboard };
      const changedElse = (await work(change, dashboard)) === true;
      const changed = difference(before, dashboard, TOLD);
      if (changed === null && !changedElse) return;
      dashboard.version += 1;
      await change.manager.save(dashboard);
      if (changed !== null) change.record({ action: 'dashboard.changed', objectId: id, ...changed });
    });
  }

  /**
   * The dashboard, which nobody else changes before the transaction ends.
   *
   * @throws DomainError `not_found`; `forbidden` for who may look at it, but not do this
   */
  async lock(
    manager: EntityManager,
    id: number,
    caller: Principal,
    permission: DashboardPermission,
  ): Promise<Dashboard> {
    const seen = this.visible(caller, 'view', manager).andWhere('dashboard.id = :id', { id });
    const dashboard = await seen.setLock('pessimistic_write').getOne();
    if (dashboard === null) throw notFound('dashboard');
    await this.refuseWithout(permission, id, caller, manager);
    return dashboard;
  }

  /** @throws DomainError `forbidden` for who may look at the dashboard, but not do this */
  async refuseWithout(
    permission: DashboardPermission,
    id: number,
    caller: Principal,
    manager: EntityManager = this.dataSource.manager,
  ): Promise<void> {
    const allowed = this.visible(caller, permission, manager).andWhere('dashboard.id = :id', { id });
    if (await allowed.getExists()) return;
    throw new DomainError(
      'forbidden',
      `You may look at this dashboard, but this takes the permission to ${permission} it. Ask its owner to share it so.`,
    );
  }

  /** The dashboards that the caller may do something with, called `dashboard`. */
  visible(
    caller: Principal,
    permission: DashboardPermission = 'view',
    manager: EntityManager = this.dataSource.manager,
  ): SelectQueryBuilder<Dashboard> {
    return this.policy.restrict(manager.createQueryBuilder(Dashboard, 'dashboard'), caller, permission);
  }

  private async seen(dashboards: readonly Dashboard[], caller: Principal): Promise<SeenDashboard[]> {
    const ids = dashboards.map(({ id }) => id);
    const allowed = async (permission: DashboardPermission): Promise<Set<number>> => {
      if (ids.length === 0) return new Set();
      const found = await this.visible(caller, permission)
        .andWhere('dashboard.id = ANY(:ids)', { ids })
        .select('dashboard.id', 'id')
        .getRawMany<{ id: number }>();
      return new Set(found.map(({ id }) => id));
    };
    const [edit, manage] = [await allowed('edit'), await allowed('manage')];
    return dashboards.map((dashboard) => {
      const { id, userId } = dashboard;
      if (userId === caller.userId) return { dashboard, permission: 'owner' };
      return { dashboard, permission: manage.has(id) ? 'manage' : edit.has(id) ? 'edit' : 'view' };
    });
  }
}

function changedSince({ version }: Dashboard): DomainError {
  return new DomainError(
    'conflict',
    `Somebody has changed this dashboard since; it is at version ${version}. Read it again, and then change it.`,
    { members: { version } },
  );
}
