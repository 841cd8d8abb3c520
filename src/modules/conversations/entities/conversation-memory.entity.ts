import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
  UpdateDateColumn,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Conversation } from './conversation.entity.js';

export const MEMORY_TYPES = ['short_term', 'long_term', 'user_pref'] as const;
export type MemoryType = (typeof MEMORY_TYPES)[number];

/** Something to remember from a conversation. */
@Entity('conversation_memory')
@Unique(['conversationId', 'memoryType', 'key'])
@Check('ck_conversation_memory_relevance_score', 'relevance_score BETWEEN 0 AND 1')
@Check('ck_conversation_memory_memory_type', isOneOf('memory_type', MEMORY_TYPES))
export class ConversationMemory {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  conversationId!: number;

  @Column({ type: 'varchar', length: 30 })
  memoryType!: MemoryType;

  @Column({ type: 'varchar', length: 200 })
  key!: string;

  @Column({ type: 'jsonb' })
  value!: Record<string, unknown>;

  @Column({ type: 'real', default: 1 })
  relevanceScore!: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => Conversation, { onDelete: 'CASCADE' })
  @JoinColumn()
  conversation!: Relation<Conversation>;
}
