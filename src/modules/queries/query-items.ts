import { Injectable, type OnModuleInit } from '@nestjs/common';
import { WorkspaceItemKinds } from '../workspaces/index.js';
import { QueriesService } from './queries.service.js';

/** Queries as things that lie in workspaces. */
@Injectable()
export class QueryItems implements OnModuleInit {
  constructor(
    private readonly kinds: WorkspaceItemKinds,
    private readonly queries: QueriesService,
  ) {}

  onModuleInit(): void {
    this.kinds.add('query', {
      visible: (caller) => this.queries.visible(caller, 'see'),
      title: `left(coalesce(query.natural_language, query.generated_sql), 200)`,
      mayShare: (id, caller) => this.queries.visible(caller, 'own').andWhere('query.id = :id', { id }).getExists(),
    });
  }
}
