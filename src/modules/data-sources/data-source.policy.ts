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
    query.andWhere(
      `${query.alias}.ownerId = :callerId AND NOT EXISTS (
         SELECT FROM combined_tables part JOIN data_sources member ON member.id = part.member_id
         WHERE part.data_source_id = ${query.alias}.id AND member.owner_id <> :callerId)`,
      { callerId: caller.userId },
    );
    if (caller.dataSourceIds === null) return query;
    return query.andWhere(isForKey(`${query.alias}.id`), { allowedSourceIds: caller.dataSourceIds });
  }
}

/**
 * The condition that an API key for certain sources, `:allowedSourceIds`, is for this one, and for all that it is combined from.
 *
 * @param sourceId an expression for its id
 */
export function isForKey(sourceId: string): string {
  return `(${sourceId} = ANY(:allowedSourceIds) AND NOT EXISTS (
    SELECT FROM combined_tables part
    WHERE part.data_source_id = ${sourceId} AND part.member_id <> ALL(:allowedSourceIds)))`;
}
