import {
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
import type { ExportFormat } from './export.entity.js';
import { User } from '../../users/index.js';

/** Who gets a report. */
export interface ReportRecipient {
  /** As it was given: a user name, an email, or `webhook:3`. */
  address: string;
  userId: number;
  webhookId: number | null;
}

/** What is sent, in which format, to whom. */
export type ReportPayload = {
  queryId: number | null;
  dashboardId: number | null;
  format: ExportFormat;
  recipients: ReportRecipient[];
};

/** An export that is made and sent by the clock. */
@Entity('scheduled_reports')
@Index(['userId', 'id'])
@Index('ix_scheduled_reports_due', ['nextRunAt'], { where: 'is_active' })
export class ScheduledReport {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'varchar', length: 100 })
  cronExpr!: string;

  /** A name of the IANA time zone database. */
  @Column({ type: 'varchar', length: 64, default: 'UTC' })
  timezone!: string;

  @Column({ type: 'jsonb' })
  payload!: ReportPayload;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  lastRunAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  nextRunAt!: Date | null;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
