import {
  Check,
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import type { ColumnStats, ColumnType, Sensitivity } from '../../../engine/catalog/catalog.js';
import { SourceTable } from './source-table.entity.js';

/** A column of a table of a source, as the catalogue knows it. */
@Entity('source_columns')
@Unique(['tableId', 'name'])
@Check('ck_source_columns_sensitivity', `sensitivity IN ('none', 'personal', 'secret')`)
export class SourceColumn {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  tableId!: number;

  @Column({ type: 'varchar', length: 255 })
  name!: string;

  /** Place of the column in its table, from 0. */
  @Column({ type: 'integer' })
  position!: number;

  @Column({ type: 'varchar', length: 20 })
  type!: ColumnType;

  @Column({ type: 'text' })
  nativeType!: string;

  @Column({ type: 'boolean' })
  nullable!: boolean;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  synonyms!: string[];

  @Column({ type: 'boolean', default: false })
  hidden!: boolean;

  @Column({ type: 'varchar', length: 20, default: 'none' })
  sensitivity!: Sensitivity;

  @Column({ type: 'jsonb' })
  stats!: ColumnStats;

  /** Every distinct value of a text column that has few; null otherwise. */
  @Column({ type: 'jsonb', name: 'distinct_values', nullable: true })
  values!: string[] | null;

  @ManyToOne(() => SourceTable, (table) => table.columns, { onDelete: 'CASCADE' })
  @JoinColumn()
  table!: Relation<SourceTable>;
}
