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
import { DataSourceEntity } from '../../data-sources/index.js';
import { Query } from '../../queries/index.js';
import type { PointedDefinition } from '../document-definitions.js';
import { Conversation, type OpenMatter } from './conversation.entity.js';

export const MESSAGE_ROLES = ['user', 'assistant', 'system', 'tool'] as const;
export type MessageRole = (typeof MESSAGE_ROLES)[number];

export const MESSAGE_STATUSES = ['complete', 'in_progress', 'failed'] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** What a reply is. `help` is what is said to greetings, thanks and the like. */
export const REPLY_KINDS = [
  'answer',
  'clarification',
  'unanswerable',
  'documents',
  'data_source_wanted',
  'remembered',
  'help',
  'failure',
] as const;
export type ReplyKind = (typeof REPLY_KINDS)[number];

/** What a message has beside its words. */
export interface MessageMeta {
  kind?: ReplyKind;
  /** What it leaves open, for a branch that begins here. */
  open?: OpenMatter | null;
  suggestions?: string[];
  /** Passages that it points to, best first. Their text is read anew whenever they are told. */
  passages?: { chunkId: number; documentId: number }[];
  /** Definitions that it points to. Their words are read anew as well. */
  definitions?: PointedDefinition[];
  error?: { code: string; detail: string };
  /** The model that wrote what is said of the result. */
  model?: string;
}

/** One thing said in a conversation. */
@Entity('conversation_messages')
@Index(['conversationId', 'id'])
@Index('ix_conversation_messages_in_progress', ['conversationId'], { unique: true, where: "status = 'in_progress'" })
@Index(['conversationId', 'requestKey'], { unique: true, where: 'request_key IS NOT NULL' })
@Index(['leaseUntil'], { where: "status = 'in_progress'" })
@Index('ix_conversation_messages_words', { synchronize: false })
@Check('ck_conversation_messages_status', isOneOf('status', MESSAGE_STATUSES))
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
  messageMeta!: MessageMeta;

  /** What a model took to write it. */
  @Column({ type: 'integer', nullable: true })
  tokenCount!: number | null;

  /** Ids of the documents that it stands on: a record of what was read then, so no foreign keys. */
  @Column({ type: 'integer', array: true, default: () => "'{}'" })
  sourceIds!: number[];

  /** The query that answers it. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  queryId!: number | null;

  /** The message that it answers. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  replyToId!: number | null;

  /** The data that it is about. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  dataSourceId!: number | null;

  @Column({ type: 'varchar', length: 20, default: 'complete' })
  status!: MessageStatus;

  /** Until when the process that is at work on it is known to live; it says so again and again. */
  @Column({ type: 'timestamptz', nullable: true })
  leaseUntil!: Date | null;

  /** The `Idempotency-Key` that it was sent with. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  requestKey!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => Conversation, { onDelete: 'CASCADE' })
  @JoinColumn()
  conversation!: Relation<Conversation>;

  @ManyToOne(() => ConversationMessage, { onDelete: 'SET NULL' })
  @JoinColumn()
  replyTo!: Relation<ConversationMessage> | null;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'SET NULL' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity> | null;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
