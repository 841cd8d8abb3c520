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
import { User } from '../../users/index.js';
import { NOTIFICATION_CHANNELS, type NotificationChannel } from '../notification-channel.js';

export const NOTIFICATION_STATUSES = ['pending', 'sent', 'failed'] as const;
export type NotificationStatus = (typeof NOTIFICATION_STATUSES)[number];

/** Something to tell a person, and whether it has been told. */
@Entity('notifications')
@Index(['userId', 'id'])
@Index(['userId', 'channel', 'id'])
@Index('ix_notifications_unread', ['userId', 'id'], { where: 'read_at IS NULL' })
@Index('uq_notifications_dedupe_key', ['userId', 'channel', 'dedupeKey'], {
  unique: true,
  where: 'dedupe_key IS NOT NULL',
})
@Index('ix_notifications_pending', ['id'], { where: `status = 'pending'` })
@Check('ck_notifications_channel', isOneOf('channel', NOTIFICATION_CHANNELS))
@Check('ck_notifications_status', isOneOf('status', NOTIFICATION_STATUSES))
export class Notification {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'varchar', length: 200 })
  title!: string;

  @Column({ type: 'text' })
  body!: string;

  @Column({ type: 'varchar', length: 30 })
  channel!: NotificationChannel;

  @Column({ type: 'varchar', length: 30 })
  status!: NotificationStatus;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  meta!: Record<string, unknown>;

  /** What it is about, so that nobody is told the same twice by the same channel. */
  @Column({ type: 'varchar', length: 200, nullable: true })
  dedupeKey!: string | null;

  /** Why it could not be sent. */
  @Column({ type: 'text', nullable: true })
  errorMessage!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  sentAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  readAt!: Date | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
