import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import { JobQueue } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { DataSourcesService } from '../../data-sources/index.js';
import { MOST_CASES } from './cases.service.js';
import { BEGIN_RUN, scheduleKey } from './evaluation-jobs.js';
import { EvaluationSuite } from '../entities/evaluation-suite.entity.js';
import type { CreateSuiteDto, SuiteListQuery, UpdateSuiteDto } from './suites.dto.js';

const TOLD = ['dataSourceId', 'name', 'description', 'cronExpr', 'timezone', 'minCorrect', 'minPrecision'] as const;

/** Suites belong to their source: who may see it may see, make, change and remove them. */
@Injectable()
export class SuitesService {
  constructor(
    @InjectRepository(EvaluationSuite) private readonly suites: Repository<EvaluationSuite>,
    private readonly unitOfWork: UnitOfWork,
    private readonly sources: DataSourcesService,
    private readonly queue: JobQueue,
  ) {}

  async list(wanted: SuiteListQuery, caller: Principal): Promise<Page<EvaluationSuite>> {
    const { data_source_id: dataSourceId } = wanted;
    const found = this.visible(caller);
    if (dataSourceId !== undefined) found.andWhere('suite.dataSourceId = :dataSourceId', { dataSourceId });
    return paginate(found, wanted);
  }

  /** @throws DomainError `not_found`, also when its source is somebody else's */
  async get(id: number, caller: Principal): Promise<EvaluationSuite> {
    const suite = await this.visible(caller).andWhere('suite.id = :id', { id }).getOne();
    if (suite === null) throw notFound('evaluation suite');
    return suite;
  }

  /** The ids of the suites that the caller may see, as a part of another query. */
  visibleIds(caller: Principal): SelectQueryBuilder<EvaluationSuite> {
    return this.visible(caller).select('suite.id');
  }

  /** @throws DomainError `not_found` for the source, `validation_failed` when the times cannot be read */
  async create(request: CreateSuiteDto, caller: Principal): Promise<EvaluationSuite> {
    const { id: dataSourceId } = await this.sources.get(request.data_source_id, caller);
    const { name, description = null, cron: cronExpr = null, timezone = 'UTC' } = request;
    const { min_correct: minCorrect = null, min_precision: minPrecision = null } = request;
    const terms = { description, cronExpr, timezone, minCorrect, minPrecision };
    this.checkTimes(cronExpr, timezone);
    const id = await this.unitOfWork.run(async ({ manager, record }) => {
      const values = { dataSourceId, name: name.trim(), ...terms, createdBy: caller.userId };
      const suite = await manager.save(EvaluationSuite, { ...values });
      if (request.from_verified_queries === true) await manager.query(COPY_VERIFIED, [suite.id, dataSourceId]);
      await this.schedule(suite, caller, manager);
      const after = { ...pick(values, TOLD), from_verified_queries: request.from_verified_queries ?? false };
      record({ action: 'evaluation_suite.created', objectId: suite.id, after });
      return suite.id;
    });
    return this.get(id, caller);
  }

  /** @throws DomainError `not_found`, `validation_failed` when the times cannot be read */
  async update(id: number, change: UpdateSuiteDto, caller: Principal): Promise<EvaluationSuite> {
    const before = await this.get(id, caller);
    const { name = before.name, description = before.description, cron: cronExpr = before.cronExpr } = change;
    const { timezone = before.timezone, min_correct: minCorrect = before.minCorrect } = change;
    const { min_precision: minPrecision = before.minPrecision } = change;
    const given = { name: name.trim(), description, cronExpr, timezone, minCorrect, minPrecision };
    const changed = difference(before, { ...before, ...given }, TOLD);
    if (changed === null) return before;
    this.checkTimes(cronExpr, timezone);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(EvaluationSuite, { id }, given);
      if (affected !== 1) return;
      const isSameTime = before.cronExpr === cronExpr && before.timezone === timezone;
      if (!isSameTime) await this.schedule({ id, cronExpr, timezone }, caller, manager);
      record({ action: 'evaluation_suite.updated', objectId: id, ...changed });
    });
    return this.get(id, caller);
  }

  /** Removes the suite with its cases and runs. */
  async remove(id: number, caller: Principal): Promise<void> {
    const suite = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(EvaluationSuite, { id });
      await this.queue.unschedule(BEGIN_RUN, scheduleKey(id), manager);
      if (affected === 1) record({ action: 'evaluation_suite.deleted', objectId: id, before: pick(suite, TOLD) });
    });
  }

  private async schedule(
    { id, cronExpr: cron, timezone }: Pick<EvaluationSuite, 'id' | 'cronExpr' | 'timezone'>,
    { userId }: Principal,
    manager: EntityManager,
  ): Promise<void> {
    const key = scheduleKey(id);
    if (cron === null) await this.queue.unschedule(BEGIN_RUN, key, manager);
    else await this.queue.schedule(BEGIN_RUN, { key, cron, timezone, payload: { suiteId: id }, userId }, manager);
  }

  private checkTimes(cron: string | null, timezone: string): void {
    try {
      Intl.DateTimeFormat('en', { timeZone: timezone });
    } catch (cause) {
      throw unreadable('timezone', 'must be a name of the IANA time zone database, such as Europe/Berlin', cause);
    }
    if (cron === null) return;
    try {
      if (cron.trim().split(/\s+/).length === 5 && this.queue.nextTimes(cron, timezone, 1).length === 1) return;
    } catch (cause) {
      throw unreadable('cron', CRON, cause);
    }
    throw unreadable('cron', CRON);
  }

  private visible(caller: Principal): SelectQueryBuilder<EvaluationSuite> {
    const sources = this.sources.visibleIds(caller);
    return this.suites
      .createQueryBuilder('suite')
      .where(`suite.dataSourceId IN (${sources.getQuery()})`)
      .setParameters(sources.getParameters());
  }
}

const CRON = 'must be five fields as crontab has them, with a time to come, such as 0 5 * * 1';

function unreadable(field: 'cron' | 'timezone', message: string, cause?: unknown): DomainError {
  return new DomainError('validation_failed', 'The times of the suite cannot be read.', {
    errors: [{ field, message }],
    cause,
  });
}

const COPY_VERIFIED = `
  INSERT INTO evaluation_cases (suite_id, question, expected, expected_sql)
  SELECT $1::integer, question, 'answer', sql FROM verified_queries
  WHERE data_source_id = $2 AND is_active ORDER BY id LIMIT ${MOST_CASES}`;
