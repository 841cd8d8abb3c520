import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryColumn,
  type Relation,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { User } from '../../users/index.js';
import { Workspace } from './workspace.entity.js';

export const WORKSPACE_PERMISSIONS = ['view', 'edit', 'manage'] as const;
export type WorkspacePermission = (typeof WORKSPACE_PERMISSIONS)[number];

/** A person who may use a workspace besides its owner. */
@Entity('workspace_members')
@Check('ck_workspace_members_permission', isOneOf('permission', WORKSPACE_PERMISSIONS))
export class WorkspaceMember {
  @PrimaryColumn({ type: 'integer' })
  workspaceId!: number;

  @PrimaryColumn({ type: 'integer' })
  @Index()
  userId!: number;

  @Column({ type: 'varchar', length: 30 })
  permission!: WorkspacePermission;

  @CreateDateColumn({ type: 'timestamptz' })
  addedAt!: Date;

  @ManyToOne(() => Workspace, { onDelete: 'CASCADE' })
  @JoinColumn()
  workspace!: Relation<Workspace>;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User>;
}
