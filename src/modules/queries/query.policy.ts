import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import type { Query } from './entities/query.entity.js';

/** Who may see which query: the person who asked it. */
@Injectable()
export class QueryPolicy {
  restrict(query: SelectQueryBuilder<Query>, caller: Principal): SelectQueryBuilder<Query> {
    return query.andWhere(`${query.alias}.userId = :callerId`, { callerId: caller.userId });
  }
}
