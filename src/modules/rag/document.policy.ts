import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import type { RagDocument } from './entities/rag-document.entity.js';

/**
 * Who may see which document: one that belongs to a data source, whoever may see the source; one on its own, its owner. A key
 * for certain sources sees the documents of those only. The rule is part of the query, so a stranger's document is not there.
 */
@Injectable()
export class DocumentPolicy {
  constructor(private readonly sources: DataSourcesService) {}

  restrict(query: SelectQueryBuilder<RagDocument>, caller: Principal): SelectQueryBuilder<RagDocument> {
    const sources = this.sources.visibleIds(caller);
    const ofSource = `${query.alias}.dataSourceId IN (${sources.getQuery()})`;
    const own = `${query.alias}.dataSourceId IS NULL AND ${query.alias}.ownerId = :readerId`;
    return query
      .andWhere(caller.dataSourceIds === null ? `(${ofSource} OR (${own}))` : ofSource)
      .setParameters({ ...sources.getParameters(), readerId: caller.userId });
  }

  /** Of those, the ones that they may change. */
  restrictToOwn(query: SelectQueryBuilder<RagDocument>, caller: Principal): SelectQueryBuilder<RagDocument> {
    return this.restrict(query, caller).andWhere(`${query.alias}.ownerId = :readerId`);
  }
}
