import { Injectable, type OnModuleInit } from '@nestjs/common';
import { WorkspaceItemKinds } from '../workspaces/index.js';
import { DataSourcesService } from './data-sources.service.js';

/** Data sources as things that lie in workspaces. */
@Injectable()
export class SourceItems implements OnModuleInit {
  constructor(
    private readonly kinds: WorkspaceItemKinds,
    private readonly sources: DataSourcesService,
  ) {}

  onModuleInit(): void {
    this.kinds.add('data_source', {
      visible: (caller) => this.sources.visible(caller, 'use'),
      title: 'source.name',
      mayShare: async (id, caller) => (await this.sources.find(id, caller)) !== null,
    });
  }
}
