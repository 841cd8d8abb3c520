import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
  UpdateDateColumn,
} from 'typeorm';
import type { PromptVariable } from '../prompt-text.js';
import { User } from '../../users/index.js';

/** A text for a language model with places to fill in. */
@Entity('prompt_templates')
@Unique(['name'])
export class PromptTemplate {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'varchar', length: 100 })
  name!: string;

  @Column({ type: 'varchar', length: 2000, nullable: true })
  description!: string | null;

  @Column({ type: 'text' })
  template!: string;

  /** The places to fill in. */
  @Column({ type: 'jsonb', default: () => "'[]'" })
  variables!: PromptVariable[];

  /** Counts its texts, from 1; each is kept. */
  @Column({ type: 'integer', default: 1 })
  version!: number;

  @Column({ type: 'integer', nullable: true })
  @Index()
  createdBy!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'created_by' })
  creator!: Relation<User> | null;
}
