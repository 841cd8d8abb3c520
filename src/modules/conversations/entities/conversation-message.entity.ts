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
import { Query } from '../../queries/index.js';
import { Conversation } from './conversation.entity.js';

export const MESSAGE_ROLES = ['user', 'assistant', 'system', 'tool'] as const;
export type MessageRole = (typeof MESSAGE_ROLES)[number];

/** One thing said in a conversation. */
@Entity('conversation_messages')
@Index(['conversationId', 'id'])
@Check('ck_conversation_messages_token_count', 'token_count >= 0')
@Check('ck_conversation_messages_role', isOneOf('role', MESSAGE_ROLES))
export class ConversationMessage {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  conversationId!: number;

  /** Name of the person or the agent that said it, as it was then. */
  @Column({ type: 'varchar', length: 100 })
  sender!: string;

  @Column({ type: 'varchar', length: 30 })
  role!: MessageRole;

  @Column({ type: 'text' })
  messageText!: string;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  messageMeta!: Record<string, unknown>;

  @Column({ type: 'integer', nullable: true })
  tokenCount!: number | null;

  /** Ids of the documents that it stands on: a record of what was read then, so no foreign keys. */
  @Column({ type: 'integer', array: true, default: () => "'{}'" })
  sourceIds!: number[];

  /** The query that answers it. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  queryId!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => Conversation, { onDelete: 'CASCADE' })
  @JoinColumn()
  conversation!: Relation<Conversation>;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
