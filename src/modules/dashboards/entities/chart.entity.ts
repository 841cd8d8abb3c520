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
  UpdateDateColumn,
} from 'typeorm';
import { CHART_TYPES, type ChartType } from '../../../engine/charts/contract.js';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { Query } from '../../queries/index.js';
import type { ChartConfig } from '../dashboard-content.js';
import { Dashboard } from './dashboard.entity.js';

/**
 * A picture of a query's result on a dashboard. Without its query it stays, and says that there is nothing left to
 * draw.
 */
@Entity('charts')
@Index(['dashboardId', 'id'])
@Check('ck_charts_type', isOneOf('type', CHART_TYPES))
export class Chart {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  dashboardId!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  queryId!: number | null;

  @Column({ type: 'varchar', length: 200 })
  name!: string;

  /** Null when it is chosen by the shape of the result. */
  @Column({ type: 'varchar', length: 30, nullable: true })
  type!: ChartType | null;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  config!: ChartConfig;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  thumbnailUrl!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => Dashboard, { onDelete: 'CASCADE' })
  @JoinColumn()
  dashboard!: Relation<Dashboard>;

  @ManyToOne(() => Query, { onDelete: 'SET NULL' })
  @JoinColumn()
  query!: Relation<Query> | null;
}
