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
import { Query } from './query.entity.js';

export const RUN_OUTCOMES = ['succeeded', 'failed', 'cancelled'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

/** What one run of a query cost, however it ended. */
@Entity('query_metrics')
@Check('ck_query_metrics_outcome', isOneOf('outcome', RUN_OUTCOMES))
@Index(['queryId', 'id'])
export class QueryMetric {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  queryId!: number;

  @Column({ type: 'varchar', length: 20, default: 'succeeded' })
  outcome!: RunOutcome;

  /** The result is that of an earlier run; nothing ran at the source. */
  @Column({ type: 'boolean', default: false })
  cacheHit!: boolean;

  /** Milliseconds that the run waited for its turn; null for what ran before this was noted, as with the next two. */
  @Column({ type: 'double precision', nullable: true })
  queueMs!: number | null;

  /** Milliseconds from the question to SQL; null where a person wrote the SQL. */
  @Column({ type: 'double precision', nullable: true })
  planMs!: number | null;

  /** Milliseconds that the guard took to check the statement and print it. */
  @Column({ type: 'double precision', nullable: true })
  guardMs!: number | null;

  /** Processor time of the run in milliseconds; null where the source does not tell, and none of today's does. */
  @Column({ type: 'double precision', nullable: true })
  cpuMs!: number | null;

  /** As with processor time. */
  @Column({ type: 'double precision', nullable: true })
  memoryMb!: number | null;

  @Column({ type: 'integer', default: 0 })
  apiCalls!: number;

  @Column({ type: 'integer', default: 0 })
  tokenUsage!: number;

  @Column({ type: 'numeric', precision: 14, scale: 6, default: 0, transformer: { to: Number, from: Number } })
  cost!: number;

  /** Milliseconds from the turn of the run to its end. */
  @Column({ type: 'double precision' })
  executionTimeMs!: number;

  @Column({ type: 'integer' })
  resultRows!: number;

  @Column({ type: 'bigint', transformer: { to: Number, from: Number } })
  resultBytes!: number;

  @CreateDateColumn({ type: 'timestamptz' })
  recordedAt!: Date;

  @ManyToOne(() => Query, { onDelete: 'CASCADE' })
  @JoinColumn()
  query!: Relation<Query>;
}
