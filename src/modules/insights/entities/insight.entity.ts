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
  UpdateDateColumn,
} from 'typeorm';
import type { Finding } from '../../../engine/findings/index.js';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Query } from '../../queries/index.js';
import { User } from '../../users/index.js';

export const INSIGHT_TYPES = [
  'trend',
  'change',
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

/** What a finding has beside its words. */
export type InsightDetails = Pick<Finding, 'significance' | 'rows' | 'keys' | 'columns'> & {
  figures: Record<string, unknown>;
};

/** Something worth saying about the data. */
@Entity('insights')
@Index(['userId', 'id'])
@Index(['userId', 'isDismissed', 'id'])
@Index(['userId', 'isDismissed', 'insightType', 'id'])
@Index(['userId', 'isDismissed', 'isPinned', 'id'])
@Index(['queryId', 'findingKey', 'userId'], { unique: true, where: 'finding_key IS NOT NULL' })
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

  /** The figures behind it, as the finding had them. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  details!: Partial<InsightDetails>;

  /** Which of the findings of its query it was; null when it was none. */
  @Column({ type: 'varchar', length: 60, nullable: true })
  findingKey!: string | null;

  /** Its owner wants to see it first. */
  @Column({ type: 'boolean', default: false })
  isPinned!: boolean;

  /** Its owner does not want to see it any more. */
  @Column({ type: 'boolean', default: false })
  isDismissed!: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Query, { onDelete: 'CASCADE' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
