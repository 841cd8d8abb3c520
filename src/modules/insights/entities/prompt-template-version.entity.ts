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
} from 'typeorm';
import { User } from '../../users/index.js';
import type { PromptVariable } from '../prompt-text.js';
import { PromptTemplate } from './prompt-template.entity.js';

/** A text that a template has or had. */
@Entity('prompt_template_versions')
@Unique(['templateId', 'version'])
export class PromptTemplateVersion {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  templateId!: number;

  @Column({ type: 'integer' })
  version!: number;

  @Column({ type: 'text' })
  template!: string;

  @Column({ type: 'jsonb' })
  variables!: PromptVariable[];

  @Column({ type: 'integer', nullable: true })
  @Index()
  createdBy!: number | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => PromptTemplate, { onDelete: 'CASCADE' })
  @JoinColumn({ name: 'template_id' })
  owner!: Relation<PromptTemplate>;

  @ManyToOne(() => User, { onDelete: 'SET NULL' })
  @JoinColumn({ name: 'created_by' })
  creator!: Relation<User> | null;
}
