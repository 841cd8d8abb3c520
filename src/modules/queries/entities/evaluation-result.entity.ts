import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  JoinColumn,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  Unique,
} from 'typeorm';
import { isOneOf } from '../../../platform/database/closed-set.js';
import { EXPECTED_OUTCOMES, type ExpectedOutcome } from './evaluation-case.entity.js';
import { EvaluationRun } from './evaluation-run.entity.js';

/** `invalid`: what is expected could not be found out, so nothing is scored. */
export const RESULT_OUTCOMES = ['answer', 'clarification', 'unanswerable', 'failed', 'invalid'] as const;
export type ResultOutcome = (typeof RESULT_OUTCOMES)[number];

/** What came of one case in one run. It stays as it was when the case is changed or removed. */
@Entity('evaluation_results')
@Unique(['runId', 'caseId'])
@Check('ck_evaluation_results_outcome', isOneOf('outcome', RESULT_OUTCOMES))
@Check('ck_evaluation_results_expected', isOneOf('expected', EXPECTED_OUTCOMES))
export class EvaluationResult {
  @PrimaryGeneratedColumn('identity')
  id!: number;

  @Column({ type: 'integer' })
  runId!: number;

  /** The id of the case, which may be gone. */
  @Column({ type: 'integer' })
  caseId!: number;

  @Column({ type: 'text' })
  question!: string;

  @Column({ type: 'varchar', length: 100, nullable: true })
  category!: string | null;

  @Column({ type: 'varchar', length: 30 })
  expected!: ExpectedOutcome;

  @Column({ type: 'varchar', length: 30 })
  outcome!: ResultOutcome;

  /** Whether the reply is right; of a question back, whether one of its options leads to the right result. Null where nothing is scored. */
  @Column({ type: 'boolean', nullable: true })
  correct!: boolean | null;

  @Column({ type: 'text', nullable: true })
  sql!: string | null;

  /** Why there is no answer, what was asked back, or what went wrong. */
  @Column({ type: 'text', nullable: true })
  reason!: string | null;

  @Column({ type: 'real', nullable: true })
  confidence!: number | null;

  /** Milliseconds from the question to a guarded statement, or to the reply that there is none. */
  @Column({ type: 'double precision' })
  latencyMs!: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt!: Date;

  @ManyToOne(() => EvaluationRun, { onDelete: 'CASCADE' })
  @JoinColumn()
  run!: Relation<EvaluationRun>;
}
