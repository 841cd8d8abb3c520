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
import { Export } from './export.entity.js';
import { ScheduledReport } from './scheduled-report.entity.js';

export const REPORT_DELIVERY_STATUSES = ['pending', 'sent', 'failed'] as const;
export type ReportDeliveryStatus = (typeof REPORT_DELIVERY_STATUSES)[number];

/** One report on its way to one recipient. A repeated run finds its row and does not send twice. */
@Entity('report_deliveries')
@Unique(['scheduledReportId', 'scheduledFor', 'recipient'])
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

  @Column({ type: 'varchar', length: 320 })
  recipient!: string;

  /** The time that the schedule named. */
  @Column({ type: 'timestamptz' })
  scheduledFor!: Date;

  @Column({ type: 'varchar', length: 30 })
  status!: ReportDeliveryStatus;

  @Column({ type: 'integer', default: 0 })
  attempts!: number;

  @Column({ type: 'text', nullable: true })
  errorMessage!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  sentAt!: Date | null;

  @ManyToOne(() => ScheduledReport, { onDelete: 'CASCADE' })
  @JoinColumn()
  scheduledReport!: Relation<ScheduledReport>;

  @ManyToOne(() => Export, { onDelete: 'SET NULL' })
  @JoinColumn()
  export!: Relation<Export> | null;
}
