import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { DataSourceEntity } from './data-source.entity.js';
import { SourceColumn } from './source-column.entity.js';

/** A table of a source, as the catalogue knows it. */
@Entity('source_tables')
@Unique(['dataSourceId', 'name'])
export class SourceTable {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  @Index()
  dataSourceId!: number;

  @Column({ type: 'varchar', length: 255 })
  name!: string;

  /** Place of the table in its source, from 0. */
  @Column({ type: 'integer' })
  position!: number;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  synonyms!: string[];

  @Column({ type: 'boolean', default: false })
  hidden!: boolean;

  @Column({ type: 'bigint', default: 0, transformer: { to: Number, from: Number } })
  rowCount!: number;

  @Column({ type: 'bigint', default: 0, transformer: { to: Number, from: Number } })
  sizeBytes!: number;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  primaryKey!: string[];

  /** Where the table's Parquet file lies in the storage; null for tables of a database. In a combined source, that of its member. */
  @Column({ type: 'varchar', length: 500, nullable: true })
  location!: string | null;

  @ManyToOne(() => DataSourceEntity, (source) => source.tables, { onDelete: 'CASCADE' })
  @JoinColumn()
  dataSource!: Relation<DataSourceEntity>;

  @OneToMany(() => SourceColumn, (column) => column.table)
  columns!: Relation<SourceColumn>[];
}
