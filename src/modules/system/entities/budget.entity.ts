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
import { Role, User } from '../../users/index.js';
import { BUDGET_METRICS, type BudgetMetric } from '../usage-metric.js';

export const BUDGET_PERIODS = ['day', 'week', 'month'] as const;
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number];

export const BUDGET_ACTIONS = ['warn', 'block'] as const;
export type BudgetAction = (typeof BUDGET_ACTIONS)[number];

/**
 * How much of something may be used in a period: by one person, by each person of a role, or by everybody together. One for
 * each of them, metric and period (an index on an expression, in the migration).
 */
@Entity('budgets')
@Index('uq_budgets_whose_metric_period', { synchronize: false })
@Check('ck_budgets_limit_value', 'limit_value >= 0')
@Check('ck_budgets_metric', isOneOf('metric', BUDGET_METRICS))
@Check('ck_budgets_whose', 'user_id IS NULL OR role_id IS NULL')
@Check('ck_budgets_period', isOneOf('period', BUDGET_PERIODS))
@Check('ck_budgets_action', isOneOf('action', BUDGET_ACTIONS))
export class Budget {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** Whose it is; null with a role, and for everybody together. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  userId!: number | null;

  /** It holds for each person of this role by themselves. */
  @Column({ type: 'integer', nullable: true })
  @Index()
  roleId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  metric!: BudgetMetric;

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

  @ManyToOne(() => Role, { onDelete: 'CASCADE' })
  @JoinColumn()
  role!: Relation<Role> | null;
}
