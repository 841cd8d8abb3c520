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
import { EvaluationSuite } from './evaluation-suite.entity.js';

export const EXPECTED_OUTCOMES = ['answer', 'clarification', 'abstention'] as const;
export type ExpectedOutcome = (typeof EXPECTED_OUTCOMES)[number];

/** One question of a suite and what is expected of it; results are compared, not their SQL. */
@Entity('evaluation_cases')
@Index(['suiteId', 'id'])
@Check('ck_evaluation_cases_expected_sql', `(expected = 'answer') = (expected_sql IS NOT NULL)`)
@Check('ck_evaluation_cases_expected', isOneOf('expected', EXPECTED_OUTCOMES))
export class EvaluationCase {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  suiteId!: number;

  @Column({ type: 'text' })
  question!: string;

  @Column({ type: 'varchar', length: 30 })
  expected!: ExpectedOutcome;

  /** SQL with the right result; only where an answer is expected. */
  @Column({ type: 'text', nullable: true })
  expectedSql!: string | null;

  @Column({ type: 'text', array: true, default: () => "'{}'" })
  tags!: string[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => EvaluationSuite, { onDelete: 'CASCADE' })
  @JoinColumn()
  suite!: Relation<EvaluationSuite>;
}
