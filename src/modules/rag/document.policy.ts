import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { sharedItems } from '../workspaces/index.js';
import type { RagDocument } from './entities/rag-document.entity.js';

const SHARED = sharedItems(
  { type: 'document', table: 'rag_documents', shareable: 'item.added_by = thing.owner_id' },
  ':readerId',
  'view',
);

/**
 * Who may see which document: one that belongs to a data source, whoever may use the source; one on its own, its owner, and
 * those who have it through a workspace. A key
 * for certain sources sees the documents of those only. The rule is part of the query, so a stranger's document is not there.
 */
@Injectable()
export class DocumentPolicy {
  constructor(private readonly sources: DataSourcesService) {}

  restrict(query: SelectQueryBuilder<RagDocument>, caller: Principal): SelectQueryBuilder<RagDocument> {
    const sources = this.sources.visibleIds(caller, 'use');
    const ofSource = `${query.alias}.dataSourceId IN (${sources.getQuery()})`;
    const own = `${query.alias}.dataSourceId IS NULL AND ${query.alias}.ownerId = :readerId OR ${query.alias}.id = ANY(${SHARED})`;
    return query
      .andWhere(caller.dataSourceIds === null ? `(${ofSource} OR (${own}))` : ofSource)
      .setParameters({ ...sources.getParameters(), readerId: caller.userId });
  }

  /** Of those, the ones that they may change. */
  restrictToOwn(query: SelectQueryBuilder<RagDocument>, caller: Principal): SelectQueryBuilder<RagDocument> {
    return this.restrict(query, caller).andWhere(`${query.alias}.ownerId = :readerId`);
  }
}
