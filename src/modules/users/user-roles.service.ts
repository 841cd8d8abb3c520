import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { currentActor, UnitOfWork } from '../../platform/audit/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { keepingAnAdministrator, refuseToManageAdministrator } from './administrators.js';
import { Role } from './entities/role.entity.js';
import { UserRole } from './entities/user-role.entity.js';
import { User } from './entities/user.entity.js';
import { refuseBeyond, refuseUnknown } from './roles.service.js';

/** Who has which roles. Every request reads them anew, so a change counts from the next one on. */
@Injectable()
export class UserRolesService {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /**
   * Replaces a person's roles.
   *
   * @throws DomainError `not_found`, `validation_failed` for unknown roles, `conflict` for the last active administrator,
   *   `forbidden` for roles that hold more than the caller has
   */
  async replace(userId: number, names: readonly string[], caller: Principal): Promise<User> {
    return keepingAnAdministrator(this.unitOfWork, async ({ manager, record }) => {
      const find = (): Promise<User | null> =>
        manager.findOne(User, { where: { id: userId }, relations: { userRoles: { role: true } } });
      const user = await find();
      if (user === null) throw notFound('user');
      const held = user.userRoles.map(({ role }) => role);
      const wanted = await manager.findBy(Role, { name: In([...names]) });
      refuseUnknown(names, wanted);
      const lost = held.filter(({ id }) => !wanted.some((role) => role.id === id));
      const gained = wanted.filter(({ id }) => !held.some((role) => role.id === id));
      refuseToManageAdministrator(namesOf(held), caller);
      refuseBeyond(
        caller,
        gained.flatMap(({ permissions }) => permissions),
      );
      await manager.delete(UserRole, { userId, roleId: In(lost.map(({ id }) => id)) });
      await manager.insert(
        UserRole,
        gained.map(({ id }) => ({ userId, roleId: id, assignedBy: currentActor().userId })),
      );
      if (lost.length + gained.length > 0) {
        record({
          action: 'user.roles_changed',
          objectId: userId,
          before: { roles: namesOf(held) },
          after: { roles: namesOf(wanted) },
        });
      }
      return (await find()) ?? user;
    });
  }
}

function namesOf(roles: readonly Role[]): string[] {
  return roles.map(({ name }) => name);
}
