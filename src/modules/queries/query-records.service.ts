import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import type { Principal } from '../../platform/security/index.js';
import { QueryHistory } from './entities/query-history.entity.js';
import { QueryMetric } from './entities/query-metric.entity.js';
import { QueriesService } from './queries.service.js';

/** What was written down of a query: its history, and what its runs cost. */
@Injectable()
export class QueryRecordsService {
  constructor(
    @InjectRepository(QueryHistory) private readonly steps: Repository<QueryHistory>,
    @InjectRepository(QueryMetric) private readonly runs: Repository<QueryMetric>,
    private readonly queries: QueriesService,
  ) {}

  /** What happened to a query, oldest first. */
  async history(id: number, page: PageQuery, caller: Principal): Promise<Page<QueryHistory>> {
    await this.queries.get(id, caller);
    return paginate(this.steps.createQueryBuilder('step').where('step.queryId = :id', { id }), page, 'ASC');
  }

  /** What each run of a query cost, the first one first. */
  async metrics(id: number, page: PageQuery, caller: Principal): Promise<Page<QueryMetric>> {
    await this.queries.get(id, caller);
    return paginate(this.runs.createQueryBuilder('run').where('run.queryId = :id', { id }), page, 'ASC');
  }
}
