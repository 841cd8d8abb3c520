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
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Role, User } from '../../users/index.js';
import { Dashboard } from './dashboard.entity.js';

export const DASHBOARD_PERMISSIONS = ['view', 'edit', 'manage'] as const;
export type DashboardPermission = (typeof DASHBOARD_PERMISSIONS)[number];

/** What one person, or everybody of one role, may do with a dashboard. */
@Entity('dashboard_shares')
@Unique(['dashboardId', 'sharedToUserId'])
@Unique(['dashboardId', 'sharedToRoleId'])
@Check('ck_dashboard_shares_shared_to', 'num_nonnulls(shared_to_user_id, shared_to_role_id) = 1')
@Check('ck_dashboard_shares_permission', isOneOf('permission', DASHBOARD_PERMISSIONS))
export class DashboardShare {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  dashboardId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  sharedToUserId!: number | null;

  @Column({ type: 'integer', nullable: true })
  @Index()
  sharedToRoleId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  permission!: DashboardPermission;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => Dashboard, { onDelete: 'CASCADE' })
  @JoinColumn()
  dashboard!: Relation<Dashboard>;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  sharedToUser!: Relation<User> | null;

  @ManyToOne(() => Role, { onDelete: 'CASCADE' })
  @JoinColumn()
  sharedToRole!: Relation<Role> | null;
}
