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
  UpdateDateColumn,
} from 'typeorm';
import { DOCUMENT_FORMATS, type DocumentFormat } from '../../../engine/retrieval/document.js';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { DataSourceEntity } from '../../data-sources/index.js';
import { User } from '../../users/index.js';

export const DOCUMENT_STATUSES = ['processing', 'ready', 'failed'] as const;
export type DocumentStatus = (typeof DOCUMENT_STATUSES)[number];

/** A text that answers may stand on. Its owner cannot be deleted before it is handed over. */
@Entity('rag_documents')
@Index(['ownerId', 'id'])
@Index('uq_rag_documents_content', { synchronize: false })
@Index('ix_rag_documents_place', { synchronize: false })
@Index('ix_rag_documents_place_status', { synchronize: false })
@Check('ck_rag_documents_status', isOneOf('status', DOCUMENT_STATUSES))
@Check('ck_rag_documents_format', isOneOf('format', DOCUMENT_FORMATS))
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

  /** As it was read; not loaded unless it is asked for, because it may be long. */
  @Column({ type: 'text', select: false })
  content!: string;

  @Column({ type: 'varchar', length: 20, default: 'text' })
  format!: DocumentFormat;

  @Column({ type: 'varchar', length: 12, default: 'ready' })
  status!: DocumentStatus;

  /** Why it failed; null otherwise. */
  @Column({ type: 'varchar', length: 50, nullable: true })
  errorCode!: string | null;

  @Column({ type: 'text', nullable: true })
  errorDetail!: string | null;

  /** What its owner calls the file; null when it was sent as text. */
  @Column({ type: 'varchar', length: 500, nullable: true })
  fileName!: string | null;

  /** A text search configuration of PostgreSQL, by which its words are reduced to their stems. */
  @Column({ type: 'varchar', length: 30, default: 'english' })
  language!: string;

  /** Of what was sent. */
  @Column({ type: 'integer', default: 0 })
  sizeBytes!: number;

  /** Goes up with every replacement, so that work on what was replaced is given up. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column({ type: 'integer', default: 0 })
  chunksCount!: number;

  /** Sum of the lengths of its passages, for BM25. */
  @Column({ type: 'integer', default: 0 })
  wordsCount!: number;

  /** The model by which all its passages have vectors; null while it is found by its words only. */
  @Column({ type: 'varchar', length: 200, nullable: true })
  embeddedBy!: string | null;

  /** SHA-256 of what was sent, hexadecimal: the same is not read in twice. */
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
