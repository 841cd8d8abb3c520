import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  Index,
  PrimaryGeneratedColumn,
  Unique,
  UpdateDateColumn,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { AGENT_TYPES, type AgentType } from '../agent-types.js';

/** A worker with one skill, such as writing SQL or explaining a result. They are the installation's. */
@Entity('agents')
@Unique(['name'])
@Index('uq_agents_built_in_type', ['type'], { unique: true, where: 'is_built_in' })
@Check('ck_agents_type', isOneOf('type', AGENT_TYPES))
export class Agent {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @Column({ type: 'varchar', length: 50 })
  type!: AgentType;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  /** What fits its type. */
  @Column({ type: 'jsonb', default: () => "'{}'" })
  config!: Record<string, unknown>;

  @Column({ type: 'boolean', default: true })
  isActive!: boolean;

  /** One of each type comes with the installation, and is the one that orchestrator runs take. */
  @Column({ type: 'boolean', default: false })
  isBuiltIn!: boolean;

  /** Of the description and the configuration, from 1. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;
}
