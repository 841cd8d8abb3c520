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

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Something that the server did or that went wrong in it, for administrators. What people did is in `audit_trails`.
 */
@Entity('system_logs')
@Index(['userId', 'id'])
@Index(['level', 'id'])
@Index(['component', 'id'])
@Check('ck_system_logs_level', isOneOf('level', LOG_LEVELS))
export class SystemLog {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer', nullable: true })
  userId!: number | null;

  @Column({ type: 'varchar', length: 30 })
  level!: LogLevel;

  @Column({ type: 'varchar', length: 100 })
  component!: string;

  @Column({ type: 'varchar', length: 100 })
  action!: string;

  @Column({ type: 'jsonb', default: () => "'{}'" })
  details!: Record<string, unknown>;

  @Column({ type: 'inet', nullable: true })
  ipAddress!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  @Index()
  createdAt!: Date;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn()
  user!: Relation<User> | null;
}
