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
  UpdateDateColumn,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { User } from '../../users/index.js';
import { NOTIFICATION_CHANNELS, type NotificationChannel } from '../notification-channel.js';

export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

/** A condition that somebody wants to be told about. */
@Entity('alerts')
@Index(['userId', 'id'])
@Check('ck_alerts_severity', isOneOf('severity', ALERT_SEVERITIES))
@Check('ck_alerts_notification_channel', isOneOf('notification_channel', NOTIFICATION_CHANNELS))
export class Alert {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  /** What is watched and when it counts; its shape depends on the kind of condition, and it names its query by id. */
  @Column({ type: 'jsonb' })
  condition!: Record<string, unknown>;

  @Column({ type: 'varchar', length: 30 })
  severity!: AlertSeverity;

  @Column({ type: 'varchar', length: 30 })
  notificationChannel!: NotificationChannel;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  lastTriggeredAt!: Date | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
