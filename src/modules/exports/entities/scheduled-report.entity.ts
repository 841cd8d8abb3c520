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
import { User } from '../../users/index.js';

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

  /** What is sent, in which format, to whom. */
  @Column({ type: 'jsonb' })
  payload!: Record<string, unknown>;

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
