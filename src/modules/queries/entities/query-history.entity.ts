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
import { Query } from './query.entity.js';

export const QUERY_ACTIONS = ['created', 'executed', 'edited', 'saved', 'shared', 'answered', 'cancelled'] as const;
export type QueryAction = (typeof QUERY_ACTIONS)[number];

/** What happened to a query, step by step. */
@Entity('query_history')
@Index(['queryId', 'id'])
@Check('ck_query_history_action', isOneOf('action', QUERY_ACTIONS))
export class QueryHistory {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  queryId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  userId!: number | null;

  @Column({ type: 'varchar', length: 20 })
  action!: QueryAction;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  details!: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => Query, { onDelete: 'CASCADE' })
  @JoinColumn()
  query!: Relation<Query>;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn()
  user!: Relation<User> | null;
}
