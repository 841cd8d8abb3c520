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
import type { RunReport } from '../evaluations/run-report.js';
import { EvaluationSuite } from './evaluation-suite.entity.js';

export const EVALUATION_RUN_STATUSES = ['pending', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type EvaluationRunStatus = (typeof EVALUATION_RUN_STATUSES)[number];

/** One measurement of a suite. */
@Entity('evaluation_runs')
@Index(['suiteId', 'id'])
@Check('ck_evaluation_runs_passed', 'passed_count BETWEEN 0 AND case_count')
@Check('ck_evaluation_runs_status', isOneOf('status', EVALUATION_RUN_STATUSES))
export class EvaluationRun {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  suiteId!: number;

  /** In whose name it asks; null when that account is gone. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  userId!: number | null;

  @Column({ type: 'boolean', default: false })
  scheduled!: boolean;

  /** Whether verified queries, corrections and earlier choices counted, as for everybody who asks. */
  @Column({ type: 'boolean', default: false })
  learned!: boolean;

  /** The job that does the work. */
  @Column({ type: 'uuid', nullable: true })
  jobId!: string | null;

  @Column({ type: 'varchar', length: 30 })
  status!: EvaluationRunStatus;

  @Column({ type: 'integer', default: 0 })
  caseCount!: number;

  /** Cases that have been tried. */
  @Column({ type: 'integer', default: 0 })
  doneCount!: number;

  /** Cases with the right reply. */
  @Column({ type: 'integer', default: 0 })
  passedCount!: number;

  /** What it came to; null until it has succeeded. */
  @Column({ type: 'jsonb', nullable: true })
  report!: RunReport | null;

  /** Whether the gate of the suite was passed; null without a gate. */
  @Column({ type: 'boolean', nullable: true })
  passed!: boolean | null;

  @Column({ type: 'text', nullable: true })
  errorMessage!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  @ManyToOne(() => EvaluationSuite, { onDelete: 'CASCADE' })
  @JoinColumn()
  suite!: Relation<EvaluationSuite>;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn()
  user!: Relation<User> | null;
}
