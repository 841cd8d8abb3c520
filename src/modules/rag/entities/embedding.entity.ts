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
  Unique,
} from 'typeorm';
import { RagChunk } from './rag-chunk.entity.js';
import { RagDocument } from './rag-document.entity.js';

/** Where a passage lies in the space of a model. */
@Entity('embeddings')
@Unique(['chunkId', 'model'])
@Check('ck_embeddings_vector', 'octet_length(vector) > 0')
export class Embedding {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  documentId!: number;

  @Column({ type: 'integer' })
  chunkId!: number;

  /** A signed byte for every dimension: `quantised` in `engine/retrieval`. */
  @Column({ type: 'bytea' })
  vector!: Buffer;

  @Column({ type: 'varchar', length: 200 })
  model!: string;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => RagDocument, { onDelete: 'CASCADE' })
  @JoinColumn()
  document!: Relation<RagDocument>;

  @ManyToOne(() => RagChunk, { onDelete: 'CASCADE' })
  @JoinColumn()
  chunk!: Relation<RagChunk>;
}
