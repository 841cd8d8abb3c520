import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { isDuplicate, type Page, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService, dialectOf, SqlGuards } from '../data-sources/index.js';
import type { VerifiedQueryListQuery, VerifyQueryDto } from './dto/verified-query.dto.js';
import { VerifiedQuery } from './entities/verified-query.entity.js';
import type { Query } from './entities/query.entity.js';
import { QueriesService } from './queries.service.js';
import { questionKeyOf } from './knowledge/question-key.js';

const TOLD = ['dataSourceId', 'queryId', 'question', 'sql', 'description'] as const;

/** Keeping answers that a person has found right. They belong to their source: who may see it may see, make and remove them. */
@Injectable()
export class VerifiedQueriesService {
  constructor(
    @InjectRepository(VerifiedQuery) private readonly verified: Repository<VerifiedQuery>,
    private readonly unitOfWork: UnitOfWork,
    private readonly queries: QueriesService,
    private readonly sources: DataSourcesService,
    private readonly guards: SqlGuards,
  ) {}

  /** Those of the sources that the caller may see, or of one of them, newest first. */
  async list(wanted: VerifiedQueryListQuery, caller: Principal): Promise<Page<VerifiedQuery>> {
    const { data_source_id: dataSourceId } = wanted;
    const found = this.visible(caller);
    if (dataSourceId !== undefined) found.andWhere('verified.dataSourceId = :dataSourceId', { dataSourceId });
    return paginate(found, wanted);
  }

  /**
   * @throws DomainError `not_found` for the query, `validation_failed` when it has no question or no SQL and none is given,
   *   `conflict` when the question has a verified query; EngineError `sql_*` when the SQL is not a harmless read
   */
  async create({ query_id: queryId, ...given }: VerifyQueryDto, caller: Principal): Promise<VerifiedQuery> {
    const query = await this.queries.get(queryId, caller);
    const { source, tables } = await this.sources.open(query.dataSourceId, caller);
    const question = (given.question ?? wholeQuestionOf(query) ?? '').trim();
    const sql = (given.sql ?? query.generatedSql ?? '').trim();
    if (question === '') throw missing('question');
    if (sql === '') throw missing('sql');
    await this.guards.check(sql, dialectOf(source.type), tables);
    const values = {
      dataSourceId: source.id,
      queryId,
      question,
      questionKey: questionKeyOf(question),
      sql,
      description: given.description ?? null,
      createdBy: caller.userId,
    };
    return this.unitOfWork.run(async ({ manager, record }) => {
      const verified = await manager.save(VerifiedQuery, { ...values }).catch((error: unknown) => {
        throw isDuplicate(error) ? taken() : error;
      });
      record({ action: 'verified_query.created', objectId: verified.id, after: pick(values, TOLD) });
      return verified;
    });
  }

  /** @throws DomainError `not_found`, also when its source is somebody else's */
  async remove(id: number, caller: Principal): Promise<void> {
    const verified = await this.visible(caller).andWhere('verified.id = :id', { id }).getOne();
    if (verified === null) throw notFound('verified query');
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(VerifiedQuery, { id });
      if (affected === 1) record({ action: 'verified_query.deleted', objectId: id, before: pick(verified, TOLD) });
    });
  }

  private visible(caller: Principal): SelectQueryBuilder<VerifiedQuery> {
    const sources = this.sources.visibleIds(caller);
    return this.verified
      .createQueryBuilder('verified')
      .where(`verified.dataSourceId IN (${sources.getQuery()})`)
      .setParameters(sources.getParameters());
  }
}

/** A question that goes on from another one says too little to be known by. */
function wholeQuestionOf({ naturalLanguage, previousState }: Query): string | null {
  return (previousState?.turns.length ?? 0) > 0 ? null : naturalLanguage;
}

function missing(field: 'question' | 'sql'): DomainError {
  return new DomainError(
    'validation_failed',
    `This query has no ${field === 'sql' ? 'SQL' : 'question that says all by itself'}: give it with the request.`,
    {
      errors: [{ field, message: 'is needed, because the query has none that could be kept' }],
    },
  );
}

function taken(): DomainError {
  return new DomainError('conflict', 'There is a verified query for this question already. Remove it first.');
}
