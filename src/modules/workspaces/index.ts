export { Workspace } from './entities/workspace.entity.js';
export { WorkspacesModule } from './workspaces.module.js';
