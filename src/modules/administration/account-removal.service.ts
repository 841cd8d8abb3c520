import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { isDuplicate, isStillReferenced } from '../../platform/database/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { QueriesService } from '../queries/index.js';
import { keepingAnAdministrator, User } from '../users/index.js';
import { AdminUsersService, refuseOneself } from './admin-users.service.js';

interface Possession {
  table: string;
  owner: string;
}

/** Deleting accounts: what was private goes with them, what others work with goes to somebody else. */
@Injectable()
export class AccountRemovalService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly adminUsers: AdminUsersService,
    private readonly sources: DataSourcesService,
    private readonly queries: QueriesService,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * Deletes an account. It is closed first, so that nothing new begins while what still runs is stopped.
   *
   * @param heirId who gets what the person owns
   * @throws DomainError `not_found`; `conflict` for the last active administrator, for one's own account, and when the person owns something
   *   and no heir is named; `validation_failed` for an heir who cannot be one; `forbidden` as `AdminUsersService.setActive`
   */
  async remove(id: number, heirId: number | undefined, caller: Principal): Promise<void> {
    const user = await keepingAnAdministrator(this.unitOfWork, async ({ manager, record }) => {
      const found = await this.adminUsers.manageable(id, caller, manager);
      refuseOneself(id, caller, 'delete');
      if (heirId === undefined) await this.refuseOwner(id, manager);
      else await refuseHeir(heirId, id, manager);
      await this.adminUsers.deactivate(id, manager);
      if (found.isActive) record({ action: 'user.deactivated', objectId: id });
      return found;
    });
    const results = await this.queries.endAllOf(id);
    await this.unitOfWork
      .run(async ({ manager, record }) => {
        if (heirId !== undefined) await this.handOver(user, heirId, manager);
        await manager.delete(User, { id });
        const before = { ...pick(user, ['username', 'email']), roles: user.userRoles.map(({ role }) => role.name) };
        record({ action: 'user.deleted', objectId: id, before, details: { transferred_to: heirId ?? null } });
      })
      .catch(asConflict);
    for (const location of results) await this.storage.remove(location);
  }

  private async handOver(user: User, heirId: number, manager: EntityManager): Promise<void> {
    await this.sources.handOver(user, heirId, manager);
    for (const { table, owner } of this.possessions()) {
      await manager.query(`UPDATE ${table} SET ${owner} = $2 WHERE ${owner} = $1`, [user.id, heirId]);
    }
  }

  private async refuseOwner(id: number, manager: EntityManager): Promise<void> {
    const owned: string[] = [];
    for (const { table, owner } of this.possessions()) {
      const rows: { count: number }[] = await manager.query(
        `SELECT count(*)::integer AS count FROM ${table} WHERE ${owner} = $1`,
        [id],
      );
      const count = rows[0]?.count ?? 0;
      if (count > 0) owned.push(`${table.replaceAll('_', ' ')}: ${count}`);
    }
    if (owned.length === 0) return;
    throw new DomainError(
      'conflict',
      `This person owns what others may rely on (${owned.join(', ')}). Say with transfer_to who gets it.`,
    );
  }

  /** What keeps its owner from being deleted, as the schema says: tables that are added later count from the first day. */
  private possessions(): Possession[] {
    return this.dataSource.entityMetadatas.flatMap(({ tableName, foreignKeys }) =>
      foreignKeys
        .filter((key) => key.referencedEntityMetadata.target === User && key.onDelete === 'RESTRICT')
        .flatMap(({ columns }) => columns.map(({ databaseName }) => ({ table: tableName, owner: databaseName }))),
    );
  }
}

async function refuseHeir(heirId: number, id: number, manager: EntityManager): Promise<void> {
  if (heirId !== id && (await manager.existsBy(User, { id: heirId, isActive: true }))) return;
  throw new DomainError('validation_failed', 'Name another active account in transfer_to.', {
    errors: [{ field: 'transfer_to', message: 'must be the id of another active account' }],
  });
}

function asConflict(error: unknown): never {
  if (isStillReferenced(error)) {
    throw new DomainError('conflict', 'The account is closed, but something was added to it meanwhile. Try again.');
  }
  if (isDuplicate(error)) {
    throw new DomainError(
      'conflict',
      'The account is closed, but both people use the same names. Rename and try again.',
    );
  }
  throw error;
}
