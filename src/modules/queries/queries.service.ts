import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, type ObjectLiteral, type SelectQueryBuilder } from 'typeorm';
import { type Change, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, paginateByTime } from '../../platform/database/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { Cancellations } from './cancellations.js';
import type { QueryListQuery } from './dto/ask.dto.js';
import { QueryResult } from './entities/query-result.entity.js';
import { Query } from './entities/query.entity.js';
import { QueryPolicy, type QueryRight } from './query.policy.js';

/** Finding, cancelling and removing queries that the caller may see. */
@Injectable()
export class QueriesService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly policy: QueryPolicy,
    private readonly cancellations: Cancellations,
    private readonly storage: LocalStorage,
  ) {}

  /** Stops a run; a query that has ended stays as it is. */
  async cancel(id: number, caller: Principal): Promise<Query> {
    await this.get(id, caller);
    await this.cancellations.cancel(id);
    return this.get(id, caller);
  }

  /**
   * @param right what the caller is to have; only the person who asked it may do more than see it
   * @throws DomainError `not_found`, also when it is somebody else's
   */
  async get(id: number, caller: Principal, right: QueryRight = 'own'): Promise<Query> {
    const query = await this.visible(caller, right)
      .leftJoinAndSelect('query.result', 'result')
      .andWhere('query.id = :id', { id })
      .getOne();
    if (query === null) throw notFound('query');
    return query;
  }

  /** Those of the ids that the caller may see. */
  async getAll(ids: readonly number[], caller: Principal): Promise<Query[]> {
    if (ids.length === 0) return [];
    return this.visible(caller, 'see')
      .leftJoinAndSelect('query.result', 'result')
      .andWhere('query.id = ANY(:ids)', { ids })
      .getMany();
  }

  /**
   * The queries behind something that the caller was given, whoever asked them: that it was given to them is for the module that
   * has it to see to.
   */
  async given(ids: readonly number[]): Promise<Query[]> {
    if (ids.length === 0) return [];
    return this.dataSource.manager.find(Query, { where: { id: In([...new Set(ids)]) }, relations: { result: true } });
  }

  /**
   * Narrows something that was made of queries down to those that the caller may see.
   *
   * @param queryId where it says which query, such as `insight.queryId`
   */
  restrictTo<T extends ObjectLiteral>(
    narrowed: SelectQueryBuilder<T>,
    queryId: string,
    caller: Principal,
  ): SelectQueryBuilder<T> {
    const visible = this.visible(caller, 'see').select('1').andWhere(`query.id = ${queryId}`);
    return narrowed.andWhere(`EXISTS (${visible.getQuery()})`).setParameters(visible.getParameters());
  }

  /** Newest first. Every page costs the same, however many queries there are. */
  async list(caller: Principal, wanted: QueryListQuery): Promise<Page<Query>> {
    const query = this.visible(caller, 'own');
    const { data_source_id: dataSourceId, status, origin, created_after: after, created_before: before, text } = wanted;
    for (const [field, value] of Object.entries({ dataSourceId, status, origin })) {
      if (value !== undefined) query.andWhere(`query.${field} = :${field}`, { [field]: value });
    }
    if (after !== undefined) query.andWhere('query.createdAt >= :after', { after });
    if (before !== undefined) query.andWhere('query.createdAt < :before', { before });
    if (text !== undefined) await this.narrowToWords(query, wordsIn(text), caller);
    return paginateByTime(query, wanted, 'createdAt');
  }

  /** Removes a query with its result; a running one is cancelled first. */
  async remove(id: number, caller: Principal): Promise<void> {
    await this.cancel(id, caller);
    const { result, naturalLanguage, generatedSql, dataSourceId } = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      await manager.delete(Query, { id });
      const before = { data_source_id: dataSourceId, question: naturalLanguage, sql: generatedSql };
      record({ action: 'query.deleted', objectId: id, before });
    });
    if (result !== null) await this.storage.remove(result.resultLocation);
  }

  /**
   * Removes what was asked in a conversation, as part of its removal, but for what something else stands on: a chart, a kept
   * finding, a verified query, a report, a workspace, another conversation. That stays, on its own.
   *
   * @param conversationId after its messages have been removed
   * @param mentioned the queries that its messages had: also those of the conversation that it branched off from, once that is gone
   * @returns what was removed; where the results lay is for the caller to clear once the change is made
   */
  async removeAsked(
    conversationId: number,
    mentioned: readonly number[],
    { manager, record }: Change,
  ): Promise<RemovedQueries> {
    const used = this.usesOfQueries().map((use) => `NOT EXISTS (SELECT FROM ${use})`);
    const [removed]: [RemovedQuery[], number] = await manager.query(
      `WITH asked AS (
         SELECT query.id, query.data_source_id, query.natural_language, query.generated_sql, result.result_location
         FROM queries query LEFT JOIN query_results result ON result.query_id = query.id
         WHERE (query.conversation_id = $1 OR query.conversation_id IS NULL AND query.id = ANY($2)) AND ${used.join(' AND ')}
       )
       DELETE FROM queries USING asked WHERE queries.id = asked.id
       RETURNING asked.*`,
      [conversationId, mentioned],
    );
    for (const { id, data_source_id, natural_language: question, generated_sql: sql } of removed) {
      record({ action: 'query.deleted', objectId: id, before: { data_source_id, question, sql } });
    }
    const kept: { id: number }[] = await manager.query(
      'SELECT id FROM queries WHERE conversation_id = $1 ORDER BY id',
      [conversationId],
    );
    return {
      removed: removed.map(({ id }) => id),
      kept: kept.map(({ id }) => id),
      locations: removed.flatMap(({ result_location: location }) => location ?? []),
    };
  }

  /**
   * Stops what somebody has still running, because their account ends.
   *
   * @returns where their stored results lie; the caller removes them once the account is gone
   */
  async endAllOf(userId: number): Promise<string[]> {
    await this.cancellations.cancelAll({ userId });
    const results = await this.dataSource.manager.find(QueryResult, {
      where: { query: { userId } },
      select: { queryId: true, resultLocation: true },
    });
    return results.map(({ resultLocation }) => resultLocation);
  }

  /**
   * Rare words are looked up by their index, frequent ones are met soon when the list is walked. The planner takes all words
   * that are not among the most frequent for equally frequent, and would walk through everything for a rare one.
   */
  private async narrowToWords(query: SelectQueryBuilder<Query>, words: string, caller: Principal): Promise<void> {
    const found: { id: number }[] = await this.dataSource.query(
      `SELECT id FROM queries query WHERE user_id = $1 AND ${WORDS} @@ to_tsquery('simple', $2) LIMIT ${MOST_LOOKED_UP + 1}`,
      [caller.userId, words],
    );
    if (found.length > MOST_LOOKED_UP) query.andWhere(`${WORDS} @@ to_tsquery('simple', :words)`, { words });
    else query.andWhere('query.id = ANY(:found)', { found: found.map(({ id }) => id) });
  }

  /** Where something else stands on a query, as the schema says: tables that are added later count. */
  private usesOfQueries(): string[] {
    const referring = this.dataSource.entityMetadatas.flatMap(({ tableName, foreignKeys }) =>
      foreignKeys
        .filter(({ referencedEntityMetadata: { target } }) => target === Query && !OWN_RECORDS.has(tableName))
        .flatMap(({ columns }) => columns.map(({ databaseName }) => `${tableName} WHERE ${databaseName} = query.id`)),
    );
    return [...referring, ...USES_WITHOUT_A_KEY];
  }

  /** The queries that the caller asked, or may see, called `query`. */
  visible(caller: Principal, right: QueryRight): SelectQueryBuilder<Query> {
    return this.policy.restrict(this.dataSource.getRepository(Query).createQueryBuilder('query'), caller, right);
  }
}

/** What was removed with a conversation, and what of it stays. */
export interface RemovedQueries {
  removed: number[];
  kept: number[];
  locations: string[];
}

interface RemovedQuery {
  id: number;
  data_source_id: number;
  natural_language: string | null;
  generated_sql: string | null;
  result_location: string | null;
}

/** These are part of a query, or record that it was there. */
const OWN_RECORDS = new Set([
  'queries',
  'query_history',
  'query_results',
  'query_metrics',
  'query_feedback',
  'retrieval_sessions',
]);

/** These name a query without a foreign key, because they can name other things as well. */
const USES_WITHOUT_A_KEY = [
  `workspace_items WHERE item_type = 'query' AND item_id = query.id`,
  `scheduled_reports WHERE payload ->> 'queryId' = query.id::text`,
];

/** The words of a query, as `ix_queries_words` has them. */
const WORDS = `to_tsvector('simple', regexp_replace(
  left(coalesce(query.natural_language, ''), 10000) || ' ' || left(coalesce(query.generated_sql, ''), 10000),
  '[\\W_]+', ' ', 'g'))`;

/** Queries with certain words that are looked up; of words in more of them, a page is found by walking the list. */
const MOST_LOOKED_UP = 1000;

/** All of these words, whole. */
function wordsIn(text: string): string {
  return (text.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.toLowerCase()).join(' & ');
}
