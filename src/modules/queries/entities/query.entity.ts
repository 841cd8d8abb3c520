import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  JoinColumn,
  ManyToOne,
  OneToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import type { Dialect } from '../../../engine/catalog/catalog.js';
import type { ConversationState } from '../../../engine/text-to-sql/index.js';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { DataSourceEntity } from '../../data-sources/index.js';
import { User } from '../../users/index.js';
import { Workspace } from '../../workspaces/index.js';
import type { Receipt } from '../receipt.js';
import { QueryResult } from './query-result.entity.js';

export const QUERY_STATUSES = [
  'pending',
  'running',
  'succeeded',
  'failed',
  'cancelled',
  'needs_clarification',
  'unanswerable',
] as const;
export type QueryStatus = (typeof QUERY_STATUSES)[number];

/** What a query is that waits for its turn or has it. */
export const UNFINISHED: ReadonlySet<QueryStatus> = new Set(['pending', 'running']);

export function isUnfinished({ status }: Pick<Query, 'status'>): boolean {
  return UNFINISHED.has(status);
}

export const QUERY_ORIGINS = ['rule_based', 'verified', 'model', 'user_sql'] as const;
export type QueryOrigin = (typeof QUERY_ORIGINS)[number];

export interface StoredClarification {
  question: string;
  options: { value: string; label: string }[];
}

/** Bounds of what a source, or the files, tell of a statement before it runs. */
export interface EstimateCaps {
  rows?: number;
  bytes?: number;
  /** In the source's own unit. */
  cost?: number;
}

/** One question, or one statement of SQL, put to one data source. */
@Entity('queries')
@Index(['userId', 'createdAt', 'id'])
@Index(['userId', 'status', 'createdAt', 'id'])
@Index(['userId', 'origin', 'createdAt', 'id'])
@Index(['userId', 'dataSourceId', 'createdAt', 'id'])
@Index('ix_queries_words', { synchronize: false })
@Index(['userId', 'dataSourceId', 'id'], { where: "choices <> '[]'" })
@Index(['resultKey'], { where: 'result_key IS NOT NULL' })
@Check('ck_queries_status', isOneOf('status', QUERY_STATUSES))
@Check('ck_queries_origin', isOneOf('origin', QUERY_ORIGINS))
@Check('ck_queries_asks', 'natural_language IS NOT NULL OR generated_sql IS NOT NULL')
export class Query {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'integer' })
  @Index()
  dataSourceId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  workspaceId!: number | null;

  /** The conversation that it was asked in. */
  @Column({ type: 'integer', nullable: true })
  @ForeignKey('conversations', { onDelete: 'SET NULL' })
  @Index()
  conversationId!: number | null;

  /** The query that this one was asked after; what of it is gone on from is in `previousState`. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  previousQueryId!: number | null;

  /** The query that this one asks again, the first of them; null for one by itself. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  rerunOfId!: number | null;

  /** What the question goes on from; null for one that stands alone. */
  @Column({ type: 'jsonb', nullable: true })
  previousState!: ConversationState | null;

  /** What the next question may go on from; null for SQL that a person wrote. */
  @Column({ type: 'jsonb', nullable: true })
  state!: ConversationState | null;

  /** The question, followed by the answers in the asker's own words to what was asked back; null for SQL that a person wrote. */
  @Column({ type: 'text', nullable: true })
  naturalLanguage!: string | null;

  /** The SQL, for showing: written by a person or by the engine. What runs is printed from its checked tree. */
  @Column({ type: 'text', nullable: true })
  generatedSql!: string | null;

  @Column({ type: 'varchar', length: 20 })
  engine!: Dialect;

  @Column({ type: 'varchar', length: 30 })
  status!: QueryStatus;

  @Column({ type: 'varchar', length: 20 })
  origin!: QueryOrigin;

  @Column({ type: 'real', nullable: true })
  confidence!: number | null;

  @Column({ type: 'jsonb', nullable: true })
  clarification!: StoredClarification | null;

  /** Values of the clarification options chosen so far, oldest first. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  choices!: string[];

  @Column({ type: 'jsonb', nullable: true })
  receipt!: Receipt | null;

  @Column({ type: 'integer' })
  maxRows!: number;

  @Column({ type: 'integer' })
  timeoutMs!: number;

  /** What the run may be expected to cost, at the most; null without such a bound. */
  @Column({ type: 'jsonb', nullable: true })
  caps!: EstimateCaps | null;

  @Column({ type: 'boolean', default: false })
  dryRun!: boolean;

  /** The same for every run that must have the same result; null when another run may have another. */
  @Column({ type: 'char', length: 64, nullable: true })
  resultKey!: string | null;

  /** The same for everybody who sees the same of the tables that were read; null when no access rule held. */
  @Column({ type: 'char', length: 64, nullable: true })
  accessKey!: string | null;

  @Column({ type: 'varchar', length: 50, nullable: true })
  errorCode!: string | null;

  @Column({ type: 'text', nullable: true })
  errorMessage!: string | null;

  @Column({ type: 'integer', nullable: true })
  executedRows!: number | null;

  @Column({ type: 'boolean', default: false })
  truncated!: boolean;

  @Column({ type: 'double precision', nullable: true })
  executionTimeMs!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  startedAt!: Date | null;

  @Column({ type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  /** Somebody wants it to stop; the process that runs it looks here. */
  @Column({ type: 'timestamptz', nullable: true })
  cancelRequestedAt!: Date | null;

  /** Not stored: nobody is to react to how this run ends. */
  isTrial?: boolean;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity>;

  @ManyToOne(() => Workspace, { onDelete: 'SET NULL' })
  @JoinColumn()
  workspace!: Relation<Workspace> | null;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  previousQuery!: Relation<Query> | null;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  rerunOf!: Relation<Query> | null;

  @OneToOne(() => QueryResult, (result) => result.query)
  result!: Relation<QueryResult> | null;
}
