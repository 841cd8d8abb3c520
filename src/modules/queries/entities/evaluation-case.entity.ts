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

/** Rows that are right, where no SQL gives them. */
export type ExpectedRows = (string | number | boolean | null)[][];

/** One question of a suite and what is expected of it; results are compared, not their SQL. */
@Entity('evaluation_cases')
@Index(['suiteId', 'id'])
@Check('ck_evaluation_cases_answer', `(expected = 'answer')::integer = num_nonnulls(expected_sql, expected_rows)`)
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

  /** SQL with the right result, run anew each time; only where an answer is expected. */
  @Column({ type: 'text', nullable: true })
  expectedSql!: string | null;

  /** The right result itself, in place of SQL. */
  @Column({ type: 'jsonb', nullable: true })
  expectedRows!: ExpectedRows | null;

  /** The order of the rows counts. */
  @Column({ type: 'boolean', default: false })
  ordered!: boolean;

  /** What the report adds it up under. */
  @Column({ type: 'varchar', length: 100, nullable: true })
  category!: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt!: Date;

  @ManyToOne(() => EvaluationSuite, { onDelete: 'CASCADE' })
  @JoinColumn()
  suite!: Relation<EvaluationSuite>;
}
