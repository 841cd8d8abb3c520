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
import { DataSourceEntity } from '../../data-sources/index.js';
import { User } from '../../users/index.js';

/** What the next message may settle. */
export type OpenMatter =
  /** The query asks back. */
  | { kind: 'clarification'; queryId: number }
  /** Nobody has said yet which data the question is about. */
  | { kind: 'data_source'; question: string; options: { value: string; label: string }[] };

/** What the next turn needs to know of those before it. */
export interface SessionState {
  open?: OpenMatter | null;
}

/** A talk about data, turn by turn. */
@Entity('conversations')
@Index(['userId', 'isActive', 'lastMessageAt', 'id'])
@Index('ix_conversations_of_source', ['userId', 'dataSourceId', 'isActive', 'lastMessageAt', 'id'])
@Index('ix_conversations_words', { synchronize: false })
export class Conversation {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  dataSourceId!: number | null;

  @Column({ type: 'varchar', length: 300, nullable: true })
  title!: string | null;

  /** BCP 47, such as `en` or `de-CH`. */
  @Column({ type: 'varchar', length: 35, nullable: true })
  language!: string | null;

  /** What the next turn needs to know of those before it. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  sessionState!: SessionState;

  /** False for one that has been put away. */
  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  /** The conversation that it branches off from. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  parentId!: number | null;

  /** The last message of that one that both have. */
  @Column({ type: 'integer', nullable: true })
  @ForeignKey('conversation_messages', { onDelete: 'SET NULL' })
  @Index()
  branchedFromId!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  /** Its own beginning, while nothing has been said. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  lastMessageAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Conversation, { onDelete: 'SET NULL' })
  @JoinColumn()
  parent!: Relation<Conversation> | null;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'SET NULL' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity> | null;
}
