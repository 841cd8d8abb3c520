import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { isDuplicate, isStillReferenced, type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { permissionsOf, type Principal } from '../../platform/security/index.js';
import type { CreateRoleDto, UpdateRoleDto } from './dto/role.dto.js';
import { BUILT_IN_ROLES, Role } from './entities/role.entity.js';

/** What the audit trail tells of a role. */
const TOLD = ['name', 'description', 'permissions'] as const;

/** Roles: the built-in ones, which stay as they are, and those that administrators make. */
@Injectable()
export class RolesService {
  constructor(
    @InjectRepository(Role) private readonly roles: Repository<Role>,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  async list(page: PageQuery): Promise<Page<Role>> {
    return paginate(this.roles.createQueryBuilder('role'), page);
  }

  /** @throws DomainError `conflict` when the name is in use, `forbidden` for permissions that the caller does not have */
  async create(request: CreateRoleDto, caller: Principal): Promise<Role> {
    const { name, description = null, permissions } = request;
    refuseBeyond(caller, permissions);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const { id } = await manager.save(manager.create(Role, { name, description, permissions })).catch(asNameTaken);
      const role = await manager.findOneByOrFail(Role, { id });
      record({ action: 'role.created', objectId: id, after: pick(role, TOLD) });
      return role;
    });
  }

  /** @throws DomainError `not_found`, `conflict` for a built-in role or a name in use, `forbidden` as in `create` */
  async update(id: number, change: UpdateRoleDto, caller: Principal): Promise<Role> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const before = await custom(id, manager);
      const { permissions = before.permissions, name = before.name, description = before.description } = change;
      refuseBeyond(
        caller,
        permissions.filter((permission) => !before.permissions.includes(permission)),
      );
      const after = await manager
        .save(manager.create(Role, { ...before, name, description, permissions }))
        .catch(asNameTaken);
      const changed = difference(before, after, TOLD);
      if (changed !== null) record({ action: 'role.updated', objectId: id, ...changed });
      return after;
    });
  }

  /** @throws DomainError `not_found`, `conflict` for a built-in role, and for one that somebody or an access rule has */
  async remove(id: number): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const role = await custom(id, manager);
      await manager.delete(Role, { id }).catch(asStillUsed);
      record({ action: 'role.deleted', objectId: id, before: pick(role, TOLD) });
    });
  }
}

/** A role that people have made, which then stays as it is until the transaction ends. */
async function custom(id: number, manager: EntityManager): Promise<Role> {
  const role = await manager.findOne(Role, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (role === null) throw notFound('role');
  if (BUILT_IN_ROLES.includes(role.name)) {
    throw new DomainError('conflict', 'The built-in roles cannot be changed. Make a role of your own instead.');
  }
  return role;
}

/**
 * Nobody gives what they do not have, so that managing roles is no way to all permissions.
 *
 * @throws DomainError `forbidden` that names what is missing
 */
export function refuseBeyond(caller: Principal, permissions: readonly string[]): void {
  const missing = [...permissionsOf(permissions)].filter((permission) => !caller.permissions.has(permission));
  if (missing.length > 0) {
    throw new DomainError('forbidden', `You may not give permissions that you do not have: ${missing.join(', ')}.`);
  }
}

/** @throws DomainError `validation_failed` naming those that are not the name of a role */
export function refuseUnknown(names: readonly string[], known: readonly Role[]): void {
  const errors = names.flatMap((name, index) =>
    known.some((role) => role.name === name)
      ? []
      : [{ field: `roles[${index}]`, message: 'is not the name of a role' }],
  );
  if (errors.length === 0) return;
  throw new DomainError('validation_failed', 'Name roles that exist; GET /api/v1/roles lists them.', { errors });
}

function asStillUsed(error: unknown): never {
  if (!isStillReferenced(error)) throw error;
  throw new DomainError('conflict', 'This role is in use. Take it away from everybody, and from access rules, first.');
}

function asNameTaken(error: unknown): never {
  if (!isDuplicate(error)) throw error;
  throw new DomainError('conflict', 'There is already a role of this name. Choose another one.', {
    errors: [{ field: 'name', message: 'is in use' }],
  });
}
