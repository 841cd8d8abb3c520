import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
  UpdateDateColumn,
} from 'typeorm';
import { User } from '../../users/index.js';
import { SourceTable } from './source-table.entity.js';

export const DATA_SOURCE_TYPES = ['file'] as const;
export type DataSourceType = (typeof DATA_SOURCE_TYPES)[number];

export const DATA_SOURCE_STATUSES = ['ready', 'failed'] as const;
export type DataSourceStatus = (typeof DATA_SOURCE_STATUSES)[number];

/** Something that questions can be asked of: uploaded files now, databases later. */
@Entity('data_sources')
@Index('uq_data_sources_owner_name', { synchronize: false })
@Check('ck_data_sources_type', `type IN ('file')`)
@Check('ck_data_sources_status', `status IN ('ready', 'failed')`)
export class DataSourceEntity {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'varchar', length: 20 })
  type!: DataSourceType;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  @Column({ type: 'varchar', length: 20 })
  status!: DataSourceStatus;

  @Column({ type: 'integer' })
  @Index()
  ownerId!: number;

  /** Raised by every change of the data; a receipt names the version it was answered from. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  /** Raised when people describe, hide or relate; a cached catalogue is of one version and one schema version. */
  @Column({ type: 'integer', default: 1 })
  schemaVersion!: number;

  @Column({ type: 'bigint', default: 0, transformer: { to: Number, from: Number } })
  rowCount!: number;

  @Column({ type: 'bigint', default: 0, transformer: { to: Number, from: Number } })
  sizeBytes!: number;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  /** When the data was last loaded. */
  @Column({ type: 'timestamptz', default: () => 'now()' })
  loadedAt!: Date;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'RESTRICT' })
  @JoinColumn()
  owner!: Relation<User>;

  @OneToMany(() => SourceTable, (table) => table.dataSource)
  tables!: Relation<SourceTable>[];
}
