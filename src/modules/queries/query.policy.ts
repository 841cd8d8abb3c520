import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { isForKey } from '../data-sources/index.js';
import { sharedItems } from '../workspaces/index.js';
import type { Query } from './entities/query.entity.js';

/** What somebody wants of a query: to `see` what was asked and answered; anything else is for the person who asked it. */
export type QueryRight = 'see' | 'own';

const SHARED = sharedItems(
  { type: 'query', table: 'queries', shareable: 'item.added_by = thing.user_id' },
  ':callerId',
  'view',
);

/**
 * Who may have which query: the person who asked it, and to see it those who have it through a workspace; of API keys, those
 * that are for the source that was asked.
 */
@Injectable()
export class QueryPolicy {
  restrict(query: SelectQueryBuilder<Query>, caller: Principal, right: QueryRight): SelectQueryBuilder<Query> {
    const { alias } = query;
    const own = `${alias}.userId = :callerId`;
    query.andWhere(right === 'own' ? own : `(${own} OR ${alias}.id = ANY(${SHARED}))`, { callerId: caller.userId });
    if (caller.dataSourceIds === null) return query;
    return query.andWhere(isForKey(`${query.alias}.dataSourceId`), { allowedSourceIds: caller.dataSourceIds });
  }
}
