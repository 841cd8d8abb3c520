import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { isForKey } from '../data-sources/index.js';
import type { Query } from './entities/query.entity.js';

/** Who may see which query: the person who asked it, and their API key if it is for the source that was asked. */
@Injectable()
export class QueryPolicy {
  restrict(query: SelectQueryBuilder<Query>, caller: Principal): SelectQueryBuilder<Query> {
    query.andWhere(`${query.alias}.userId = :callerId`, { callerId: caller.userId });
    if (caller.dataSourceIds === null) return query;
    return query.andWhere(isForKey(`${query.alias}.dataSourceId`), { allowedSourceIds: caller.dataSourceIds });
  }
}
