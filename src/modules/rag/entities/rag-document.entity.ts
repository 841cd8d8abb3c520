import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  UpdateDateColumn,
} from 'typeorm';
import { DataSourceEntity } from '../../data-sources/index.js';
import { User } from '../../users/index.js';

/** A text that answers may stand on. Its owner cannot be deleted before it is handed over. */
@Entity('rag_documents')
@Index(['ownerId', 'id'])
export class RagDocument {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  ownerId!: number;

  /** The source that it is about; null for a document on its own. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  dataSourceId!: number | null;

  @Column({ type: 'varchar', length: 500 })
  title!: string;

  @Column({ type: 'text' })
  content!: string;

  /** SHA-256 of the content, hexadecimal: the same text is not read in twice. */
  @Column({ type: 'char', length: 64 })
  @Index()
  contentHash!: string;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'RESTRICT' })
  @JoinColumn()
  owner!: Relation<User>;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity> | null;
}
