import { Column, Entity, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation, Unique } from 'typeorm';
import { RagDocument } from './rag-document.entity.js';

/** A passage of a document, as it is found and shown. */
@Entity('rag_chunks')
@Unique(['documentId', 'position'])
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

  /** How many words it has, those of title and headings counted several times: its length as BM25 takes it. */
  @Column({ type: 'integer' })
  tokenCount!: number;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  @ManyToOne(() => RagDocument, { onDelete: 'CASCADE' })
  @JoinColumn()
  document!: Relation<RagDocument>;
}
