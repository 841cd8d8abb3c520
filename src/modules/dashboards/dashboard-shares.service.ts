import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { Role, User } from '../users/index.js';
import { DashboardsService } from './dashboards.service.js';
import type { NewShareDto } from './dto/share.dto.js';
import { DashboardShare } from './entities/dashboard-share.entity.js';

const TOLD = ['sharedToUserId', 'sharedToRoleId', 'permission'] as const;

/** With whom dashboards are shared. */
@Injectable()
export class DashboardSharesService {
  constructor(
    @InjectRepository(DashboardShare) private readonly shares: Repository<DashboardShare>,
    private readonly unitOfWork: UnitOfWork,
    private readonly dashboards: DashboardsService,
  ) {}

  /** Newest first. @throws DomainError `not_found`; `forbidden` for who may not manage the dashboard */
  async list(dashboardId: number, page: PageQuery, caller: Principal): Promise<Page<DashboardShare>> {
    await this.dashboards.get(dashboardId, caller);
    await this.dashboards.refuseWithout('manage', dashboardId, caller);
    const found = this.shares.createQueryBuilder('share').where('share.dashboardId = :dashboardId', { dashboardId });
    return paginate(found, page);
  }

  /**
   * Shares it with a person or a role; with whom it is shared already, the permission becomes the one that is given.
   *
   * @throws DomainError `not_found`, `forbidden`, `validation_failed` when there is no such active account or role
   */
  async share(dashboardId: number, given: NewShareDto, caller: Principal): Promise<DashboardShare> {
    const [sharedToUserId, sharedToRoleId] = [given.user_id ?? null, given.role_id ?? null];
    if (sharedToUserId !== null && sharedToRoleId !== null) throw oneOfBoth();
    return this.unitOfWork.run(async ({ manager, record }) => {
      await this.dashboards.lock(manager, dashboardId, caller, 'manage');
      await refuseUnknown(manager, given);
      const whom = sharedToUserId === null ? { sharedToRoleId: given.role_id ?? 0 } : { sharedToUserId };
      const known = await manager.findOneBy(DashboardShare, { dashboardId, ...whom });
      const values = { dashboardId, sharedToUserId, sharedToRoleId, permission: given.permission };
      const { id } = await manager.save(DashboardShare, known === null ? values : { ...known, ...values });
      const share = await manager.findOneByOrFail(DashboardShare, { id });
      const before = known === null ? {} : { before: pick(known, TOLD) };
      record({ action: 'dashboard.shared', objectId: dashboardId, ...before, after: pick(share, TOLD) });
      return share;
    });
  }

  /** @throws DomainError `not_found` for the dashboard or the share, `forbidden` */
  async remove(dashboardId: number, shareId: number, caller: Principal): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      await this.dashboards.lock(manager, dashboardId, caller, 'manage');
      const share = await manager.findOneBy(DashboardShare, { id: shareId, dashboardId });
      if (share === null) throw notFound('share of this dashboard');
      await manager.delete(DashboardShare, { id: shareId });
      record({ action: 'dashboard.unshared', objectId: dashboardId, before: pick(share, TOLD) });
    });
  }
}

async function refuseUnknown(manager: EntityManager, given: NewShareDto): Promise<void> {
  const { user_id: userId, role_id: roleId } = given;
  const isKnown =
    typeof userId === 'number'
      ? await manager.existsBy(User, { id: userId, isActive: true })
      : await manager.existsBy(Role, { id: roleId ?? 0 });
  if (isKnown) return;
  const field = typeof userId === 'number' ? 'user_id' : 'role_id';
  throw new DomainError('validation_failed', 'Name the active account of a person, or a role.', {
    errors: [{ field, message: 'is not there' }],
  });
}

function oneOfBoth(): DomainError {
  return new DomainError('validation_failed', 'Share with a person or with a role, one at a time.', {
    errors: [{ field: 'role_id', message: 'cannot be combined with user_id' }],
  });
}
