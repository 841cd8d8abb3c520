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
  Unique,
  UpdateDateColumn,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { User } from '../../users/index.js';
import { Query } from './query.entity.js';

export const FEEDBACK_RATINGS = ['up', 'down'] as const;
export type FeedbackRating = (typeof FEEDBACK_RATINGS)[number];

/** What a person thinks of an answer. */
@Entity('query_feedback')
@Unique(['queryId', 'userId'])
@Check('ck_query_feedback_rating', isOneOf('rating', FEEDBACK_RATINGS))
export class QueryFeedback {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  queryId!: number;

  @Column({ type: 'integer' })
  @Index()
  userId!: number;

  @Column({ type: 'varchar', length: 30 })
  rating!: FeedbackRating;

  @Column({ type: 'text', nullable: true })
  comment!: string | null;

  /** The SQL as it should have been. */
  @Column({ type: 'text', nullable: true })
  correctedSql!: string | null;

  /** The key of the question that was corrected, as verified queries have it; null where it does not stand alone. */
  @Column({ type: 'char', length: 64, nullable: true })
  questionKey!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => Query, { onDelete: 'CASCADE' })
  @JoinColumn()
  query!: Relation<Query>;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
