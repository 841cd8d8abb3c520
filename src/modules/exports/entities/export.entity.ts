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
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Chart, Dashboard } from '../../dashboards/index.js';
import { Query } from '../../queries/index.js';
import { User } from '../../users/index.js';

export const EXPORT_FORMATS = [
  'csv',
  'json',
  'ndjson',
  'parquet',
  'arrow',
  'xlsx',
  'pdf',
  'png',
  'svg',
  'html',
] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export const EXPORT_STATUSES = ['pending', 'running', 'succeeded', 'failed', 'expired'] as const;
export type ExportStatus = (typeof EXPORT_STATUSES)[number];

/** A result, a chart or a dashboard as a file to take away. */
@Entity('exports')
@Index(['userId', 'id'])
@Index(['userId', 'status', 'id'])
@Index('ix_exports_unfinished', ['userId'], { where: "status IN ('pending', 'running')" })
@Index('ix_exports_kept', ['expiresAt'], { where: "status = 'succeeded'" })
@Index(['linkHash'], { unique: true, where: 'link_hash IS NOT NULL' })
@Check('ck_exports_subject', 'num_nonnulls(dashboard_id, chart_id, query_id) <= 1')
@Check('ck_exports_format', isOneOf('format', EXPORT_FORMATS))
@Check('ck_exports_status', isOneOf('status', EXPORT_STATUSES))
export class Export {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  dashboardId!: number | null;

  @Column({ type: 'integer', nullable: true })
  @Index()
  chartId!: number | null;

  @Column({ type: 'integer', nullable: true })
  @Index()
  queryId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  format!: ExportFormat;

  /** Where the file lies in the storage; null until it is there. */
  @Column({ type: 'varchar', length: 500, nullable: true })
  fileLocation!: string | null;

  @Column({ type: 'bigint', default: 0, transformer: { to: Number, from: Number } })
  sizeBytes!: number;

  @Column({ type: 'varchar', length: 30 })
  status!: ExportStatus;

  /** Of CSV: texts that begin as a formula does stand as they are. */
  @Column({ type: 'boolean', default: false })
  raw!: boolean;

  /** How much of it is written, from 0 to 1. */
  @Column({ type: 'real', default: 0 })
  progress!: number;

  @Column({ type: 'uuid', nullable: true })
  jobId!: string | null;

  @Column({ type: 'varchar', length: 50, nullable: true })
  errorCode!: string | null;

  @Column({ type: 'text', nullable: true })
  errorMessage!: string | null;

  /** What whoever reads the file is to know of it. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  notes!: string[];

  /** When the file is removed. */
  @Column({ type: 'timestamptz', nullable: true })
  expiresAt!: Date | null;

  /** Of charts and dashboards: what its maker could see of the data then, as `ResultsService.accessOf` tells it. */
  @Column({ type: 'char', length: 64, nullable: true })
  accessKey!: string | null;

  /** SHA-256 of the secret in the link that was mailed; null when there is no link. */
  @Column({ type: 'char', length: 64, nullable: true })
  linkHash!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @Column({ type: 'timestamptz', nullable: true })
  completedAt!: Date | null;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;

  @ManyToOne(() => Dashboard, { onDelete: 'SET NULL' })
  @JoinColumn()
  dashboard!: Relation<Dashboard> | null;

  @ManyToOne(() => Chart, { onDelete: 'SET NULL' })
  @JoinColumn()
  chart!: Relation<Chart> | null;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
