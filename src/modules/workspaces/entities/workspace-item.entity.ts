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
import { User } from '../../users/index.js';
import { Workspace } from './workspace.entity.js';

export const WORKSPACE_ITEM_TYPES = [
  'data_source',
  'query',
  'chart',
  'dashboard',
  'conversation',
  'document',
  'insight',
  'export',
] as const;
export type WorkspaceItemType = (typeof WORKSPACE_ITEM_TYPES)[number];

/**
 * Something that lies in a workspace: a (type, id) pair, because workspaces know none of the modules that make these
 * things.
 */
@Entity('workspace_items')
@Index(['workspaceId', 'position', 'id'])
@Index(['itemType', 'itemId'])
@Unique(['workspaceId', 'itemType', 'itemId'])
@Check('ck_workspace_items_item_type', isOneOf('item_type', WORKSPACE_ITEM_TYPES))
export class WorkspaceItem {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  workspaceId!: number;

  @Column({ type: 'varchar', length: 30 })
  itemType!: WorkspaceItemType;

  @Column({ type: 'integer' })
  itemId!: number;

  /** Place in the workspace, from 0. */
  @Column({ type: 'integer', default: 0 })
  position!: number;

  /** Lets the members have it, for as long as it is theirs to share. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  addedBy!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => Workspace, { onDelete: 'CASCADE' })
  @JoinColumn()
  workspace!: Relation<Workspace>;

  @ManyToOne(() => User, { onDelete: 'RESTRICT' })
  @JoinColumn({ name: 'added_by' })
  adder!: Relation<User> | null;
}
