import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { Query } from './query.entity.js';

/** What one run of a query cost. */
@Entity('query_metrics')
export class QueryMetric {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  queryId!: number;

  /** Processor time of the run in milliseconds; null where the source does not tell. */
  @Column({ type: 'double precision', nullable: true })
  cpuMs!: number | null;

  @Column({ type: 'double precision', nullable: true })
  memoryMb!: number | null;

  @Column({ type: 'integer', default: 0 })
  apiCalls!: number;

  @Column({ type: 'integer', default: 0 })
  tokenUsage!: number;

  @Column({ type: 'numeric', precision: 14, scale: 6, default: 0, transformer: { to: Number, from: Number } })
  cost!: number;

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
