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
import { isOneOf } from '../../../platform/database/closed-set.js';
import { User } from '../../users/index.js';
import { USAGE_METRICS, type UsageMetric } from '../usage-metric.js';

export const BUDGET_PERIODS = ['day', 'week', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

export const BUDGET_ACTIONS = ['warn', 'block'] as const;
export type BudgetAction = (typeof BUDGET_ACTIONS)[number];

/**
 * How much of something may be used in a period, by one person or by everybody together. One per person, metric and
 * period (an index on an expression, in the migration).
 */
@Entity('budgets')
@Index('uq_budgets_user_metric_period', { synchronize: false })
@Check('ck_budgets_limit_value', 'limit_value >= 0')
@Check('ck_budgets_metric', isOneOf('metric', USAGE_METRICS))
@Check('ck_budgets_period', isOneOf('period', BUDGET_PERIODS))
@Check('ck_budgets_action', isOneOf('action', BUDGET_ACTIONS))
export class Budget {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** Null for everybody together. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  userId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  metric!: UsageMetric;

  @Column({ type: 'numeric', precision: 20, scale: 6, transformer: { to: Number, from: Number } })
  limitValue!: number;

  @Column({ type: 'varchar', length: 30 })
  period!: BudgetPeriod;

  /** What happens when it is used up. */
  @Column({ type: 'varchar', length: 30 })
  action!: BudgetAction;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'CASCADE' })
  @JoinColumn()
  user!: Relation<User> | null;
}
