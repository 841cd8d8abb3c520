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
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Encrypted } from '../../../platform/database/encrypted-columns.js';
import { User } from '../../users/index.js';
import { SourceTable } from './source-table.entity.js';

export const DATA_SOURCE_TYPES = ['file', 'postgres', 'mysql', 'mariadb', 'clickhouse', 'trino', 'combined'] as const;
export type DataSourceType = (typeof DATA_SOURCE_TYPES)[number];

export const DATA_SOURCE_STATUSES = ['ready', 'failed'] as const;
export type DataSourceStatus = (typeof DATA_SOURCE_STATUSES)[number];

/** How strictly a connection insists on TLS, in libpq's words. */
export const SSL_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/**
 * Something that questions can be asked of: uploaded files, a database, or several sources together. Its owner cannot be
 * deleted before it is handed over.
 */
@Entity('data_sources')
@Index(['ownerId', 'id'])
@Index('uq_data_sources_owner_name', { synchronize: false })
@Check('ck_data_sources_type', isOneOf('type', DATA_SOURCE_TYPES))
@Check('ck_data_sources_status', isOneOf('status', DATA_SOURCE_STATUSES))
@Check('ck_data_sources_ssl_mode', isOneOf('ssl_mode', SSL_MODES))
@Check('ck_data_sources_port', 'port BETWEEN 1 AND 65535')
@Check('ck_data_sources_address', `type IN ('file', 'combined') OR num_nonnulls(host, connection_string) >= 1`)
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

  /** Where the database is; null for files. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  host!: string | null;

  @Column({ type: 'integer', nullable: true })
  port!: number | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  databaseName!: string | null;

  @Column({ type: 'varchar', length: 255, nullable: true })
  username!: string | null;

  /** Encrypted with the installation's key; never given out. */
  @Encrypted()
  @Column({ type: 'text', nullable: true })
  passwordEncrypted!: string | null;

  /** All of the address in one, instead of its parts. Encrypted like the password, because it may hold one. */
  @Encrypted()
  @Column({ type: 'text', nullable: true })
  connectionString!: string | null;

  @Column({ type: 'varchar', length: 20, nullable: true })
  sslMode!: SslMode | null;

  @Column({ type: 'integer' })
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
