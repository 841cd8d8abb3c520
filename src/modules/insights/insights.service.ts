import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type SelectQueryBuilder } from 'typeorm';
import { AuditLog, difference, pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { FindingsService, ResultsService } from '../queries/index.js';
import type { ChangeInsightDto, InsightListQuery, KeepFindingDto, SeenInsight } from './dto/insight.dto.js';
import { Insight, type InsightDetails } from './entities/insight.entity.js';
import { InsightPolicy } from './insight.policy.js';

const TOLD = ['queryId', 'findingKey', 'insightType', 'title', 'isPinned', 'isDismissed'] as const;

const LONGEST_TITLE = 300;

/** Keeping what was found in results. What an insight tells is of the rows, so it is given out as they would be. */
@Injectable()
export class InsightsService {
  constructor(
    @InjectRepository(Insight) private readonly insights: Repository<Insight>,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly policy: InsightPolicy,
    private readonly findings: FindingsService,
    private readonly results: ResultsService,
  ) {}

  /**
   * Keeps a finding of a query; one that is kept already is given as it is.
   *
   * @throws DomainError `not_found` for the query, `result_not_ready`, `result_outdated`, `validation_failed` when the query has
   *   no such finding
   */
  async keep(queryId: number, wanted: KeepFindingDto, caller: Principal, signal: AbortSignal): Promise<SeenInsight> {
    const { findings } = await this.findings.of(queryId, caller, signal);
    const finding = findings.find(({ key }) => key === wanted.finding);
    if (finding === undefined) throw noSuchFinding();
    const title = (wanted.title ?? finding.title).slice(0, LONGEST_TITLE);
    const { key, type, sentence, confidence_score: score, figures, significance, rows, keys, columns } = finding;
    const details: InsightDetails = { figures, significance, rows, keys, columns };
    return this.unitOfWork.run(async ({ manager, record }) => {
      const values = [caller.userId, queryId, key, type, title, sentence, score, JSON.stringify(details)];
      const kept = await manager.query<unknown[]>(KEEP, values);
      const insight = await manager.findOneBy(Insight, { queryId, findingKey: key, userId: caller.userId });
      // Its query has been removed since.
      if (insight === null) throw notFound('query');
      if (kept.length > 0) record({ action: 'insight.kept', objectId: insight.id, after: pick(insight, TOLD) });
      return { insight, outdated: false };
    });
  }

  /** The caller's, newest first: those that were not dismissed, unless they are asked for. */
  async list(wanted: InsightListQuery, caller: Principal): Promise<Page<SeenInsight>> {
    const { query_id: queryId, type: insightType, pinned: isPinned, dismissed: isDismissed = false } = wanted;
    const found = this.visible(caller);
    for (const [field, value] of Object.entries({ isDismissed, queryId, insightType, isPinned })) {
      if (value !== undefined) found.andWhere(`insight.${field} = :${field}`, { [field]: value });
    }
    const page = await paginate(found, wanted);
    const queryIds = [...new Set(page.items.flatMap((insight) => insight.queryId ?? []))];
    const current = await this.results.current(queryIds, caller);
    const items = page.items.map((insight) => ({ insight, outdated: !current.has(insight.queryId ?? 0) }));
    const told = items.filter(({ outdated }) => !outdated).map(({ insight }) => insight.id);
    if (told.length > 0) {
      await this.audit.record({ action: 'insight.read', objectId: null, details: { insights: told } });
    }
    return { ...page, items };
  }

  /** @throws DomainError `not_found`, `result_outdated` when what the caller may see of the data has changed since */
  async get(id: number, caller: Principal): Promise<SeenInsight> {
    const insight = await this.find(id, caller);
    await this.openRows(insight, caller);
    return { insight, outdated: false };
  }

  /** @throws DomainError `not_found`, `result_outdated` */
  async change(id: number, wanted: ChangeInsightDto, caller: Principal): Promise<SeenInsight> {
    const before = await this.find(id, caller);
    await this.openRows(before, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const insight = await manager.findOne(Insight, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (insight === null) throw notFound('insight');
      const was = { ...insight };
      insight.title = wanted.title ?? insight.title;
      insight.isPinned = wanted.pinned ?? insight.isPinned;
      insight.isDismissed = wanted.dismissed ?? insight.isDismissed;
      const changed = difference(was, insight, TOLD);
      if (changed !== null) {
        await manager.save(insight);
        record({ action: 'insight.changed', objectId: id, ...changed });
      }
      return { insight, outdated: false };
    });
  }

  /** @throws DomainError `not_found` */
  async remove(id: number, caller: Principal): Promise<void> {
    const insight = await this.find(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(Insight, { id });
      if (affected === 1) record({ action: 'insight.deleted', objectId: id, before: pick(insight, TOLD) });
    });
  }

  private async find(id: number, caller: Principal): Promise<Insight> {
    const insight = await this.visible(caller).andWhere('insight.id = :id', { id }).getOne();
    if (insight === null) throw notFound('insight');
    return insight;
  }

  /** An insight tells what is in rows: the same must be allowed, and is recorded in the same way. */
  private async openRows({ id, queryId }: Insight, caller: Principal): Promise<void> {
    if (queryId !== null) await this.results.open(queryId, caller, { as: 'insight', insight_id: id });
  }

  private visible(caller: Principal): SelectQueryBuilder<Insight> {
    return this.policy.restrict(this.insights.createQueryBuilder('insight'), caller);
  }
}

const KEEP = `
  INSERT INTO insights (user_id, query_id, finding_key, insight_type, title, content, confidence_score, details)
  SELECT $1::integer, id, $3::varchar, $4::varchar, $5::varchar, $6::text, $7::real, $8::jsonb
  FROM queries WHERE id = $2 FOR KEY SHARE
  ON CONFLICT DO NOTHING RETURNING id`;

function noSuchFinding(): DomainError {
  return new DomainError('validation_failed', 'This query has no such finding: take the key of one that it has.', {
    errors: [{ field: 'finding', message: 'is no finding of this query' }],
  });
}
