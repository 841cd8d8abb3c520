import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { EngineError } from '../../../engine/errors.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { DomainEvents } from '../../../platform/events/index.js';
import { type JobHandler, JobQueue, type JobTry } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { AccountsService } from '../../users/index.js';
import { QUERY_FINISHED, type QueryFinished } from '../domain-events.js';
import { Alert } from '../entities/alert.entity.js';
import { judge, type Judgement, NotEvaluable, type WatchedRows } from './alert-condition.js';
import { EVALUATE_ALERT, type EvaluatePayload, scheduleKey } from './alert-jobs.js';
import { AlertOutcomes } from './alert-outcomes.js';
import { WatchedQueries } from './watched-queries.js';

const NOT_ALLOWED = 'You may not run queries any more, or your account is switched off.';
const REMOVED = 'The query that it watches has been removed. Make the alert anew, on another one.';

/** Looks at what alerts watch: when their query has run, and at the times of their schedule; always as their owner. */
@Injectable()
export class AlertEvaluations implements JobHandler<EvaluatePayload>, OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly modules: ModuleRef,
    private readonly events: DomainEvents,
    private readonly jobs: JobQueue,
    private readonly accounts: AccountsService,
    private readonly outcomes: AlertOutcomes,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(EVALUATE_ALERT, this);
    this.events.on(QUERY_FINISHED, (query) => this.onFinished(query));
  }

  async work({ alertId, queryId }: EvaluatePayload, { signal }: JobTry): Promise<void> {
    const alert = await this.dataSource.manager.findOneBy(Alert, { id: alertId, isActive: true });
    if (alert === null)
      return queryId === null ? this.jobs.unschedule(EVALUATE_ALERT, scheduleKey(alertId)) : undefined;
    const owner = await this.accounts.findPrincipal(alert.userId);
    if (owner?.permissions.has('queries:write') !== true) return this.outcomes.fail(alert, NOT_ALLOWED);
    if (alert.queryId === null) return this.outcomes.fail(alert, REMOVED);
    try {
      const result = await this.look(alert.queryId, queryId, owner, signal);
      const told = await this.outcomes.apply(alert, result.queryId, judgeAs(alert, result));
      // What led to something can be looked at; the others would fill the owner's list of queries.
      if (queryId === null && !told) await this.watched.forget(result.queryId, owner);
    } catch (error) {
      signal.throwIfAborted();
      const reason = reasonOf(error);
      if (reason === null) throw error;
      await this.outcomes.fail(alert, reason);
    }
  }

  async givenUp({ alertId }: EvaluatePayload): Promise<void> {
    const alert = await this.dataSource.manager.findOneBy(Alert, { id: alertId, isActive: true });
    if (alert !== null) await this.outcomes.fail(alert, 'Something went wrong on our side. Ask your administrator.');
  }

  /**
   * What an evaluation would come to now; nothing is written or told, and its run is not kept.
   *
   * @throws DomainError `not_found`, and those with which the run has failed; NotEvaluable
   */
  async attempt(alert: Alert, owner: Principal, signal: AbortSignal): Promise<Judgement> {
    if (alert.queryId === null) throw new NotEvaluable(REMOVED);
    const result = await this.watched.run(alert.queryId, owner, signal);
    await this.watched.forget(result.queryId, owner);
    return judgeAs(alert, result);
  }

  /** Provided by a module that comes later: it is looked up when it is needed. */
  get watched(): WatchedQueries {
    return this.modules.get(WatchedQueries, { strict: false });
  }

  private look(watchedId: number, queryId: number | null, owner: Principal, signal: AbortSignal): Promise<WatchedRows> {
    return queryId === null ? this.watched.run(watchedId, owner, signal) : this.watched.rows(queryId, owner, signal);
  }

  private async onFinished({ queryId, rerunOfId, userId, status, isTrial }: Readonly<QueryFinished>): Promise<void> {
    if (status !== 'succeeded' || isTrial) return;
    const watched = [queryId, ...(rerunOfId === null ? [] : [rerunOfId])];
    const alerts: { id: number }[] = await this.dataSource.query(WATCHING, [watched, userId]);
    for (const { id: alertId } of alerts) {
      await this.jobs.enqueue(EVALUATE_ALERT, { alertId, queryId }, { key: `${alertId}.${queryId}` });
    }
  }
}

function judgeAs({ condition, observations }: Alert, result: WatchedRows): Judgement {
  return judge(
    condition,
    result,
    observations.map(({ value }) => value),
  );
}

/** What may be told of why it could not be evaluated; null for what nobody foresaw, or what another try may mend. */
export function reasonOf(error: unknown): string | null {
  if (error instanceof NotEvaluable) return error.message;
  if (error instanceof DomainError) return error.code === 'overloaded' ? null : error.detail;
  return error instanceof EngineError ? error.message : null;
}

const WATCHING = 'SELECT id FROM alerts WHERE query_id = ANY ($1) AND user_id = $2 AND is_active ORDER BY id';
