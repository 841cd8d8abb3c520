import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Query } from '../../queries/index.js';
import { User } from '../../users/index.js';

export const INSIGHT_TYPES = [
  'trend',
  'anomaly',
  'explanation',
  'outlier',
  'driver',
  'concentration',
  'correlation',
  'comparison',
  'forecast',
  'summary',
] as const;
export type InsightType = (typeof INSIGHT_TYPES)[number];

/** Something worth saying about the data. */
@Entity('insights')
@Index(['userId', 'id'])
@Check('ck_insights_confidence_score', 'confidence_score BETWEEN 0 AND 1')
@Check('ck_insights_insight_type', isOneOf('insight_type', INSIGHT_TYPES))
export class Insight {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  queryId!: number | null;

  @Column({ type: 'integer', nullable: true })
  @ForeignKey('conversations', { onDelete: 'SET NULL' })
  @Index()
  conversationId!: number | null;

  /** The agent that wrote it; null when the rules found it. */
  @Column({ type: 'integer', nullable: true })
  @ForeignKey('agents', { onDelete: 'SET NULL' })
  @Index()
  authorAgentId!: number | null;

  @Column({ type: 'varchar', length: 300 })
  title!: string;

  @Column({ type: 'text' })
  content!: string;

  @Column({ type: 'varchar', length: 30 })
  insightType!: InsightType;

  @Column({ type: 'real', nullable: true })
  confidenceScore!: number | null;

  /** The figures behind it. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  details!: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Query, { onDelete: 'CASCADE' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
