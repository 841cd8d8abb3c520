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
  Unique,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { User } from '../../users/index.js';
import { Export } from './export.entity.js';
import { ScheduledReport } from './scheduled-report.entity.js';

export const REPORT_DELIVERY_STATUSES = ['pending', 'sent', 'failed'] as const;
export type ReportDeliveryStatus = (typeof REPORT_DELIVERY_STATUSES)[number];

/** One try of a delivery. */
export interface DeliveryAttempt {
  /** ISO 8601. */
  at: string;
  /** Why it did not succeed; null when it did. */
  error: string | null;
}

/** One report on its way to one recipient. A repeated run finds its row and does not send twice. */
@Entity('report_deliveries')
@Unique(['scheduledReportId', 'scheduledFor', 'recipient'])
@Index(['scheduledReportId', 'id'])
@Check('ck_report_deliveries_attempts', 'attempts >= 0')
@Check('ck_report_deliveries_status', isOneOf('status', REPORT_DELIVERY_STATUSES))
export class ReportDelivery {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  scheduledReportId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  exportId!: number | null;

  /** As the report names them. */
  @Column({ type: 'varchar', length: 320 })
  recipient!: string;

  /** Whose permissions hold; null when that account is gone. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  recipientUserId!: number | null;

  /** The webhook that it goes to; null for a mail. */
  @Column({ type: 'integer', nullable: true })
  webhookId!: number | null;

  /** The time that the schedule named. */
  @Column({ type: 'timestamptz' })
  scheduledFor!: Date;

  @Column({ type: 'varchar', length: 30 })
  status!: ReportDeliveryStatus;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  /** The tries, oldest first. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  attemptLog!: DeliveryAttempt[];

  @Column({ type: 'text', nullable: true })
  errorMessage!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  sentAt!: Date | null;

  @ManyToOne(() => ScheduledReport, { onDelete: 'CASCADE' })
  @JoinColumn()
  scheduledReport!: Relation<ScheduledReport>;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn()
  recipientUser!: Relation<User> | null;

  @ManyToOne(() => Export, { onDelete: 'SET NULL' })
  @JoinColumn()
  export!: Relation<Export> | null;
}
