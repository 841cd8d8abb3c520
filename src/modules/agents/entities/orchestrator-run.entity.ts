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
import { DataSourceEntity } from '../../data-sources/index.js';
import { User } from '../../users/index.js';
import { RUN_STATUSES, type RunStatus } from '../run-status.js';

/** A task that several agents work on, one after the other. */
@Entity('orchestrator_runs')
@Index(['userId', 'id'])
@Index(['userId', 'status', 'id'])
@Check('ck_orchestrator_runs_status', isOneOf('status', RUN_STATUSES))
export class OrchestratorRun {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'integer' })
  @Index()
  dataSourceId!: number;

  @Column({ type: 'varchar', length: 200, nullable: true })
  name!: string | null;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  /** What was asked for, as the client sent it. */
  @Column({ type: 'jsonb' })
  inputSpec!: Record<string, unknown>;

  /** The text that the last step has written. It tells of rows, and is given out as they are. */
  @Column({ type: 'text', nullable: true })
  resultSummary!: string | null;

  @Column({ type: 'text', nullable: true })
  errorText!: string | null;

  /** The job that works on it. */
  @Column({ type: 'uuid', nullable: true })
  jobId!: string | null;

  @Column({ type: 'varchar', length: 30 })
  status!: RunStatus;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity>;
}
