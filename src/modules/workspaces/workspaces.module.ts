import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Workspace } from './entities/workspace.entity.js';
import { WorkspaceItem } from './entities/workspace-item.entity.js';
import { WorkspaceMember } from './entities/workspace-member.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([Workspace, WorkspaceItem, WorkspaceMember])] })
export class WorkspacesModule {}
