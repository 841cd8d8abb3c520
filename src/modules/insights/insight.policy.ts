import { Injectable } from '@nestjs/common';
import type { SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { QueriesService } from '../queries/index.js';
import type { Insight } from './entities/insight.entity.js';

/** Who may see which insight: the person who kept it, while they may see the query that it was found in. */
@Injectable()
export class InsightPolicy {
  constructor(private readonly queries: QueriesService) {}

  restrict(insights: SelectQueryBuilder<Insight>, caller: Principal): SelectQueryBuilder<Insight> {
    insights.andWhere(`${insights.alias}.userId = :ownerId`, { ownerId: caller.userId });
    return this.queries.restrictTo(insights, `${insights.alias}.queryId`, caller);
  }
}
