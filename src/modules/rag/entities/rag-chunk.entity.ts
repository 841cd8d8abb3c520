import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation, Unique } from 'typeorm';
import { RagDocument } from './rag-document.entity.js';

/** A passage of a document, as it is found and shown. */
@Entity('rag_chunks')
@Unique(['documentId', 'position'])
@Index('ix_rag_chunks_lexemes', { synchronize: false })
export class RagChunk {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  documentId!: number;

  /** Place in the document, from 0. */
  @Column({ type: 'integer' })
  position!: number;

  @Column({ type: 'text' })
  content!: string;

  /** The headings above it; empty when there are none. */
  @Column({ type: 'varchar', length: 400, default: '' })
  heading!: string;

  /** Where it lies in the document's content, in UTF-16 code units. */
  @Column({ type: 'integer', default: 0 })
  startOffset!: number;

  @Column({ type: 'integer', default: 0 })
  endOffset!: number;

  /** Its words as they are found, those of title and heading with weight A. */
  @Column({ type: 'tsvector', default: () => "''", select: false })
  lexemes!: string;

  /** How many words those are, with their weights: its length as BM25 takes it. */
  @Column({ type: 'integer' })
  tokenCount!: number;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  @ManyToOne(() => RagDocument, { onDelete: 'CASCADE' })
  @JoinColumn()
  document!: Relation<RagDocument>;
}
