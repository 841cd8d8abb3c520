import { Injectable, type OnModuleInit } from '@nestjs/common';
import { WorkspaceItemKinds } from '../workspaces/index.js';
import { DocumentsService } from './documents.service.js';

/** Documents as things that lie in workspaces. */
@Injectable()
export class DocumentItems implements OnModuleInit {
  constructor(
    private readonly kinds: WorkspaceItemKinds,
    private readonly documents: DocumentsService,
  ) {}

  onModuleInit(): void {
    this.kinds.add('document', {
      visible: (caller) => this.documents.visible(caller),
      title: 'document.title',
      mayShare: (id, caller) =>
        this.documents
          .visible(caller)
          .andWhere('document.id = :id AND document.ownerId = :ownerId', { id, ownerId: caller.userId })
          .getExists(),
    });
  }
}
