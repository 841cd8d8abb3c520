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

/** Where a passage was when it was found. Its text is not kept: it is read anew by who may still see it. */
export interface KeptPassage {
  documentId: number;
  chunkId: number;
  start: number;
  end: number;
  score: number;
}

/**
 * One search of the documents and what it found. The ids are a record of what was shown then, so they are no foreign
 * keys.
 */
@Entity('retrieval_sessions')
@Index(['userId', 'id'])
@Index(['apiKeyId', 'id'])
export class RetrievalSession {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  /** The key that it was made with; null for somebody who had signed in. */
  @Column({ type: 'integer', nullable: true })
  @ForeignKey('api_keys', { onDelete: 'SET NULL' })
  apiKeyId!: number | null;

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

  /** Best first. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  passages!: KeptPassage[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
