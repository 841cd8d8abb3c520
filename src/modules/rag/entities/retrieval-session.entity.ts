import {
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
import { Query } from '../../queries/index.js';
import { User } from '../../users/index.js';

/**
 * One search of the documents and what it found. The ids are a record of what was shown then, so they are no foreign
 * keys.
 */
@Entity('retrieval_sessions')
@Index(['userId', 'id'])
export class RetrievalSession {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'integer', nullable: true })
  @ForeignKey('conversations', { onDelete: 'SET NULL' })
  @Index()
  conversationId!: number | null;

  @Column({ type: 'integer', nullable: true })
  @Index()
  queryId!: number | null;

  @Column({ type: 'text' })
  searchText!: string;

  /** Best first. */
  @Column({ type: 'integer', array: true, default: () => "'{}'" })
  retrievedDocIds!: number[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
