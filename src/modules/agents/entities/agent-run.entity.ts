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
import { Query } from '../../queries/index.js';
import { User } from '../../users/index.js';
import { RUN_STATUSES, type RunStatus } from '../run-status.js';
import { Agent } from './agent.entity.js';
import { OrchestratorRun } from './orchestrator-run.entity.js';

/** One task of one agent, alone or as a step of an orchestrator run. */
@Entity('agent_runs')
@Index(['agentId', 'id'])
@Index(['orchestratorRunId', 'id'])
@Index(['userId', 'id'])
@Index(['userId', 'agentId', 'id'])
@Check('ck_agent_runs_status', isOneOf('status', RUN_STATUSES))
export class AgentRun {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  agentId!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  queryId!: number | null;

  /** The source that it is about; null where it is about none. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  dataSourceId!: number | null;

  @Column({ type: 'integer', nullable: true })
  orchestratorRunId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  status!: RunStatus;

  @Column({ type: 'jsonb' })
  input!: Record<string, unknown>;

  @Column({ type: 'jsonb', nullable: true })
  output!: Record<string, unknown> | null;

  @Column({ type: 'text', nullable: true })
  errorText!: string | null;

  /** Of a language model. */
  @Column({ type: 'integer', default: 0 })
  tokenUsage!: number;

  @Column({ type: 'numeric', precision: 14, scale: 6, default: 0, transformer: { to: Number, from: Number } })
  cost!: number;

  /** The job that works on it; null for a step of an orchestrator run. */
  @Column({ type: 'uuid', nullable: true })
  jobId!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  @ManyToOne(() => Agent, { onDelete: 'CASCADE' })
  @JoinColumn()
  agent!: Relation<Agent>;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  query!: Relation<Query> | null;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity> | null;

  @ManyToOne(() => OrchestratorRun, { onDelete: 'CASCADE' })
  @JoinColumn()
  orchestratorRun!: Relation<OrchestratorRun> | null;
}
