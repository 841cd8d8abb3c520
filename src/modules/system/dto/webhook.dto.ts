import { ApiProperty } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
} from 'class-validator';
import { type Page, PageQuery } from '../../../platform/database/index.js';
import { LARGEST_ID, MayBeAbsent } from '../../../platform/http/index.js';
import {
  type DeliveryAttempt,
  WEBHOOK_DELIVERY_STATUSES,
  type WebhookDelivery,
  type WebhookDeliveryStatus,
} from '../entities/webhook-delivery.entity.js';
import type { Webhook } from '../entities/webhook.entity.js';
import { ALL_EVENTS, WEBHOOK_EVENTS } from '../webhooks/webhook-event.js';

const NAMES = [ALL_EVENTS, ...WEBHOOK_EVENTS];

export class CreateWebhookDto {
  /** @example 'Incidents' */
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name!: string;

  /** Where to send to: https, or http; without a user name or a password. @example 'https://example.com/hooks/lumiere' */
  @IsString()
  @MaxLength(2000)
  url!: string;

  /** The events to send; all of them when left out, also those that come later. @example ['alert.triggered'] */
  @ApiProperty({ required: false, enum: NAMES, isArray: true, default: [ALL_EVENTS] })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ArrayUnique()
  @IsIn(NAMES, { each: true })
  events?: string[];
}

/** What is left out stays. */
export class UpdateWebhookDto {
  /** @example 'Incidents' */
  @MayBeAbsent()
  @IsString()
  @Matches(/\S/, { message: 'must not be blank' })
  @MaxLength(200)
  name?: string;

  /** @example 'https://example.com/hooks/lumiere' */
  @MayBeAbsent()
  @IsString()
  @MaxLength(2000)
  url?: string;

  /** @example ['alert.triggered'] */
  @ApiProperty({ required: false, enum: NAMES, isArray: true })
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  @ArrayUnique()
  @IsIn(NAMES, { each: true })
  events?: string[];

  /** Whether anything is sent there. */
  @MayBeAbsent()
  @IsBoolean()
  is_active?: boolean;
}

/** An address of another system that is told about events. */
export class WebhookDto {
  /** @example 3 */
  id!: number;
  /** @example 'Incidents' */
  name!: string;
  /** @example 'https://example.com/hooks/lumiere' */
  url!: string;
  /** @example ['alert.triggered'] */
  events!: string[];
  /** False when it was switched off, by you, or by the receiver, who has answered 410. */
  is_active!: boolean;
  created_at!: Date;
  updated_at!: Date;

  static from({ id, name, url, events, isActive, createdAt, updatedAt }: Webhook): WebhookDto {
    return { id, name, url, events, is_active: isActive, created_at: createdAt, updated_at: updatedAt };
  }
}

/** A webhook with the key that its deliveries are signed with, which is shown this once. */
export class WebhookWithSecretDto extends WebhookDto {
  /** @example 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' */
  secret!: string;

  static withSecret(webhook: Webhook, secret: string): WebhookWithSecretDto {
    return { ...WebhookDto.from(webhook), secret };
  }
}

export class WebhookPageDto {
  items!: WebhookDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<Webhook>): WebhookPageDto {
    return {
      items: items.map((webhook) => WebhookDto.from(webhook)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}

export class DeliveryListQuery extends PageQuery {
  @MayBeAbsent()
  @IsIn(WEBHOOK_DELIVERY_STATUSES)
  status?: WebhookDeliveryStatus;
}

export class ReplayDto {
  /** The delivery to send again. @example 17 */
  @IsInt()
  @Min(1)
  @Max(LARGEST_ID)
  delivery_id!: number;
}

class DeliveryAttemptDto {
  at!: string;
  /** How long it took, in milliseconds. @example 42 */
  ms!: number;
  /** The HTTP status of the answer; null when there was none. @example 200 */
  status!: number | null;
  /** Why it was no delivery; null when it was one. @example null */
  error!: string | null;
}

/** One event on its way to a webhook. */
export class WebhookDeliveryDto {
  /** @example 17 */
  id!: number;
  /** @example 3 */
  webhook_id!: number;
  /** @example 'alert.triggered' */
  event!: string;
  /** What is sent as `data`. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { alert_id: 3 } })
  payload!: Record<string, unknown>;
  status!: WebhookDeliveryStatus;
  /** @example 1 */
  attempts!: number;
  /** Oldest first; of very many only the last ones. */
  attempt_log!: DeliveryAttemptDto[];
  /** Of the last answer. @example 200 */
  response_status!: number | null;
  /** @example null */
  error!: string | null;
  created_at!: Date;
  /** When it is tried again; null when it is not. */
  next_attempt_at!: Date | null;
  delivered_at!: Date | null;

  static from(delivery: WebhookDelivery): WebhookDeliveryDto {
    return {
      id: delivery.id,
      webhook_id: delivery.webhookId,
      event: delivery.event,
      payload: delivery.payload,
      status: delivery.status,
      attempts: delivery.attempts,
      attempt_log: delivery.attemptLog.map(({ at, ms, status, error }: DeliveryAttempt) => ({ at, ms, status, error })),
      response_status: delivery.responseStatus,
      error: delivery.errorMessage,
      created_at: delivery.createdAt,
      next_attempt_at: delivery.nextAttemptAt,
      delivered_at: delivery.deliveredAt,
    };
  }
}

export class WebhookDeliveryPageDto {
  items!: WebhookDeliveryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;

  static from({ items, nextCursor, total }: Page<WebhookDelivery>): WebhookDeliveryPageDto {
    return {
      items: items.map((delivery) => WebhookDeliveryDto.from(delivery)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }
}
