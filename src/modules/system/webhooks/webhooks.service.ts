import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository, type SelectQueryBuilder } from 'typeorm';
import { difference, pick, UnitOfWork } from '../../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../../platform/database/index.js';
import { DomainError, notFound } from '../../../platform/errors/domain-error.js';
import { CredentialCipher, type Principal } from '../../../platform/security/index.js';
import type { CreateWebhookDto, UpdateWebhookDto } from '../dto/webhook.dto.js';
import type { WebhookDelivery } from '../entities/webhook-delivery.entity.js';
import { Webhook } from '../entities/webhook.entity.js';
import { WebhookDeliveries } from './webhook-deliveries.service.js';
import { ALL_EVENTS } from './webhook-event.js';
import { secretPlace } from './webhook-secret.js';
import { WebhookSender } from './webhook-sender.js';
import { newWebhookSecret } from './webhook-signature.js';

const TOLD = ['name', 'url', 'events', 'isActive'] as const;
const MOST_OF_ONE_PERSON = 50;

/** The addresses of other systems that people have told about events, each their own. */
@Injectable()
export class WebhooksService {
  constructor(
    @InjectRepository(Webhook) private readonly webhooks: Repository<Webhook>,
    private readonly unitOfWork: UnitOfWork,
    private readonly cipher: CredentialCipher,
    private readonly sender: WebhookSender,
    private readonly deliveries: WebhookDeliveries,
  ) {}

  list(page: PageQuery, caller: Principal): Promise<Page<Webhook>> {
    return paginate(this.visible(caller), page);
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<Webhook> {
    const webhook = await this.visible(caller).andWhere('webhook.id = :id', { id }).getOne();
    if (webhook === null) throw notFound('webhook');
    return webhook;
  }

  /**
   * @returns the webhook and its secret, which is not given out again
   * @throws DomainError `validation_failed`, `webhook_address_not_allowed`, `conflict` beyond 50 webhooks
   */
  async create(
    { name, url, events = [ALL_EVENTS] }: CreateWebhookDto,
    caller: Principal,
  ): Promise<{ webhook: Webhook; secret: string }> {
    await this.sender.check(url);
    const { userId } = caller;
    return this.unitOfWork.run(async ({ manager, record }) => {
      if ((await manager.countBy(Webhook, { userId })) >= MOST_OF_ONE_PERSON) throw tooMany();
      const { id } = await manager.save(Webhook, { userId, name: name.trim(), url, events, secretEncrypted: '' });
      const secret = await this.renewSecret(id, manager);
      const webhook = await manager.findOneByOrFail(Webhook, { id });
      record({ action: 'webhook.created', objectId: id, after: pick(webhook, TOLD) });
      return { webhook, secret };
    });
  }

  /** @throws DomainError `not_found`, `validation_failed`, `webhook_address_not_allowed` */
  async update(id: number, change: UpdateWebhookDto, caller: Principal): Promise<Webhook> {
    if (change.url !== undefined) await this.sender.check(change.url);
    await this.get(id, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const webhook = await manager.findOne(Webhook, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (webhook === null) throw notFound('webhook');
      const before = { ...webhook };
      webhook.name = change.name?.trim() ?? webhook.name;
      webhook.url = change.url ?? webhook.url;
      webhook.events = change.events ?? webhook.events;
      webhook.isActive = change.is_active ?? webhook.isActive;
      const changed = difference(before, webhook, TOLD);
      if (changed === null) return webhook;
      const saved = await manager.save(webhook);
      record({ action: 'webhook.updated', objectId: id, ...changed });
      return saved;
    });
  }

  /** Removes the webhook with what is on its way to it. @throws DomainError `not_found` */
  async remove(id: number, caller: Principal): Promise<void> {
    const webhook = await this.get(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(Webhook, { id });
      if (affected === 1) record({ action: 'webhook.deleted', objectId: id, before: pick(webhook, TOLD) });
    });
  }

  /** Signs with another key from the next attempt on. @throws DomainError `not_found` */
  async rotate(id: number, caller: Principal): Promise<{ webhook: Webhook; secret: string }> {
    await this.get(id, caller);
    return this.unitOfWork.run(async ({ manager, record }) => {
      const secret = await this.renewSecret(id, manager);
      record({ action: 'webhook.secret_changed', objectId: id });
      return { webhook: await manager.findOneByOrFail(Webhook, { id }), secret };
    });
  }

  /** Sends `webhook.test` there. @throws DomainError `not_found`, `conflict` when it is switched off */
  async test(id: number, caller: Principal): Promise<WebhookDelivery> {
    const { userId } = caller;
    const payload = { webhook_id: id, message: 'It works.' };
    const delivery = await this.deliveries.send(id, { userId, event: 'webhook.test', payload });
    return this.deliveries.get(id, delivery, caller);
  }

  private async renewSecret(id: number, manager: EntityManager): Promise<string> {
    const secret = newWebhookSecret();
    const secretEncrypted = await this.cipher.encrypt(secret, secretPlace(id));
    await manager.update(Webhook, { id }, { secretEncrypted });
    return secret;
  }

  private visible({ userId }: Principal): SelectQueryBuilder<Webhook> {
    return this.webhooks.createQueryBuilder('webhook').where('webhook.userId = :userId', { userId });
  }
}

function tooMany(): DomainError {
  return new DomainError('conflict', `You have ${MOST_OF_ONE_PERSON} webhooks. Remove one before you make another.`);
}
