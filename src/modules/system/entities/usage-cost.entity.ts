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
import { User } from '../../users/index.js';
import { USAGE_METRICS, type UsageMetric } from '../usage-metric.js';
import { SystemLog } from './system-log.entity.js';

const identity = (value: number | null): number | null => value;
const numberOrNull = (text: string | null): number | null => (text === null ? null : Number(text));

/** What was used of something that costs: time, tokens, storage, calls to a model. */
@Entity('usage_costs')
@Index(['recordedAt'])
@Index(['metric', 'recordedAt'])
@Index(['userId', 'recordedAt'])
@Index(['userId', 'id'])
@Check('ck_usage_costs_metric', isOneOf('metric', USAGE_METRICS))
export class UsageCost {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  /** Whose use it was; null for the server's own, and when that person is gone. */
  @Column({ type: 'integer', nullable: true })
  userId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  metric!: UsageMetric;

  @Column({ type: 'numeric', precision: 20, scale: 6, transformer: { to: Number, from: Number } })
  value!: number;

  /** Such as `ms`, `tokens`, `bytes`, `calls`. */
  @Column({ type: 'varchar', length: 20 })
  unit!: string;

  /** In the installation's own currency; null where nothing is known of it. */
  @Column({
    type: 'numeric',
    precision: 20,
    scale: 6,
    nullable: true,
    transformer: { to: identity, from: numberOrNull },
  })
  cost!: number | null;

  /** What it was used for: the query, the model. Never what was asked, nor what came of it. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  details!: Record<string, unknown>;

  @Column({ type: 'integer', nullable: true })
  @Index()
  systemLogId!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  recordedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn()
  user!: Relation<User> | null;

  @ManyToOne(() => SystemLog, { onDelete: 'SET NULL' })
  @JoinColumn()
  systemLog!: Relation<SystemLog> | null;
}
