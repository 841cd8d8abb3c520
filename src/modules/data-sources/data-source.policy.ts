import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { sharedItems } from '../workspaces/index.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';

/** What somebody wants of a source: `use` is to see it and to ask it; anything else is its owner's. */
export type SourceRight = 'use' | 'own';

const SHARED = sharedItems(
  { type: 'data_source', table: 'data_sources', shareable: 'item.added_by = thing.owner_id' },
  ':callerId',
  'view',
);

/**
 * Who may have which source: its owner, and to use it those who have it through a workspace; of API keys, those that are for
 * it. A combined source is there only for who may have all of its members in the same way. The rule is part of the query, so a stranger's source is
 * simply not there.
 */
@Injectable()
export class DataSourcePolicy {
  restrict(
    query: SelectQueryBuilder<DataSourceEntity>,
    caller: Principal,
    right: SourceRight,
  ): SelectQueryBuilder<DataSourceEntity> {
    const { alias } = query;
    const has = (source: string): string =>
      right === 'own'
        ? `${source}.owner_id = :callerId`
        : `(${source}.owner_id = :callerId OR ${source}.id = ANY(${SHARED}))`;
    query.andWhere(
      `${has(alias)} AND NOT EXISTS (
         SELECT FROM combined_tables part JOIN data_sources member ON member.id = part.member_id
         WHERE part.data_source_id = ${alias}.id AND NOT ${has('member')})`,
      { callerId: caller.userId },
    );
    if (caller.dataSourceIds === null) return query;
    return query.andWhere(isForKey(`${alias}.id`), { allowedSourceIds: caller.dataSourceIds });
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
