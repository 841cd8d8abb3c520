import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import { JobQueue } from '../../../platform/jobs/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { WebhookDelivery, type WebhookDeliveryStatus } from '../entities/webhook-delivery.entity.js';
import { Webhook } from '../entities/webhook.entity.js';
import { ATTEMPT_DELIVERY, keyOf } from './delivery-job.js';
import { ALL_EVENTS, type WebhookEvent } from './webhook-event.js';

/** Something to tell other systems, in the name of a person. */
export interface Publication {
  /** Whose webhooks. */
  userId: number;
  event: WebhookEvent;
  /** What is told, as JSON. What this person may see, and never a secret. */
  payload: Readonly<Record<string, unknown>>;
}

const LARGEST_PAYLOAD_BYTES = 256 * 1024;

/** What is on its way to webhooks, and what has become of it. */
@Injectable()
export class WebhookDeliveries implements OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobQueue,
  ) {}

  /** Jobs are no part of a backup: after a restore, those of deliveries that were on their way are missing. */
  async onApplicationBootstrap(): Promise<void> {
    const pending = await this.dataSource.manager.find(WebhookDelivery, {
      where: { status: 'pending' },
      select: { id: true, attempts: true, nextAttemptAt: true },
    });
    for (const { id: deliveryId, attempts, nextAttemptAt } of pending) {
      const payload = { deliveryId, attempt: attempts + 1, failures: attempts };
      await this.jobs.enqueue(ATTEMPT_DELIVERY, payload, {
        key: keyOf(payload),
        ...(nextAttemptAt === null ? {} : { startAfter: nextAttemptAt }),
      });
    }
  }

  /**
   * Sends an event to those webhooks of a person that take it: in the background, at least once, tried again for hours.
   *
   * @param manager of a transaction that it is to be part of
   * @returns how many webhooks it goes to
   * @throws Error when the payload is larger than 256 KB
   */
  async publish(publication: Publication, manager?: EntityManager): Promise<number> {
    const { userId, event } = publication;
    const inside = async (inner: EntityManager): Promise<number> => {
      const webhooks: { id: number }[] = await inner.query(TAKING, [userId, event, ALL_EVENTS]);
      for (const { id } of webhooks) await this.add(id, publication, inner);
      return webhooks.length;
    };
    return manager === undefined ? this.unitOfWork.run((change) => inside(change.manager)) : inside(manager);
  }

  /**
   * Sends an event to one webhook, whatever it takes otherwise.
   *
   * @returns the id of the delivery
   * @throws DomainError `not_found` when the person has no such webhook, `conflict` when it is switched off
   */
  async send(webhookId: number, publication: Publication, manager?: EntityManager): Promise<number> {
    const inside = async (inner: EntityManager): Promise<number> => {
      const webhook = await inner.findOneBy(Webhook, { id: webhookId, userId: publication.userId });
      if (webhook === null) throw notFound('webhook');
      if (!webhook.isActive) throw switchedOff();
      return this.add(webhookId, publication, inner);
    };
    return manager === undefined ? this.unitOfWork.run((change) => inside(change.manager)) : inside(manager);
  }

  /** @throws DomainError `not_found` */
  async get(webhookId: number, id: number, caller: Principal): Promise<WebhookDelivery> {
    const delivery = await this.visible(webhookId, caller).andWhere('delivery.id = :id', { id }).getOne();
    if (delivery === null) throw notFound('delivery');
    return delivery;
  }

  /** Newest first. @throws DomainError `not_found` for the webhook */
  async list(
    webhookId: number,
    { status, ...page }: PageQuery & { status?: WebhookDeliveryStatus },
    caller: Principal,
  ): Promise<Page<WebhookDelivery>> {
    await this.webhookOf(webhookId, caller);
    const found = this.visible(webhookId, caller);
    if (status !== undefined) found.andWhere('delivery.status = :status', { status });
    return paginate(found, page);
  }

  /**
   * Sends again what has been delivered or has failed, under the same id; what is on its way stays as it is.
   *
   * @throws DomainError `not_found`, `conflict` when the webhook is switched off
   */
  async replay(webhookId: number, id: number, caller: Principal): Promise<WebhookDelivery> {
    const webhook = await this.webhookOf(webhookId, caller);
    if (!webhook.isActive) throw switchedOff();
    return this.unitOfWork.run(async ({ manager, record }) => {
      const delivery = await manager.findOne(WebhookDelivery, {
        where: { id, webhookId },
        lock: { mode: 'pessimistic_write' },
      });
      if (delivery === null) throw notFound('delivery');
      if (delivery.status === 'pending') return delivery;
      const change = { status: 'pending', nextAttemptAt: new Date(), deliveredAt: null, errorMessage: null } as const;
      await manager.update(WebhookDelivery, { id }, change);
      await this.enqueue(id, delivery.attempts + 1, manager);
      record({ action: 'webhook_delivery.replayed', objectId: id, details: { webhook_id: webhookId } });
      return Object.assign(delivery, change);
    });
  }

  private async add(webhookId: number, { event, payload }: Publication, manager: EntityManager): Promise<number> {
    const text = JSON.stringify(payload);
    if (Buffer.byteLength(text) > LARGEST_PAYLOAD_BYTES) throw new Error(`The payload of ${event} is too large.`);
    const delivery = await manager.save(WebhookDelivery, {
      webhookId,
      event,
      payload: { ...payload },
      status: 'pending' as const,
      nextAttemptAt: new Date(),
    });
    await this.enqueue(delivery.id, 1, manager);
    return delivery.id;
  }

  private async enqueue(deliveryId: number, attempt: number, manager: EntityManager): Promise<void> {
    const payload = { deliveryId, attempt, failures: 0 };
    await this.jobs.enqueue(ATTEMPT_DELIVERY, payload, { manager, key: keyOf(payload) });
  }

  private async webhookOf(id: number, { userId }: Principal): Promise<Webhook> {
    const webhook = await this.dataSource.manager.findOneBy(Webhook, { id, userId });
    if (webhook === null) throw notFound('webhook');
    return webhook;
  }

  private visible(webhookId: number, { userId }: Principal): SelectQueryBuilder<WebhookDelivery> {
    return this.dataSource
      .getRepository(WebhookDelivery)
      .createQueryBuilder('delivery')
      .innerJoin('delivery.webhook', 'webhook')
      .where('delivery.webhookId = :webhookId AND webhook.userId = :userId', { webhookId, userId });
  }
}

function switchedOff(): DomainError {
  return new DomainError('conflict', 'This webhook is switched off. Switch it on first.');
}

const TAKING = `
  SELECT id FROM webhooks WHERE user_id = $1 AND is_active AND events && ARRAY[$2::text, $3::text] ORDER BY id`;
