import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { WebhookConfig } from '../../../platform/config/index.js';
import { type JobHandler, JobQueue, type JobTry } from '../../../platform/jobs/index.js';
import { CredentialCipher, UnreadableCredentialError } from '../../../platform/security/index.js';
import { readVersion } from '../../../platform/version.js';
import { type DeliveryAttempt, WebhookDelivery } from '../entities/webhook-delivery.entity.js';
import { Webhook } from '../entities/webhook.entity.js';
import { SystemLogs } from '../logs/system-logs.service.js';
import { NotificationsService } from '../notifications/notifications.service.js';
import { ATTEMPT_DELIVERY, type AttemptPayload, keyOf } from './delivery-job.js';
import { DeliveryError, WebhookSender } from './webhook-sender.js';
import { signatureHeaders } from './webhook-signature.js';
import { secretPlace } from './webhook-secret.js';

const MOST_KEPT_ATTEMPTS = 50;
/** The receiver wants nothing more, ever (RFC 9110, 15.5.11). */
const GONE = 410;

type Outcome = Pick<DeliveryAttempt, 'status' | 'error'> & { isFinal: boolean };

/** Sends what is on its way to webhooks, once per job, and writes down what came of it. */
@Injectable()
export class DeliveryAttempts implements JobHandler<AttemptPayload>, OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobQueue,
    private readonly cipher: CredentialCipher,
    private readonly sender: WebhookSender,
    private readonly config: WebhookConfig,
    private readonly notifications: NotificationsService,
    private readonly logs: SystemLogs,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(ATTEMPT_DELIVERY, this);
  }

  async work(payload: AttemptPayload, { signal }: JobTry): Promise<void> {
    const delivery = await this.find(payload);
    if (delivery === null) return;
    const at = new Date();
    const outcome = await this.attempt(delivery, at, signal);
    // When the server stops, it is no fault of the receiver's: the job is done again by the next one.
    signal.throwIfAborted();
    await this.dataSource.transaction((manager) => this.keep(delivery, payload, at, outcome, manager));
  }

  async givenUp(payload: AttemptPayload): Promise<void> {
    const delivery = await this.find(payload);
    if (delivery === null) return;
    const error = 'The server could not make the attempt. Its log says why.';
    await this.dataSource.transaction((manager) =>
      this.keep(delivery, payload, new Date(), { status: null, error, isFinal: true }, manager),
    );
  }

  private find({ deliveryId: id, attempt }: AttemptPayload): Promise<WebhookDelivery | null> {
    return this.dataSource.manager.findOne(WebhookDelivery, {
      where: { id, status: 'pending', attempts: attempt - 1 },
      relations: { webhook: { user: true } },
    });
  }

  private async attempt(delivery: WebhookDelivery, at: Date, signal: AbortSignal): Promise<Outcome> {
    const { id, webhook, event, payload, createdAt } = delivery;
    if (!webhook.isActive || !webhook.user.isActive) {
      return { status: null, error: 'The webhook, or the account of its owner, is switched off.', isFinal: true };
    }
    const body = JSON.stringify({ type: event, timestamp: createdAt.toISOString(), data: payload });
    try {
      const secret = await this.cipher.decrypt(webhook.secretEncrypted, secretPlace(webhook.id));
      const headers = {
        'content-type': 'application/json',
        'user-agent': `Lumiere/${readVersion()}`,
        ...signatureHeaders(secret, `dlv_${id}`, at, body),
      };
      return outcomeOf(await this.sender.post(webhook.url, headers, body, signal));
    } catch (error) {
      if (error instanceof DeliveryError) return { status: null, error: error.message, isFinal: error.isFinal };
      if (!(error instanceof UnreadableCredentialError)) throw error;
      return { status: null, error: 'The secret of the webhook cannot be read. Make a new one.', isFinal: true };
    }
  }

  private async keep(
    delivery: WebhookDelivery,
    payload: AttemptPayload,
    at: Date,
    { status, error, isFinal }: Outcome,
    manager: EntityManager,
  ): Promise<void> {
    const { id, webhook, attemptLog } = delivery;
    const failures = error === null ? payload.failures : payload.failures + 1;
    const delayMs = isFinal ? undefined : this.config.retryDelaysMs[failures - 1];
    const isRetried = error !== null && delayMs !== undefined;
    const nextAttemptAt = isRetried ? new Date(Date.now() + delayMs) : null;
    const attempt: DeliveryAttempt = { at: at.toISOString(), ms: Date.now() - at.getTime(), status, error };
    const { affected } = await manager.update(
      WebhookDelivery,
      { id, status: 'pending', attempts: payload.attempt - 1 },
      {
        status: error === null ? 'delivered' : isRetried ? 'pending' : 'failed',
        attempts: payload.attempt,
        attemptLog: [...attemptLog, attempt].slice(-MOST_KEPT_ATTEMPTS),
        responseStatus: status,
        errorMessage: error,
        deliveredAt: error === null ? new Date() : null,
        nextAttemptAt,
      },
    );
    if (affected !== 1) return;
    if (status === GONE) await manager.update(Webhook, { id: webhook.id }, { isActive: false });
    if (nextAttemptAt !== null) {
      const next = { deliveryId: id, attempt: payload.attempt + 1, failures };
      await this.jobs.enqueue(ATTEMPT_DELIVERY, next, { manager, key: keyOf(next), startAfter: nextAttemptAt });
    } else if (error !== null) {
      await this.tellOwner(delivery, error, manager);
    }
  }

  private async tellOwner(
    { id, event, webhook: { id: webhookId, userId, name } }: WebhookDelivery,
    error: string,
    manager: EntityManager,
  ): Promise<void> {
    const details = { webhook_id: webhookId, delivery_id: id, event };
    await this.notifications.notify(
      {
        userId,
        title: `A delivery to the webhook “${name}” has failed`,
        body: `${event} could not be delivered, and is not tried any more: ${error}`,
        meta: details,
      },
      manager,
    );
    await this.logs.write(
      { level: 'warn', component: 'webhooks', action: 'delivery_failed', userId, details: { ...details, error } },
      manager,
    );
  }
}

function outcomeOf(status: number): Outcome {
  if (status >= 200 && status < 300) return { status, error: null, isFinal: true };
  if (status === GONE) {
    return { status, error: 'The receiver says that it is gone (410). The webhook is switched off.', isFinal: true };
  }
  if (status >= 300 && status < 400) {
    return { status, error: `The receiver sends us elsewhere (${status}), which is not followed.`, isFinal: false };
  }
  return { status, error: `The receiver answered with ${status}.`, isFinal: false };
}
