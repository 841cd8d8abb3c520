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
import { User } from '../../users/index.js';
import type { FilterDefinition } from '../dashboard-filters.js';
import type { CardPlace } from '../dashboard-layout.js';

/** Charts on a page. Its owner cannot be deleted before it is handed over, because others may rely on it. */
@Entity('dashboards')
@Index(['userId', 'id'])
@Index(['id'], { where: 'is_public' })
export class Dashboard {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  userId!: number;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  /** Whether everybody who is signed in may see it. */
  @Column({ type: 'boolean', default: false })
  isPublic!: boolean;

  /** Where each chart stands. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  layout!: { cards?: CardPlace[] };

  /** What whoever looks at it can choose. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  filters!: FilterDefinition[];

  /** Raised by every change of it or its charts; `dashboard_versions` keeps the published ones. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'RESTRICT' })
  @JoinColumn()
  user!: Relation<User>;
}
