import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { RagDocument } from './rag-document.entity.js';

/**
 * That a word is in a passage, and how often: the inverted index that BM25 reads. Its key begins with whose the passage is, so a
 * search reads nothing of what others own.
 */
@Entity('rag_postings')
export class RagPosting {
  /** The document's data source, or for one on its own, its owner with a minus sign; a trigger of the documents keeps it so. */
  @PrimaryColumn({ type: 'integer' })
  place!: number;

  /** The word as PostgreSQL's text search reduces it in the document's language. */
  @PrimaryColumn({ type: 'text' })
  lexeme!: string;

  @PrimaryColumn({ type: 'integer' })
  chunkId!: number;

  @Column({ type: 'integer' })
  @Index()
  documentId!: number;

  /** Those in the title and in headings count several times. */
  @Column({ type: 'smallint' })
  frequency!: number;

  /** Of the passage: the sum of its frequencies. */
  @Column({ type: 'smallint' })
  length!: number;

  @ManyToOne(() => RagDocument, { onDelete: 'CASCADE' })
  @JoinColumn()
  document!: Relation<RagDocument>;
}
