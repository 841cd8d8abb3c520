import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { AlertEvent, type AlertEventKind } from '../entities/alert-event.entity.js';
import { Alert } from '../entities/alert.entity.js';
import { NotificationsService } from '../notifications/notifications.service.js';
import type { WebhookEvent } from '../webhooks/webhook-event.js';
import { type Judgement, needsEarlier } from './alert-condition.js';
import { transitionOf } from './alert-transition.js';

const MOST_OBSERVATIONS = 200;
/**
 * An alert that changes its state, or fails anew, more often than this in an hour is told of once more, and then only written down; how
 * it stands in the end is told when it has become quiet.
 */
const MOST_TOLD_AN_HOUR = 4;

const TITLES: Record<AlertEventKind, string> = {
  triggered: 'has triggered',
  resolved: 'is back to normal',
  failed: 'cannot be evaluated',
};

/** Writes down what evaluations have come to, and tells owners what has changed. */
@Injectable()
export class AlertOutcomes {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly notifications: NotificationsService,
  ) {}

  /** @returns whether the alert has changed its state, so that the run is one to look at */
  apply({ id, condition }: Alert, queryId: number, judgement: Judgement): Promise<boolean> {
    return this.unitOfWork.run(async ({ manager }) => {
      const alert = await this.lock(id, manager);
      // Two runs may be looked at out of order, or one twice; and the condition may be another since this one was judged.
      if (alert === null || queryId <= (alert.evaluatedQueryId ?? 0)) return false;
      if (!isDeepStrictEqual(alert.condition, condition)) return false;
      const { state, streak, event } = transitionOf(alert, judgement);
      const { value } = judgement;
      const keeps = value !== null && needsEarlier(alert.condition);
      const observation = keeps ? [{ at: new Date().toISOString(), value }] : [];
      await manager.update(
        Alert,
        { id },
        {
          state,
          streak,
          failingSince: null,
          evaluatedQueryId: queryId,
          evaluatedAt: new Date(),
          lastValue: value,
          observations: [...alert.observations, ...observation].slice(-MOST_OBSERVATIONS),
          ...(event === 'triggered' ? { lastTriggeredAt: new Date() } : {}),
        },
      );
      if (event === null) {
        await this.catchUp(alert, state === 'triggered' ? 'triggered' : 'resolved', manager);
        return false;
      }
      await this.happened(alert, event, value, { query_id: queryId, sentence: judgement.sentence }, manager);
      return true;
    });
  }

  /** The alert could not be evaluated: its owner is told once, until it can be again. */
  async fail({ id }: Alert, reason: string): Promise<void> {
    await this.unitOfWork.run(async ({ manager }) => {
      const alert = await this.lock(id, manager);
      if (alert === null) return;
      const isNew = alert.failingSince === null;
      const failingSince = alert.failingSince ?? new Date();
      await manager.update(Alert, { id }, { failingSince, evaluatedAt: new Date() });
      if (isNew) await this.happened(alert, 'failed', null, { sentence: reason }, manager);
      else await this.catchUp(alert, 'failed', manager);
    });
  }

  private lock(id: number, manager: EntityManager): Promise<Alert | null> {
    return manager.findOne(Alert, { where: { id, isActive: true }, lock: { mode: 'pessimistic_write' } });
  }

  private async happened(
    alert: Alert,
    kind: AlertEventKind,
    value: number | null,
    details: { query_id?: number; sentence: string },
    manager: EntityManager,
  ): Promise<void> {
    const earlier = await this.changesLately(alert.id, manager);
    const told = earlier <= MOST_TOLD_AN_HOUR;
    const event = await manager.save(AlertEvent, { alertId: alert.id, kind, value, details: { ...details, told } });
    if (!told) return;
    if (earlier < MOST_TOLD_AN_HOUR) await this.tell(alert, event, TITLES[kind], '', manager);
    else await this.tell(alert, event, 'keeps changing', ` ${NOT_TOLD_ANY_MORE}`, manager);
  }

  /** What had changed too often to be told is told when it has stayed as it is since. */
  private async catchUp(alert: Alert, kind: AlertEventKind, manager: EntityManager): Promise<void> {
    const event = await manager.findOne(AlertEvent, { where: { alertId: alert.id }, order: { id: 'DESC' } });
    if (event === null || event.kind !== kind || event.details['told'] !== false) return;
    if ((await this.changesLately(alert.id, manager)) > MOST_TOLD_AN_HOUR) return;
    event.details = { ...event.details, told: true };
    await manager.save(event);
    await this.tell(alert, event, TITLES[kind], ` ${TOLD_LATE}`, manager);
  }

  private async tell(
    { id, userId, name, severity, notificationChannel }: Alert,
    event: AlertEvent,
    what: string,
    more: string,
    manager: EntityManager,
  ): Promise<void> {
    const { id: eventId, kind, value } = event;
    const { told: _, ...details } = event.details;
    await this.notifications.notify(
      {
        userId,
        title: `${severity === 'critical' ? 'Critical: ' : ''}“${name}” ${what}`,
        body: String(details['sentence']) + more,
        channels: [notificationChannel],
        meta: { alert_id: id, alert_event_id: eventId, kind, severity, value, ...details },
        event: `alert.${kind}` satisfies WebhookEvent,
      },
      manager,
    );
  }

  private async changesLately(alertId: number, manager: EntityManager): Promise<number> {
    const [row]: { count: number }[] = await manager.query(LATELY, [alertId]);
    return row?.count ?? 0;
  }
}

const NOT_TOLD_ANY_MORE =
  'It has changed often in the last hour: more of it is written down, and told when it has become quiet.';
const TOLD_LATE = 'It had changed too often to be told at once, and has stayed so since.';

const LATELY = `
  SELECT count(*)::integer AS count FROM (
    SELECT created_at FROM alert_events WHERE alert_id = $1 ORDER BY id DESC LIMIT 20) AS latest
  WHERE created_at > now() - interval '1 hour'`;
