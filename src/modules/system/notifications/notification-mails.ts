import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { type JobHandler, JobQueue, NotWorthRetrying } from '../../../platform/jobs/index.js';
import { Mailer } from '../../../platform/mail/index.js';
import { Notification } from '../entities/notification.entity.js';
import { MAIL_NOTIFICATION } from './mail-job.js';
import { NotificationsService } from './notifications.service.js';

const NO_SERVER = 'This installation has no mail server: an administrator can set SMTP_URL.';
const NO_ACCOUNT = 'The account has been switched off.';
const REFUSED = 'The mail server does not take mails to your address.';
const UNKNOWN = 'The mail server could not be reached, or did not take the mail.';
/** The SMTP server says for good that it will not take this mail (RFC 5321, 4.2.1). */
const PERMANENT = 500;

/** Sends notifications by mail; what cannot be sent is told in the application. */
@Injectable()
export class NotificationMails implements JobHandler<{ notificationId: number }>, OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly jobs: JobQueue,
    private readonly mailer: Mailer,
    private readonly notifications: NotificationsService,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(MAIL_NOTIFICATION, this);
  }

  async work({ notificationId: id }: { notificationId: number }): Promise<void> {
    const notification = await this.find(id);
    if (notification === null) return;
    const { user, title, body } = notification;
    if (!this.mailer.canSend) throw new NotWorthRetrying(NO_SERVER);
    if (!user.isActive) throw new NotWorthRetrying(NO_ACCOUNT);
    try {
      // Of the same identity at every try, by which mail servers know what they have had already.
      await this.mailer.send({ to: user.email, subject: oneLine(title), text: body, messageKey: `notification-${id}` });
    } catch (error) {
      // What the server says may name whom we write to, and is for the log.
      throw isPermanent(error) ? new NotWorthRetrying(REFUSED, { cause: error }) : error;
    }
    await this.dataSource.manager.update(
      Notification,
      { id, status: 'pending' },
      { status: 'sent', sentAt: new Date(), errorMessage: null },
    );
  }

  async givenUp({ notificationId: id }: { notificationId: number }, reason: string): Promise<void> {
    const notification = await this.find(id);
    if (notification === null) return;
    const errorMessage = [NO_SERVER, NO_ACCOUNT, REFUSED].find((known) => known === reason) ?? UNKNOWN;
    await this.dataSource.transaction(async (manager) => {
      const { affected } = await manager.update(
        Notification,
        { id, status: 'pending' },
        { status: 'failed', errorMessage },
      );
      if (affected !== 1) return;
      const { userId, title, body, meta, dedupeKey } = notification;
      await this.notifications.notify(
        {
          userId,
          title,
          body: `${body}\n\nThis was to go to you by mail. ${errorMessage}`,
          meta: { ...meta, failed_channel: 'email' },
          dedupeKey,
        },
        manager,
      );
    });
  }

  private find(id: number): Promise<Notification | null> {
    return this.dataSource.manager.findOne(Notification, {
      where: { id, status: 'pending', channel: 'email' },
      relations: { user: true },
    });
  }
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function isPermanent(error: unknown): boolean {
  return (
    error instanceof Error &&
    'responseCode' in error &&
    typeof error.responseCode === 'number' &&
    error.responseCode >= PERMANENT
  );
}
