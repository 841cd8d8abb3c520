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

  @Column({ type: 'integer' })
  tokenCount!: number;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  metadata!: Record<string, unknown>;

  @ManyToOne(() => RagDocument, { onDelete: 'CASCADE' })
  @JoinColumn()
  document!: Relation<RagDocument>;
}
