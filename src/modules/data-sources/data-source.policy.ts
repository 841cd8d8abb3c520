import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';

/**
 * Who may see which source: its owner, and their API key if it is for that source. A combined source is there only for who
 * may see all of its members. The rule is part of the query, so a stranger's source is simply not there.
 */
@Injectable()
export class DataSourcePolicy {
  restrict(query: SelectQueryBuilder<DataSourceEntity>, caller: Principal): SelectQueryBuilder<DataSourceEntity> {
    const isLimited = caller.dataSourceIds !== null;
    const isHidden = `member.owner_id <> :callerId${isLimited ? ' OR member.id <> ALL(:allowedSourceIds)' : ''}`;
    query.andWhere(
      `${query.alias}.ownerId = :callerId AND NOT EXISTS (
         SELECT FROM combined_tables part JOIN data_sources member ON member.id = part.member_id
         WHERE part.data_source_id = ${query.alias}.id AND (${isHidden}))`,
      { callerId: caller.userId, allowedSourceIds: caller.dataSourceIds },
    );
    return isLimited ? query.andWhere(`${query.alias}.id = ANY(:allowedSourceIds)`) : query;
  }
}
