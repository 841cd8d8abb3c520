import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { type Page, paginate } from '../../../platform/database/index.js';
import type { Principal } from '../../../platform/security/index.js';
import type { UsageFilter, UsageListQuery, UsageSummaryQuery, UsageSumRow } from '../dto/usage.dto.js';
import { UsageCost } from '../entities/usage-cost.entity.js';

const DEFAULT_DAYS = 30;
const DAY_MS = 86_400_000;
const MOST_SUMS = 1000;

/** What was used, in rows and in sums: everybody sees their own, who manages budgets sees all. */
@Injectable()
export class UsageReports {
  constructor(@InjectRepository(UsageCost) private readonly costs: Repository<UsageCost>) {}

  /** Newest first. */
  list({ metric, user_id, from, to, ...page }: UsageListQuery, caller: Principal): Promise<Page<UsageCost>> {
    return paginate(this.visible({ metric, user_id, from, to }, caller), page);
  }

  /**
   * Sums by metric, and by day and person where they are asked for; days are those of UTC. The newest days first, at most
   * 1,000 sums.
   */
  async sums({ group_by: by = [], from, ...filter }: UsageSummaryQuery, caller: Principal): Promise<UsageSumRow[]> {
    const since = from ?? new Date(Date.now() - DEFAULT_DAYS * DAY_MS).toISOString();
    const sums = this.visible({ ...filter, from: since }, caller)
      .select('cost.metric', 'metric')
      .addSelect('cost.unit', 'unit')
      .addSelect('sum(cost.value)', 'value')
      .addSelect('sum(cost.cost)', 'cost')
      .addSelect('count(*)::integer', 'count')
      .groupBy('cost.metric')
      .addGroupBy('cost.unit');
    if (by.includes('day')) {
      const day = `to_char(cost.recordedAt AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
      sums.addSelect(day, 'day').addGroupBy(day).addOrderBy('day', 'DESC');
    }
    if (by.includes('user')) sums.addSelect('cost.userId', 'user_id').addGroupBy('cost.userId');
    return sums.addOrderBy('cost.metric').limit(MOST_SUMS).getRawMany<UsageSumRow>();
  }

  private visible(
    { metric, user_id: userId, from, to }: UsageFilter,
    caller: Principal,
  ): SelectQueryBuilder<UsageCost> {
    const found = this.costs.createQueryBuilder('cost');
    if (!caller.permissions.has('budgets:manage')) found.andWhere('cost.userId = :own', { own: caller.userId });
    if (userId !== undefined) found.andWhere('cost.userId = :userId', { userId });
    if (metric !== undefined) found.andWhere('cost.metric = :metric', { metric });
    if (from !== undefined) found.andWhere('cost.recordedAt >= :from', { from });
    if (to !== undefined) found.andWhere('cost.recordedAt < :to', { to });
    return found;
  }
}
