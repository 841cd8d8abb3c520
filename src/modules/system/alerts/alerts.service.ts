import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import { JobQueue } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import type { AlertListQuery, AlertTrial, CreateAlertDto, UpdateAlertDto } from '../dto/alert.dto.js';
import { AlertEvent } from '../entities/alert-event.entity.js';
import { Alert } from '../entities/alert.entity.js';
import type { AlertCondition } from './alert-condition.js';
import { AlertEvaluations, reasonOf } from './alert-evaluations.js';
import { EVALUATE_ALERT, scheduleKey } from './alert-jobs.js';
import { transitionOf } from './alert-transition.js';
import { readCondition, readTimes } from './read-condition.js';

const TOLD = ['name', 'queryId', 'condition', 'severity', 'notificationChannel', 'isActive'] as const;
const MOST_OF_ONE_PERSON = 200;
/** What an alert is that has not been evaluated yet. */
const NEW = {
  state: 'ok',
  streak: 0,
  failingSince: null,
  evaluatedQueryId: null,
  lastValue: null,
  observations: [],
} as const;

/** What people want to be told about, each their own. */
@Injectable()
export class AlertsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobQueue,
    private readonly evaluations: AlertEvaluations,
  ) {}

  list({ state, ...page }: AlertListQuery, caller: Principal): Promise<Page<Alert>> {
    const found = this.visible(caller);
    if (state !== undefined) found.andWhere('alert.state = :state', { state });
    return paginate(found, page);
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<Alert> {
    const alert = await this.visible(caller).andWhere('alert.id = :id', { id }).getOne();
    if (alert === null) throw notFound('alert');
    return alert;
  }

  /** @throws DomainError `not_found` for the query, `validation_failed` when condition and query do not go together, `conflict` beyond 200 alerts */
  async create(request: CreateAlertDto, caller: Principal): Promise<Alert> {
    const { userId } = caller;
    const {
      name,
      severity = 'warning',
      notification_channel: notificationChannel = 'in_app',
      is_active: isActive = true,
    } = request;
    const condition = await this.read(request.condition, caller);
    const values = { userId, name: name.trim(), severity, notificationChannel, isActive };
    return this.unitOfWork.run(async ({ manager, record }) => {
      if ((await manager.countBy(Alert, { userId })) >= MOST_OF_ONE_PERSON) throw tooMany();
      const { id } = await manager.save(Alert, { ...values, condition, queryId: condition.query_id });
      const alert = await manager.findOneByOrFail(Alert, { id });
      await this.schedule(alert, manager);
      record({ action: 'alert.created', objectId: id, after: pick(alert, TOLD) });
      return alert;
    });
  }

  /** With another condition it begins anew. @throws DomainError `not_found`, `validation_failed` */
  async update(id: number, change: UpdateAlertDto, caller: Principal): Promise<Alert> {
    await this.get(id, caller);
    const condition = change.condition === undefined ? undefined : await this.read(change.condition, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const alert = await manager.findOne(Alert, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (alert === null) throw notFound('alert');
      const before = { ...alert };
      alert.name = change.name?.trim() ?? alert.name;
      alert.severity = change.severity ?? alert.severity;
      alert.notificationChannel = change.notification_channel ?? alert.notificationChannel;
      alert.isActive = change.is_active ?? alert.isActive;
      if (condition !== undefined) Object.assign(alert, { condition, queryId: condition.query_id });
      const changed = difference(before, alert, TOLD);
      if (changed === null) return alert;
      if (JSON.stringify(before.condition) !== JSON.stringify(alert.condition))
        Object.assign(alert, NEW, { observations: [] });
      const saved = await manager.save(alert);
      await this.schedule(saved, manager);
      record({ action: 'alert.updated', objectId: id, ...changed });
      return saved;
    });
  }

  /** Removes the alert with its history. @throws DomainError `not_found` */
  async remove(id: number, caller: Principal): Promise<void> {
    const alert = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(Alert, { id });
      await this.jobs.unschedule(EVALUATE_ALERT, scheduleKey(id), manager);
      if (affected === 1) record({ action: 'alert.deleted', objectId: id, before: pick(alert, TOLD) });
    });
  }

  /** Evaluates it now and says what would come of it; nothing is written or told. @throws DomainError `not_found`, `overloaded` */
  async test(id: number, caller: Principal, signal: AbortSignal): Promise<AlertTrial> {
    const alert = await this.get(id, caller);
    try {
      const judgement = await this.evaluations.attempt(alert, caller, signal);
      const { event } = transitionOf(alert, judgement);
      const would = event === 'triggered' ? 'trigger' : event === 'resolved' ? 'resolve' : 'nothing';
      return { would, ...judgement };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === null) throw error;
      return { would: 'fail', met: null, value: null, sentence: reason };
    }
  }

  /** What has become of it, newest first. @throws DomainError `not_found` */
  async events(id: number, page: PageQuery, caller: Principal): Promise<Page<AlertEvent>> {
    await this.get(id, caller);
    const events = this.dataSource.getRepository(AlertEvent).createQueryBuilder('event');
    return paginate(events.where('event.alertId = :id', { id }), page);
  }

  private async read(wanted: CreateAlertDto['condition'], caller: Principal): Promise<AlertCondition> {
    readTimes(wanted, this.jobs);
    return readCondition(wanted, await this.evaluations.watched.columns(wanted.query_id, caller));
  }

  private async schedule({ id, userId, isActive, condition }: Alert, manager: EntityManager): Promise<void> {
    const { schedule: cron, timezone } = condition;
    const key = scheduleKey(id);
    if (cron === null || !isActive) return this.jobs.unschedule(EVALUATE_ALERT, key, manager);
    const payload = { alertId: id, queryId: null };
    return this.jobs.schedule(EVALUATE_ALERT, { key, cron, timezone, payload, userId }, manager);
  }

  private visible({ userId }: Principal): SelectQueryBuilder<Alert> {
    return this.dataSource.getRepository(Alert).createQueryBuilder('alert').where('alert.userId = :userId', { userId });
  }
}

function tooMany(): DomainError {
  return new DomainError('conflict', `You have ${MOST_OF_ONE_PERSON} alerts. Remove one before you make another.`);
}
