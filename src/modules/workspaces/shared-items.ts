/** How the modules whose things lie in workspaces ask who may have them for that. */
import type { WorkspaceItemType } from './entities/workspace-item.entity.js';
import { WORKSPACE_PERMISSIONS, type WorkspacePermission } from './entities/workspace-member.entity.js';

/** The permissions that allow what this one does. */
export function atLeast(permission: WorkspacePermission): readonly WorkspacePermission[] {
  return WORKSPACE_PERMISSIONS.slice(WORKSPACE_PERMISSIONS.indexOf(permission));
}

/** The workspaces that a person may do something in, as a sub-select of their ids. */
export function workspacesOf(userId: string, permission: WorkspacePermission): string {
  return `SELECT id FROM workspaces WHERE user_id = ${userId} UNION ALL ${othersOf(userId, permission)}`;
}

/** Those that are somebody else's. */
export function othersOf(userId: string, permission: WorkspacePermission): string {
  const permissions = atLeast(permission).map((one) => `'${one}'`);
  return `SELECT workspace_id FROM workspace_members WHERE user_id = ${userId} AND permission IN (${permissions.join(', ')})`;
}

/** Things of one kind, as the module that has them keeps them. */
export interface SharedKind {
  type: WorkspaceItemType;
  table: string;
  /**
   * The condition that it is still `item.added_by`'s to share, about `item` and the row of the table, which is called
   * `thing`. Whoever cannot share it any more has not shared it.
   */
  shareable: string;
}

/**
 * The ids of the things of a kind that somebody may have because they lie in a workspace of theirs: an SQL array that does not
 * depend on the row that it is compared with, so that `id = ANY(…)` is looked up by the primary key.
 *
 * @param userId an SQL expression, such as `:callerId`
 * @param permission what they must be allowed to do in the workspace
 */
export function sharedItems({ type, table, shareable }: SharedKind, userId: string, permission: WorkspacePermission) {
  return `ARRAY(
    SELECT item.item_id FROM workspace_items item JOIN ${table} thing ON thing.id = item.item_id
    WHERE item.item_type = '${type}' AND (${shareable})
      AND item.workspace_id IN (${workspacesOf(userId, permission)}))`;
}
