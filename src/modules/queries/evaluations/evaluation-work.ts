import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { currentActor, UnitOfWork } from '../../../platform/audit/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { JobQueue, type JobTry } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { DataSourcesService } from '../../data-sources/index.js';
import { AccountsService } from '../../users/index.js';
import { CaseTrials, type Trial, type TrialOutcome } from './case-trials.js';
import { EvaluationCase } from '../entities/evaluation-case.entity.js';
import { BEGIN_RUN, DO_RUN, scheduleKey } from './evaluation-jobs.js';
import { EvaluationResult } from '../entities/evaluation-result.entity.js';
import { EvaluationRun } from '../entities/evaluation-run.entity.js';
import { EvaluationSuite } from '../entities/evaluation-suite.entity.js';
import { isRight, passes, reportOf } from './run-report.js';
import { RunsService } from './runs.service.js';

/** The work of runs, in the background: question by question, each of them kept, so that another try goes on from there. */
@Injectable()
export class EvaluationWork implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: JobQueue,
    private readonly accounts: AccountsService,
    private readonly sources: DataSourcesService,
    private readonly runs: RunsService,
    private readonly trials: CaseTrials,
  ) {}

  onModuleInit(): void {
    this.queue.handle(DO_RUN, {
      work: ({ runId }, attempt) => this.work(runId, attempt),
      givenUp: ({ runId }, reason) => this.fail(runId, reason),
    });
    this.queue.handle(BEGIN_RUN, { work: ({ suiteId }) => this.beginScheduled(suiteId) });
  }

  /** A suite whose run before has not ended is left out this time; one that is gone, or whose owner is, for good. */
  private async beginScheduled(suiteId: number): Promise<void> {
    const suite = await this.dataSource.manager.findOneBy(EvaluationSuite, { id: suiteId });
    const caller = await this.callerFor(currentActor().userId);
    if (suite === null || caller === null) {
      await this.queue.unschedule(BEGIN_RUN, scheduleKey(suiteId));
    } else if (!(await this.runs.isUnderWay(suiteId))) {
      await this.runs.begin(suite, { userId: caller.userId, learned: false, scheduled: true });
    }
  }

  private async work(runId: number, { signal }: JobTry): Promise<void> {
    const run = await this.dataSource.manager.findOne(EvaluationRun, {
      where: { id: runId, status: In(['pending', 'running']) },
      relations: { suite: true },
    });
    if (run === null) return;
    const caller = await this.callerFor(run.userId);
    if (caller === null) return this.fail(runId, 'Whoever started the run may not ask questions any more.');
    const opened = await this.open(run, caller);
    if (opened === null) return;
    const startedAt = run.startedAt ?? new Date();
    await this.dataSource.manager.update(
      EvaluationRun,
      { id: runId, status: 'pending' },
      { status: 'running', startedAt },
    );
    const trial = { userId: caller.userId, opened, learned: run.learned, signal };
    for (const tried of await this.casesLeft(run)) {
      signal.throwIfAborted();
      const outcome = await this.trials.try(tried, trial);
      if (!(await this.keep(run, tried, outcome))) return;
    }
    await this.succeed(run);
  }

  /** The source as whoever runs may see it; null, and the end of the run, when they may not any more. */
  private async open(run: EvaluationRun, caller: Principal): Promise<Trial['opened'] | null> {
    try {
      return await this.sources.open(run.suite.dataSourceId, caller);
    } catch (error) {
      if (!(error instanceof DomainError && error.code === 'not_found')) throw error;
      await this.fail(run.id, error.detail);
      return null;
    }
  }

  private async callerFor(userId: number | null): Promise<Principal | null> {
    const caller = userId === null ? null : await this.accounts.findPrincipal(userId);
    return caller?.permissions.has('queries:write') === true ? caller : null;
  }

  private async casesLeft({ id: runId, suiteId }: EvaluationRun): Promise<EvaluationCase[]> {
    const { manager } = this.dataSource;
    const cases = await manager.find(EvaluationCase, { where: { suiteId }, order: { id: 'ASC' } });
    const done = await manager.find(EvaluationResult, { where: { runId }, select: { id: true, caseId: true } });
    const known = new Set(done.map(({ caseId }) => caseId));
    return cases.filter(({ id }) => !known.has(id));
  }

  /** @returns false when the run has been cancelled or removed meanwhile */
  private async keep(run: EvaluationRun, tried: EvaluationCase, outcome: TrialOutcome): Promise<boolean> {
    const { id: runId } = run;
    const { id: caseId, question, category, expected } = tried;
    const result = { runId, caseId, question, category, expected, ...outcome };
    return this.unitOfWork.run(async ({ manager, record }) => {
      const counted = await manager
        .createQueryBuilder()
        .update(EvaluationRun)
        .set({
          doneCount: () => 'done_count + 1',
          passedCount: () => `passed_count + ${isRight(result) ? 1 : 0}`,
          caseCount: () => 'greatest(case_count, done_count + 1)',
        })
        .where({ id: runId, status: 'running' })
        .execute();
      if (counted.affected !== 1) return false;
      await manager.insert(EvaluationResult, result);
      const details = { run_id: runId, data_source_id: run.suite.dataSourceId, question, sql: outcome.sql };
      record({ action: 'evaluation_case.asked', objectId: caseId, details: { ...details, outcome: outcome.outcome } });
      return true;
    });
  }

  private async succeed({ id, suite }: EvaluationRun): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const report = reportOf(await manager.findBy(EvaluationResult, { runId: id }));
      const passed = passes(report, suite);
      // Cases may have been removed since it began.
      const end = {
        status: 'succeeded',
        report,
        passed,
        finishedAt: new Date(),
        caseCount: () => 'done_count',
      } as const;
      const { affected } = await manager
        .createQueryBuilder()
        .update(EvaluationRun)
        .set(end)
        .where({ id, status: 'running' })
        .execute();
      if (affected === 1)
        record({ action: 'evaluation_run.ended', objectId: id, details: { passed, ...report.total } });
    });
  }

  private async fail(id: number, reason: string): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const end = { status: 'failed', errorMessage: reason, finishedAt: new Date() } as const;
      const { affected } = await manager.update(EvaluationRun, { id, status: In(['pending', 'running']) }, end);
      if (affected === 1) record({ action: 'evaluation_run.failed', objectId: id, details: { reason } });
    });
  }
}
