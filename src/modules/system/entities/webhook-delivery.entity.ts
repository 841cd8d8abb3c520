import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Webhook } from './webhook.entity.js';

export const WEBHOOK_DELIVERY_STATUSES = ['pending', 'delivered', 'failed'] as const;
export type WebhookDeliveryStatus = (typeof WEBHOOK_DELIVERY_STATUSES)[number];

/** One time that an event was sent. */
export interface DeliveryAttempt {
  /** ISO 8601. */
  at: string;
  ms: number;
  /** The HTTP status of the answer; null when there was none. */
  status: number | null;
  /** Why it was no delivery; null when it was. */
  error: string | null;
}

/** One event on its way to a webhook. */
@Entity('webhook_deliveries')
@Index(['webhookId', 'id'])
@Index(['webhookId', 'status', 'id'])
@Index('ix_webhook_deliveries_due', ['nextAttemptAt'], { where: `status = 'pending'` })
@Check('ck_webhook_deliveries_attempts', 'attempts >= 0')
@Check('ck_webhook_deliveries_status', isOneOf('status', WEBHOOK_DELIVERY_STATUSES))
export class WebhookDelivery {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  webhookId!: number;

  @Column({ type: 'varchar', length: 100 })
  event!: string;

  @Column({ type: 'jsonb' })
  payload!: Record<string, unknown>;

  @Column({ type: 'varchar', length: 30 })
  status!: WebhookDeliveryStatus;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  /** The attempts, oldest first; of very many only the last ones. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  attemptLog!: DeliveryAttempt[];

  /** The HTTP status of the last answer. */
  @Column({ type: 'smallint', nullable: true })
  responseStatus!: number | null;

  @Column({ type: 'text', nullable: true })
  errorMessage!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  nextAttemptAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  deliveredAt!: Date | null;

  @ManyToOne(() => Webhook, { onDelete: 'CASCADE' })
  @JoinColumn()
  webhook!: Relation<Webhook>;
}
