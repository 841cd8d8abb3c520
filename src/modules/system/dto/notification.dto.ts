import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { IsFlag, MayBeAbsent } from '../../../platform/http/index.js';
import type { Notification, NotificationStatus } from '../entities/notification.entity.js';
import { NOTIFICATION_CHANNELS, type NotificationChannel } from '../notification-channel.js';

export class NotificationListQuery extends PageQuery {
  /** Only those that you have not read, or only those that you have. */
  @IsFlag()
  unread?: boolean;

  /** Only what went this way. */
  @MayBeAbsent()
  @IsIn(NOTIFICATION_CHANNELS)
  channel?: NotificationChannel;
}

/** Something that you should know, and whether you have been told by its channel. */
export class NotificationDto {
  /** @example 12 */
  id!: number;
  /** @example 'Revenue is below 10,000' */
  title!: string;
  /** Plain text. */
  body!: string;
  channel!: NotificationChannel;
  /** `pending` while a mail is on its way. For webhooks `sent` means handed over; see their deliveries. */
  status!: NotificationStatus;
  /** Why it could not be sent. @example null */
  error!: string | null;
  /** What it is about, for programs. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { alert_id: 3 } })
  meta!: Record<string, unknown>;
  created_at!: Date;
  sent_at!: Date | null;
  read_at!: Date | null;

  static from(notification: Notification): NotificationDto {
    return {
      id: notification.id,
      title: notification.title,
      body: notification.body,
      channel: notification.channel,
      status: notification.status,
      error: notification.errorMessage,
      meta: notification.meta,
      created_at: notification.createdAt,
      sent_at: notification.sentAt,
      read_at: notification.readAt,
    };
  }
}

export class NotificationPageDto {
  items!: NotificationDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Notification>): NotificationPageDto {
    return {
      items: items.map((notification) => NotificationDto.from(notification)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

/** How many notifications were marked as read. */
export class ReadAllDto {
  /** @example 3 */
  read!: number;
}
