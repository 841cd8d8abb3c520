import { Column, CreateDateColumn, Entity, JoinColumn, OneToOne, PrimaryColumn, type Relation } from 'typeorm';
import type { ResultColumn } from '../../../engine/charts/contract.js';
import { Query } from './query.entity.js';

export interface ResultMeta {
  columns: ResultColumn[];
  rowCount: number;
  bytes: number;
  /** What is said of it in words, with values of it. */
  sentence?: string;
  /** Sentences of that which is still being written, also with values. */
  writing?: string[];
}

/** Where the rows of a finished query lie: one Parquet file in the storage, written once. */
@Entity('query_results')
export class QueryResult {
  @PrimaryColumn({ type: 'integer' })
  queryId!: number;

  @Column({ type: 'varchar', length: 500 })
  resultLocation!: string;

  @Column({ type: 'jsonb' })
  resultMeta!: ResultMeta;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @OneToOne(() => Query, (query) => query.result, { onDelete: 'CASCADE' })
  @JoinColumn()
  query!: Relation<Query>;
}
