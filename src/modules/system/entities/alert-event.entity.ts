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
import { Alert } from './alert.entity.js';

export const ALERT_EVENT_KINDS = ['triggered', 'resolved', 'failed'] as const;
export type AlertEventKind = (typeof ALERT_EVENT_KINDS)[number];

/** One time that an alert was looked at and had something to say. */
@Entity('alert_events')
@Index(['alertId', 'id'])
@Check('ck_alert_events_kind', isOneOf('kind', ALERT_EVENT_KINDS))
export class AlertEvent {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  alertId!: number;

  @Column({ type: 'varchar', length: 30 })
  kind!: AlertEventKind;

  /** The figure that was compared, where there is one. */
  @Column({ type: 'double precision', nullable: true })
  value!: number | null;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  details!: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => Alert, { onDelete: 'CASCADE' })
  @JoinColumn()
  alert!: Relation<Alert>;
}
