export { Workspace } from './entities/workspace.entity.js';
export { type WorkspacePermission } from './entities/workspace-member.entity.js';
export { type ItemKind, WorkspaceItemKinds } from './workspace-item-kinds.js';
export { sharedItems } from './shared-items.js';
export { WorkspacesModule } from './workspaces.module.js';
