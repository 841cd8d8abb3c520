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

  /** Who started it; null when its schedule did. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  userId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  status!: EvaluationRunStatus;

  @Column({ type: 'integer', default: 0 })
  caseCount!: number;

  @Column({ type: 'integer', default: 0 })
  passedCount!: number;

  /** What came of each case. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  outcomes!: Record<string, unknown>[];

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
