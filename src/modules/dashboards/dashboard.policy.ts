import { Injectable } from '@nestjs/common';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Way } from '../../platform/database/index.js';
import type { Principal } from '../../platform/security/index.js';
import { isForKey } from '../data-sources/index.js';
import { sharedItems } from '../workspaces/index.js';
import type { Dashboard } from './entities/dashboard.entity.js';
import { DASHBOARD_PERMISSIONS, type DashboardPermission } from './entities/dashboard-share.entity.js';

/** Whoever has put it into a workspace must still be allowed to share it. */
const SHAREABLE = `item.added_by = thing.user_id OR EXISTS (
  SELECT FROM dashboard_shares share WHERE share.dashboard_id = thing.id AND share.permission = 'manage'
    AND (share.shared_to_user_id = item.added_by
      OR share.shared_to_role_id IN (SELECT role_id FROM user_roles WHERE user_id = item.added_by)))`;

/**
 * Who may do what with which dashboard: its owner everything; people, roles and members of workspaces as far as it was shared
 * with them; everybody who is signed in may look at a public one. A chart is its dashboard's. An API key for certain data sources
 * is for those dashboards that show these and nothing else.
 */
@Injectable()
export class DashboardPolicy {
  /** The dashboards that the caller may do something with. */
  restrict(
    query: SelectQueryBuilder<Dashboard>,
    caller: Principal,
    permission: DashboardPermission,
  ): SelectQueryBuilder<Dashboard> {
    return this.narrowed(query, `${query.alias}.id`, caller).andWhere(reachable(query.alias, permission), {
      callerId: caller.userId,
      callerRoleIds: caller.roleIds,
    });
  }

  /**
   * The ways in which the caller has dashboards that they may look at, for `paginateByWays` beside `restrict`.
   *
   * @param condition that `one`, the dashboard, has to meet as well
   * @returns null for an API key that is for certain data sources, for which no index looks
   */
  ways({ dataSourceIds }: Principal, condition: string): Way[] | null {
    if (dataSourceIds !== null) return null;
    return waysTo('one', 'view').map(
      (way): Way =>
        (beyond, first) =>
          `SELECT one.id FROM dashboards one WHERE ${way} AND ${condition} ${beyond} ORDER BY ${first}`,
    );
  }

  /** What belongs to those dashboards. @param id where it says to which, such as `chart.dashboardId` */
  restrictParts<T extends ObjectLiteral>(
    query: SelectQueryBuilder<T>,
    id: string,
    caller: Principal,
    permission: DashboardPermission,
  ): SelectQueryBuilder<T> {
    const whole = `EXISTS (SELECT FROM dashboards whole WHERE whole.id = ${id} AND ${reachable('whole', permission)})`;
    return this.narrowed(query, id, caller).andWhere(whole, {
      callerId: caller.userId,
      callerRoleIds: caller.roleIds,
    });
  }

  private narrowed<T extends ObjectLiteral>(
    query: SelectQueryBuilder<T>,
    id: string,
    { dataSourceIds }: Principal,
  ): SelectQueryBuilder<T> {
    if (dataSourceIds === null) return query;
    const charts = `SELECT FROM charts one JOIN queries asked ON asked.id = one.query_id WHERE one.dashboard_id = ${id}`;
    return query.andWhere(`EXISTS (${charts}) AND NOT EXISTS (${charts} AND NOT ${isForKey('asked.data_source_id')})`, {
      allowedSourceIds: dataSourceIds,
    });
  }

  /** @throws DomainError `forbidden` for an API key that is for certain data sources */
  refuseNarrowKey({ dataSourceIds }: Principal): void {
    if (dataSourceIds === null) return;
    throw new DomainError(
      'forbidden',
      'This API key is for certain data sources, and dashboards show what is of any. Use another key, or sign in.',
    );
  }
}

/** Each side is found by an index: what is compared with is known before the first row is looked at. */
function reachable(dashboard: string, permission: DashboardPermission): string {
  return `(${waysTo(dashboard, permission).join(' OR ')})`;
}

function waysTo(dashboard: string, permission: DashboardPermission): string[] {
  const allowed = DASHBOARD_PERMISSIONS.slice(DASHBOARD_PERMISSIONS.indexOf(permission)).map((one) => `'${one}'`);
  const inWorkspaces = sharedItems(
    { type: 'dashboard', table: 'dashboards', shareable: SHAREABLE },
    ':callerId',
    permission,
  );
  return [
    `${dashboard}.user_id = :callerId`,
    `${dashboard}.id = ANY(ARRAY(
      SELECT dashboard_id FROM dashboard_shares
      WHERE (shared_to_user_id = :callerId OR shared_to_role_id = ANY(:callerRoleIds)) AND permission IN (${allowed.join(', ')})))`,
    `${dashboard}.id = ANY(${inWorkspaces})`,
    ...(permission === 'view' ? [`${dashboard}.is_public`] : []),
  ];
}
