import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, type SelectQueryBuilder } from 'typeorm';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import { JobQueue } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { EvaluationCase } from '../entities/evaluation-case.entity.js';
import { DO_RUN } from './evaluation-jobs.js';
import { EvaluationResult } from '../entities/evaluation-result.entity.js';
import { EvaluationRun } from '../entities/evaluation-run.entity.js';
import { EvaluationSuite } from '../entities/evaluation-suite.entity.js';
import { compare, type ComparedCase } from './run-report.js';
import type { ResultListQuery, RunListQuery, StartRunDto } from './runs.dto.js';
import { SuitesService } from './suites.service.js';

const UNFINISHED = ['pending', 'running'] as const;
/** Runs of one person that wait or go on. */
const MOST_UNFINISHED = 5;
const LOOK_MS = 150;

/** How long somebody waits for a run, and when they have gone. */
interface RunPatience {
  waitMs: number;
  disconnected: AbortSignal;
}

/** Beginning, finding, comparing and cancelling runs of suites that the caller may see. */
@Injectable()
export class RunsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly suites: SuitesService,
    private readonly queue: JobQueue,
  ) {}

  async list(wanted: RunListQuery, caller: Principal): Promise<Page<EvaluationRun>> {
    const { suite_id: suiteId } = wanted;
    const found = this.visible(caller);
    if (suiteId !== undefined) found.andWhere('run.suiteId = :suiteId', { suiteId });
    return paginate(found, wanted);
  }

  /** @throws DomainError `not_found`, also when its source is somebody else's */
  async get(id: number, caller: Principal): Promise<EvaluationRun> {
    const run = await this.visible(caller).andWhere('run.id = :id', { id }).getOne();
    if (run === null) throw notFound('evaluation run');
    return run;
  }

  /**
   * Begins a run and waits for its end as long as the patience lasts; it goes on also when nobody waits.
   *
   * @throws DomainError `not_found` for the suite, `validation_failed` when it has no cases, `overloaded` when too many of the caller's runs have not ended
   */
  async start(
    { suite_id: suiteId, use_learned: learned = false }: StartRunDto,
    caller: Principal,
    patience: RunPatience,
  ): Promise<EvaluationRun> {
    const suite = await this.suites.get(suiteId, caller);
    const { userId } = caller;
    const unfinished = await this.dataSource.manager.countBy(EvaluationRun, { userId, status: In(UNFINISHED) });
    if (unfinished >= MOST_UNFINISHED) {
      throw new DomainError(
        'overloaded',
        'Too many of your runs have not ended. Wait for some of them, or cancel them.',
      );
    }
    const id = await this.begin(suite, { userId, learned, scheduled: false });
    if (id === null) {
      throw new DomainError('validation_failed', 'The suite has no cases. Add some first.', {
        errors: [{ field: 'suite_id', message: 'has no cases' }],
      });
    }
    return this.ended(id, caller, patience);
  }

  /** Begins a run of a suite. @returns its id; null when there is nothing to ask */
  async begin(
    { id: suiteId, dataSourceId }: EvaluationSuite,
    how: Pick<EvaluationRun, 'learned' | 'scheduled'> & { userId: number },
  ): Promise<number | null> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const caseCount = await manager.countBy(EvaluationCase, { suiteId });
      if (caseCount === 0) return null;
      const { id } = await manager.save(EvaluationRun, { suiteId, ...how, status: 'pending', caseCount });
      const jobId = await this.queue.enqueue(DO_RUN, { runId: id }, { manager });
      await manager.update(EvaluationRun, { id }, { jobId });
      const details = { suite_id: suiteId, data_source_id: dataSourceId, cases: caseCount, ...how };
      record({ action: 'evaluation_run.started', objectId: id, details });
      return id;
    });
  }

  /** Whether a run of the suite waits or goes on. */
  async isUnderWay(suiteId: number): Promise<boolean> {
    return this.dataSource.manager.existsBy(EvaluationRun, { suiteId, status: In(UNFINISHED) });
  }

  /** Stops a run after the question that it is at; one that has ended stays as it is. */
  async cancel(id: number, caller: Principal): Promise<EvaluationRun> {
    const { jobId } = await this.get(id, caller);
    const wasStopped = await this.unitOfWork.run(async ({ manager, record }) => {
      const end = { status: 'cancelled', finishedAt: new Date() } as const;
      const { affected } = await manager.update(EvaluationRun, { id, status: In(UNFINISHED) }, end);
      if (affected === 1) record({ action: 'evaluation_run.cancelled', objectId: id });
      return affected === 1;
    });
    if (wasStopped && jobId !== null) await this.queue.cancel(DO_RUN, jobId);
    return this.get(id, caller);
  }

  /** What came of the cases of a run, in the order in which they were asked. */
  async results(id: number, wanted: ResultListQuery, caller: Principal): Promise<Page<EvaluationResult>> {
    const { id: runId } = await this.get(id, caller);
    const found = this.resultsOf(runId);
    if (wanted.outcome !== undefined) found.andWhere('result.outcome = :outcome', { outcome: wanted.outcome });
    return paginate(found, wanted, 'ASC');
  }

  /** @throws DomainError `not_found`, `validation_failed` when the runs are of different suites */
  async compare(id: number, other: number, caller: Principal): Promise<ComparedCase[]> {
    const [one, another] = [await this.get(id, caller), await this.get(other, caller)];
    if (one.suiteId !== another.suiteId) {
      throw new DomainError('validation_failed', 'Only runs of the same suite can be compared.', {
        errors: [{ field: 'other', message: 'is a run of another suite' }],
      });
    }
    const of = (runId: number): Promise<EvaluationResult[]> => this.resultsOf(runId).orderBy('result.caseId').getMany();
    return compare(await of(id), await of(other));
  }

  private async ended(id: number, caller: Principal, { waitMs, disconnected }: RunPatience): Promise<EvaluationRun> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const run = await this.get(id, caller);
      const isOver = !(UNFINISHED as readonly string[]).includes(run.status);
      if (isOver || disconnected.aborted || Date.now() >= deadline) return run;
      await pause(Math.min(LOOK_MS, Math.max(1, deadline - Date.now())));
    }
  }

  private resultsOf(runId: number): SelectQueryBuilder<EvaluationResult> {
    const { manager }: { manager: EntityManager } = this.dataSource;
    return manager.createQueryBuilder(EvaluationResult, 'result').where('result.runId = :runId', { runId });
  }

  private visible(caller: Principal): SelectQueryBuilder<EvaluationRun> {
    const suites = this.suites.visibleIds(caller);
    return this.dataSource.manager
      .createQueryBuilder(EvaluationRun, 'run')
      .where(`run.suiteId IN (${suites.getQuery()})`)
      .setParameters(suites.getParameters());
  }
}
