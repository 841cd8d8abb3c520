import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Workspace } from './entities/workspace.entity.js';
import { WorkspaceItem } from './entities/workspace-item.entity.js';
import { WorkspaceMember } from './entities/workspace-member.entity.js';
import { WorkspaceItemKinds } from './workspace-item-kinds.js';
import { WorkspaceItemsController } from './workspace-items.controller.js';
import { WorkspaceItemsService } from './workspace-items.service.js';
import { WorkspaceMembersController } from './workspace-members.controller.js';
import { WorkspaceMembersService } from './workspace-members.service.js';
import { WorkspaceSearchService } from './workspace-search.service.js';
import { WorkspacePolicy } from './workspace.policy.js';
import { WorkspacesController } from './workspaces.controller.js';
import { WorkspacesService } from './workspaces.service.js';

@Module({
  imports: [TypeOrmModule.forFeature([Workspace, WorkspaceItem, WorkspaceMember])],
  controllers: [WorkspacesController, WorkspaceMembersController, WorkspaceItemsController],
  providers: [
    WorkspacesService,
    WorkspaceMembersService,
    WorkspaceItemsService,
    WorkspaceSearchService,
    WorkspaceItemKinds,
    WorkspacePolicy,
  ],
  exports: [WorkspaceItemKinds],
})
export class WorkspacesModule {}
