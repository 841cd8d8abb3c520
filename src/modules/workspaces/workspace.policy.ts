import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Way } from '../../platform/database/index.js';
import type { Principal } from '../../platform/security/index.js';
import type { WorkspacePermission } from './entities/workspace-member.entity.js';
import type { Workspace } from './entities/workspace.entity.js';
import { othersOf } from './shared-items.js';

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
    query.setParameter('callerId', caller.userId);
    if (caller.dataSourceIds !== null) return query.andWhere('FALSE');
    const ways = waysTo(query.alias, permission);
    return query.andWhere(`(${ways.join(' OR ')})`);
  }

  /**
   * The ways in which the caller has workspaces, for `paginateByWays` beside `restrict`.
   *
   * @param condition that `one`, the workspace, has to meet as well
   */
  ways(condition: string): Way[] {
    return waysTo('one', 'view').map(
      (way): Way =>
        (beyond, first) =>
          `SELECT one.id FROM workspaces one WHERE ${way} AND ${condition} ${beyond} ORDER BY ${first}`,
    );
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

/** Both are looked up by an index. */
function waysTo(workspace: string, permission: WorkspacePermission | 'own'): string[] {
  const own = `${workspace}.user_id = :callerId`;
  return permission === 'own' ? [own] : [own, `${workspace}.id = ANY(ARRAY(${othersOf(':callerId', permission)}))`];
}
