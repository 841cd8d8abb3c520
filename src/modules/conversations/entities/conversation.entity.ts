import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { DataSourceEntity } from '../../data-sources/index.js';
import { User } from '../../users/index.js';

/** A talk about data, turn by turn. */
@Entity('conversations')
@Index(['userId', 'id'])
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
  sessionState!: Record<string, unknown>;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  lastMessageAt!: Date | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'SET NULL' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity> | null;
}
