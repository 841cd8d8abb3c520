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

/**
 * What a word of the business means, and how it is computed. One meaning per data source, whatever the word's case
 * (an index on an expression, in the migration).
 */
@Entity('business_glossary')
@Index('uq_business_glossary_term', { synchronize: false })
export class GlossaryTerm {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** The source that the term is about; null for a term of the whole installation. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  dataSourceId!: number | null;

  @Column({ type: 'varchar', length: 200 })
  term!: string;

  @Column({ type: 'text' })
  definition!: string;

  /** An expression over the source's columns, such as `sum(price * quantity)`. */
  @Column({ type: 'text', nullable: true })
  formula!: string | null;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  examples!: string[];

  @Column({ type: 'integer', nullable: true })
  @Index()
  createdBy!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => DataSourceEntity, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity> | null;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'created_by' })
  creator!: Relation<User> | null;
}
