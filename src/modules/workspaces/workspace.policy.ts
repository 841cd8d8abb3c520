import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import type { WorkspacePermission } from './entities/workspace-member.entity.js';
import type { Workspace } from './entities/workspace.entity.js';
import { workspacesOf } from './shared-items.js';

/**
 * Who may do what in which workspace: its owner everything, its members as far as they were let. What lies in workspaces may
 * be of any data source, so an API key for certain ones sees no workspace.
 */
@Injectable()
export class WorkspacePolicy {
  restrict(
    query: SelectQueryBuilder<Workspace>,
    caller: Principal,
    permission: WorkspacePermission | 'own' = 'view',
  ): SelectQueryBuilder<Workspace> {
    if (caller.dataSourceIds !== null) return query.andWhere('FALSE');
    const { alias } = query;
    // Both sides are looked up by an index.
    const others = `${alias}.id = ANY(ARRAY(${workspacesOf(':callerId', permission === 'own' ? 'manage' : permission)}))`;
    return query
      .andWhere(permission === 'own' ? `${alias}.userId = :callerId` : others)
      .setParameter('callerId', caller.userId);
  }

  /** @throws DomainError `forbidden` for an API key that is for certain data sources */
  refuseNarrowKey({ dataSourceIds }: Principal): void {
    if (dataSourceIds === null) return;
    throw new DomainError(
      'forbidden',
      'This API key is for certain data sources, and workspaces hold what is of any. Use another key, or sign in.',
    );
  }
}
