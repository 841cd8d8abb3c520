import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { SessionsService } from '../auth/index.js';
import { keepingAnAdministrator, refuseToManageAdministrator, User } from '../users/index.js';

/** Finding accounts, and closing and opening them. */
@Injectable()
export class AdminUsersService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly sessions: SessionsService,
  ) {}

  /** @param search part of a user name, email or full name, whatever its case */
  async list(page: PageQuery, search?: string): Promise<Page<User>> {
    const users = this.dataSource
      .getRepository(User)
      .createQueryBuilder('user')
      .leftJoinAndSelect('user.userRoles', 'userRole')
      .leftJoinAndSelect('userRole.role', 'role');
    if (search !== undefined) users.where(SEARCH, { search });
    return paginate(users, page);
  }

  /** @throws DomainError `not_found` */
  async get(id: number): Promise<User> {
    const users = this.dataSource.getRepository(User);
    const user = await users.findOne({ where: { id }, relations: { userRoles: { role: true } } });
    if (user === null) throw notFound('user');
    return user;
  }

  /**
   * Closes an account, whose sessions all end, or opens it again.
   *
   * @throws DomainError `not_found`, `conflict` for the last active administrator and for closing one's own account,
   *   `forbidden` for an administrator's account when the caller is none
   */
  async setActive(id: number, isActive: boolean, caller: Principal): Promise<User> {
    return keepingAnAdministrator(this.unitOfWork, async ({ manager, record }) => {
      const user = await this.manageable(id, caller, manager);
      if (!isActive) refuseOneself(id, caller, 'close');
      if (user.isActive === isActive) return user;
      if (isActive) await manager.update(User, { id }, { isActive });
      else await this.deactivate(id, manager);
      const before = { is_active: user.isActive };
      record({
        action: isActive ? 'user.activated' : 'user.deactivated',
        objectId: id,
        before,
        after: { is_active: isActive },
      });
      return Object.assign(user, { isActive });
    });
  }

  /** Ends all sessions for good: opening the account again does not bring them back. */
  async deactivate(id: number, manager: EntityManager): Promise<void> {
    await this.sessions.endAll(id, manager);
    await manager.update(User, { id }, { isActive: false });
  }

  /** @throws DomainError `not_found`, `forbidden` for an administrator's account when the caller is none */
  async manageable(id: number, caller: Principal, manager: EntityManager): Promise<User> {
    const user = await manager.findOne(User, { where: { id }, relations: { userRoles: { role: true } } });
    if (user === null) throw notFound('user');
    refuseToManageAdministrator(
      user.userRoles.map(({ role }) => role.name),
      caller,
    );
    return user;
  }
}

/**
 * Whoever shuts themselves out by mistake could not take it back.
 *
 * @throws DomainError `conflict`
 */
export function refuseOneself(id: number, caller: Principal, what: 'close' | 'delete'): void {
  if (id !== caller.userId) return;
  throw new DomainError('conflict', `You cannot ${what} your own account. Ask another administrator to do it.`);
}

/** Compared as text, so that `%` and `_` mean themselves. */
const SEARCH = `strpos(lower(concat_ws(' ', user.username, user.email, user.fullName)), lower(:search)) > 0`;
