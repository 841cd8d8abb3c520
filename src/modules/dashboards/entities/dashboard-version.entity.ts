import {
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
import { User } from '../../users/index.js';
import type { DashboardContent } from '../dashboard-content.js';
import { Dashboard } from './dashboard.entity.js';

/** A dashboard as it was when it was published. */
@Entity('dashboard_versions')
@Unique(['dashboardId', 'version'])
export class DashboardVersion {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  dashboardId!: number;

  @Column({ type: 'integer' })
  version!: number;

  /** Name, layout, filters and charts. */
  @Column({ type: 'jsonb' })
  content!: DashboardContent;

  @Column({ type: 'integer', nullable: true })
  @Index()
  createdBy!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => Dashboard, { onDelete: 'CASCADE' })
  @JoinColumn()
  dashboard!: Relation<Dashboard>;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'created_by' })
  creator!: Relation<User> | null;
}
