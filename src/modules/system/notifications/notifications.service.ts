import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { UnitOfWork } from '../../../platform/audit/index.js';
import { DomainEvents } from '../../../platform/events/index.js';
import { JobQueue } from '../../../platform/jobs/index.js';
import { NOTIFICATION_CREATED } from '../domain-events.js';
import { Notification } from '../entities/notification.entity.js';
import type { NotificationChannel } from '../notification-channel.js';
import type { WebhookEvent } from '../webhooks/webhook-event.js';
import { WebhookDeliveries } from '../webhooks/webhook-deliveries.service.js';
import { keyOf, MAIL_NOTIFICATION } from './mail-job.js';

/** Something that a person should know. */
export interface Message {
  userId: number;
  /** One line; cut when it is longer than 200 characters. */
  title: string;
  body: string;
  /** How; in the application when left out. A channel that does not work is told about in the application. */
  channels?: readonly NotificationChannel[];
  /** What it is about, for programs: ids and figures that this person may see, never a secret. */
  meta?: Readonly<Record<string, unknown>>;
  /** By one channel nobody is told twice about what has the same key; 200 characters at most. */
  dedupeKey?: string | null;
  /** What webhooks know it as. */
  event?: WebhookEvent;
}

const LONGEST_TITLE = 200;
const NO_WEBHOOK = 'None of your webhooks takes this event. Make one, or switch one on.';

/** Tells people what they should know: in the application, by mail, and by their webhooks. */
@Injectable()
export class NotificationsService implements OnApplicationBootstrap {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEvents,
    private readonly jobs: JobQueue,
    private readonly webhooks: WebhookDeliveries,
  ) {}

  /** Jobs are no part of a backup: after a restore, those of mails that had not gone out are missing. */
  async onApplicationBootstrap(): Promise<void> {
    const unsent = await this.dataSource.manager.find(Notification, {
      where: { status: 'pending', channel: 'email' },
      select: { id: true },
    });
    for (const { id } of unsent) await this.jobs.enqueue(MAIL_NOTIFICATION, { notificationId: id }, { key: keyOf(id) });
  }

  /**
   * Tells a person something. Mails and webhooks go out in the background, and are tried again when they fail.
   *
   * @param manager of a transaction that it is to be part of: nobody is told unless that is committed
   * @returns one id for each channel; none for a channel by which they know it, nor for an account that is gone
   */
  notify(message: Message, manager?: EntityManager): Promise<number[]> {
    if (manager !== undefined) return this.write(message, manager);
    return this.unitOfWork.run((change) => this.write(message, change.manager));
  }

  private async write(message: Message, manager: EntityManager): Promise<number[]> {
    const ids: number[] = [];
    const channels: readonly NotificationChannel[] = message.channels ?? ['in_app'];
    for (const channel of new Set(channels)) {
      const id = await this.insert(message, channel, manager);
      if (id === null) continue;
      ids.push(id);
      if (channel === 'email') {
        await this.jobs.enqueue(MAIL_NOTIFICATION, { notificationId: id }, { manager, key: keyOf(id) });
      }
      if (channel === 'webhook') await this.handToWebhooks(id, message, manager);
      this.events.publish(NOTIFICATION_CREATED, { id, userId: message.userId }, manager);
    }
    return ids;
  }

  private async insert(
    { userId, title, body, meta = {}, dedupeKey = null }: Message,
    channel: NotificationChannel,
    manager: EntityManager,
  ): Promise<number | null> {
    const shortTitle = title.length > LONGEST_TITLE ? `${title.slice(0, LONGEST_TITLE - 1)}…` : title;
    const [row]: { id: number }[] = await manager.query(INSERT, [
      userId,
      storable(shortTitle),
      storable(body),
      channel,
      JSON.stringify(meta, (_, value: unknown) => (typeof value === 'string' ? storable(value) : value)),
      dedupeKey,
    ]);
    return row?.id ?? null;
  }

  private async handToWebhooks(id: number, message: Message, manager: EntityManager): Promise<void> {
    const { userId, title, body, meta = {}, event = 'notification.created' } = message;
    const payload = { ...meta, notification_id: id, title, body };
    const count = await this.webhooks.publish({ userId, event, payload }, manager);
    const outcome =
      count > 0
        ? ({ status: 'sent', sentAt: new Date() } as const)
        : ({ status: 'failed', errorMessage: NO_WEBHOOK } as const);
    await manager.update(Notification, { id }, outcome);
    if (count > 0) return;
    const copy = { ...message, meta: { ...meta, failed_channel: 'webhook' }, channels: ['in_app'] as const };
    await this.write({ ...copy, body: `${body}\n\nThis was to go to a webhook. ${NO_WEBHOOK}` }, manager);
  }
}

/** PostgreSQL keeps neither U+0000 nor halves of surrogate pairs. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

// In the application it has been told as soon as it is there.
const INSERT = `
  INSERT INTO notifications (user_id, title, body, channel, status, meta, dedupe_key, sent_at)
  SELECT id, $2::varchar, $3::text, $4::varchar, CASE $4::varchar WHEN 'in_app' THEN 'sent' ELSE 'pending' END,
         $5::jsonb, $6::varchar, CASE $4::varchar WHEN 'in_app' THEN now() END
  FROM users WHERE id = $1 FOR KEY SHARE
  ON CONFLICT DO NOTHING
  RETURNING id`;
