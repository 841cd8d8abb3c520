import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';

/**
 * Who may see which source: its owner, and their API key if it is for that source. The rule is part of the query, so a
 * stranger's source is simply not there.
 */
@Injectable()
export class DataSourcePolicy {
  restrict(query: SelectQueryBuilder<DataSourceEntity>, caller: Principal): SelectQueryBuilder<DataSourceEntity> {
    query.andWhere(`${query.alias}.ownerId = :callerId`, { callerId: caller.userId });
    if (caller.dataSourceIds === null) return query;
    return query.andWhere(`${query.alias}.id = ANY(:allowedSourceIds)`, { allowedSourceIds: caller.dataSourceIds });
  }
}
