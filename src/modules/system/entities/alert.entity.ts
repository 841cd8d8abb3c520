import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  UpdateDateColumn,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { User } from '../../users/index.js';
import type { AlertCondition } from '../alerts/alert-condition.js';
import { NOTIFICATION_CHANNELS, type NotificationChannel } from '../notification-channel.js';

export const ALERT_SEVERITIES = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof ALERT_SEVERITIES)[number];

export const ALERT_STATES = ['ok', 'triggered'] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** What the figure was at an evaluation. */
export interface Observation {
  /** ISO 8601. */
  at: string;
  value: number;
}

/** A condition that somebody wants to be told about. */
@Entity('alerts')
@Index(['userId', 'id'])
@Index(['userId', 'state', 'id'])
@Check('ck_alerts_state', isOneOf('state', ALERT_STATES))
@Check('ck_alerts_streak', 'streak >= 0')
@Check('ck_alerts_severity', isOneOf('severity', ALERT_SEVERITIES))
@Check('ck_alerts_notification_channel', isOneOf('notification_channel', NOTIFICATION_CHANNELS))
export class Alert {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  /** The query that is watched; null when it has been removed. */
  @Column({ type: 'integer', nullable: true })
  @ForeignKey('queries', { onDelete: 'SET NULL' })
  @Index()
  queryId!: number | null;

  /** What is watched and when it counts. */
  @Column({ type: 'jsonb' })
  condition!: AlertCondition;

  @Column({ type: 'varchar', length: 30 })
  severity!: AlertSeverity;

  @Column({ type: 'varchar', length: 30 })
  notificationChannel!: NotificationChannel;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  @Column({ type: 'varchar', length: 30, default: 'ok' })
  state!: AlertState;

  /** Evaluations in a row that spoke for the other state. */
  @Column({ type: 'smallint', default: 0 })
  streak!: number;

  /** Since when it cannot be evaluated; null when it can. */
  @Column({ type: 'timestamptz', nullable: true })
  failingSince!: Date | null;

  /** The last run of the query that was looked at. */
  @Column({ type: 'integer', nullable: true })
  evaluatedQueryId!: number | null;

  @Column({ type: 'timestamptz', nullable: true })
  evaluatedAt!: Date | null;

  /** The figure of the last evaluation. */
  @Column({ type: 'double precision', nullable: true })
  lastValue!: number | null;

  /** Figures of earlier evaluations, oldest first, where they are compared with; the last 200. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  observations!: Observation[];

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
