import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { Cancellations } from './cancellations.js';
import { QueryHistory } from './entities/query-history.entity.js';
import { QueryResult } from './entities/query-result.entity.js';
import { Query } from './entities/query.entity.js';
import { QueryPolicy } from './query.policy.js';

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

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<Query> {
    const query = await this.visible(caller)
      .leftJoinAndSelect('query.result', 'result')
      .andWhere('query.id = :id', { id })
      .getOne();
    if (query === null) throw notFound('query');
    return query;
  }

  async list(caller: Principal, page: PageQuery, dataSourceId?: number): Promise<Page<Query>> {
    const query = this.visible(caller);
    if (dataSourceId !== undefined) query.andWhere('query.dataSourceId = :dataSourceId', { dataSourceId });
    return paginate(query, page);
  }

  /** What happened to a query, oldest first. */
  async history(id: number, caller: Principal): Promise<QueryHistory[]> {
    await this.get(id, caller);
    return this.dataSource.manager.find(QueryHistory, { where: { queryId: id }, order: { id: 'ASC' }, take: 200 });
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

  private visible(caller: Principal): SelectQueryBuilder<Query> {
    return this.policy.restrict(this.dataSource.getRepository(Query).createQueryBuilder('query'), caller);
  }
}
