import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Way } from '../../platform/database/index.js';
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
 * Whose a document is: its data source, or for one on its own, its owner with a minus sign. There is an index of it, and postings
 * have it too, so that documents are looked up by it, however many others there are.
 */
export function placeOf(alias: string): string {
  return `coalesce("${alias}"."data_source_id", -"${alias}"."owner_id")`;
}

/**
 * Who may see which document: one that belongs to a data source, whoever may use the source; one on its own, its owner, and
 * those who have it through a workspace. A key for certain sources sees the documents of those only. The rule is part of the query, so a stranger's document is not there.
 */
@Injectable()
export class DocumentPolicy {
  constructor(private readonly sources: DataSourcesService) {}

  restrict(query: SelectQueryBuilder<RagDocument>, caller: Principal): SelectQueryBuilder<RagDocument> {
    const { sources, places } = this.placesOf(caller);
    return query
      .andWhere(
        caller.dataSourceIds === null
          ? `(${placeOf(query.alias)} = ANY(ARRAY(${places})) OR ${query.alias}.id = ANY(${SHARED}))`
          : `${placeOf(query.alias)} IN (${places})`,
      )
      .setParameters({ ...sources.getParameters(), ownPlace: -caller.userId, readerId: caller.userId });
  }

  /**
   * The ways in which the caller has documents, for `paginateByWays` beside `restrict`: place by place, and those of workspaces.
   *
   * @param condition that `one`, the document, has to meet as well
   */
  ways(caller: Principal, condition: string): Way[] {
    const { places } = this.placesOf(caller);
    // Not `=`: then the order by place says nothing, and all documents may be looked through by id for a place that has none.
    const inPlaces: Way = (beyond, first) =>
      `SELECT near.id FROM unnest(ARRAY(${places})) AS place CROSS JOIN LATERAL (
         SELECT one.id FROM rag_documents one WHERE ${placeOf('one')} BETWEEN place AND place AND ${condition} ${beyond}
         ORDER BY ${placeOf('one')} DESC, ${first}) AS near`;
    const inWorkspaces: Way = (beyond, first) =>
      `SELECT one.id FROM rag_documents one WHERE one.id = ANY(${SHARED}) AND ${condition} ${beyond} ORDER BY ${first}`;
    return caller.dataSourceIds === null ? [inPlaces, inWorkspaces] : [inPlaces];
  }

  private placesOf(caller: Principal): { sources: ReturnType<DataSourcesService['visibleIds']>; places: string } {
    const sources = this.sources.visibleIds(caller, 'use');
    const ofSources = sources.getQuery();
    const places =
      caller.dataSourceIds === null ? `${ofSources} UNION ALL SELECT CAST(:ownPlace AS integer)` : ofSources;
    return { sources, places };
  }

  /** Of those, the ones that they may change. */
  restrictToOwn(query: SelectQueryBuilder<RagDocument>, caller: Principal): SelectQueryBuilder<RagDocument> {
    return this.restrict(query, caller).andWhere(`${query.alias}.ownerId = :readerId`, { readerId: caller.userId });
  }
}
