/** What a run comes to, and how two runs differ. */
import { type EvaluatedTurn, scoreOf } from '../../../engine/evaluation/index.js';
import type { EvaluationResult } from '../entities/evaluation-result.entity.js';
import type { EvaluationSuite } from '../entities/evaluation-suite.entity.js';

/** The score of some questions. Shares are 0 to 1, and null where there is nothing to divide by. */
export interface CategoryScore {
  /** Null for those without one. */
  category: string | null;
  questions: number;
  /** Of those that can be answered: how many were, and were right. */
  answered: number;
  correct: number;
  /** Right replies to all questions: right answers, and none where none is right. */
  rightOfAll: number | null;
  /** Right answers of all answers. */
  precision: number | null;
  /** Answers of all questions that can be answered. */
  coverage: number | null;
  abstentions: number;
  clarifications: number;
  /** Those of them of which one option leads to the right result. */
  helpfulClarifications: number;
  /** Questions that are not to be answered at once, and those of them that were not. */
  unanswerable: number;
  withheld: number;
  /** Questions of which nobody knows the right result: they count nowhere else. */
  invalid: number;
  p50Ms: number;
  p99Ms: number;
}

export interface RunReport {
  total: CategoryScore;
  categories: CategoryScore[];
}

type Scored = Pick<
  EvaluationResult,
  'caseId' | 'question' | 'category' | 'expected' | 'outcome' | 'correct' | 'confidence' | 'latencyMs'
>;

export function reportOf(results: readonly Scored[]): RunReport {
  const categories = [...new Set(results.map(({ category }) => category))].sort((a, b) =>
    (a ?? '\uFFFF').localeCompare(b ?? '\uFFFF', 'en'),
  );
  return {
    total: categoryScore(null, results),
    categories: categories.map((category) =>
      categoryScore(
        category,
        results.filter((result) => result.category === category),
      ),
    ),
  };
}

function categoryScore(category: string | null, results: readonly Scored[]): CategoryScore {
  const turns = results.flatMap(turnOf);
  const score = scoreOf(category ?? '', turns);
  const { questions, answered, correct, unanswerable, withheld } = score;
  return {
    category,
    questions,
    answered,
    correct,
    rightOfAll: share(correct + withheld, questions),
    precision: share(correct, answered + unanswerable - withheld),
    coverage: share(answered, questions - unanswerable),
    abstentions: score.abstentions,
    clarifications: score.clarifications,
    helpfulClarifications: score.helpful,
    unanswerable,
    withheld,
    invalid: results.length - turns.length,
    p50Ms: score.p50Ms,
    p99Ms: score.p99Ms,
  };
}

/** A result as the engine scores it; none where it cannot be scored. */
function turnOf({ caseId, question, category, expected, outcome, correct, ...rest }: Scored): EvaluatedTurn[] {
  if (outcome === 'invalid') return [];
  const { confidence, latencyMs: engineMs } = rest;
  const none = { suite: '', database: '', unstable: false, sql: null, reason: null };
  const unanswerable = expected !== 'answer';
  return [{ ...none, id: String(caseId), category, question, outcome, correct, unanswerable, confidence, engineMs }];
}

/** Whether a run may pass the gate of its suite; null without a gate. What cannot be measured does not pass. */
export function passes(
  { total }: RunReport,
  { minCorrect, minPrecision }: Pick<EvaluationSuite, 'minCorrect' | 'minPrecision'>,
): boolean | null {
  if (minCorrect === null && minPrecision === null) return null;
  const reaches = (value: number | null, bound: number | null): boolean => bound === null || (value ?? -1) >= bound;
  return reaches(total.rightOfAll, minCorrect) && reaches(total.precision, minPrecision);
}

/** Whether the reply is right: an answer with the right result, or none where none is right. */
export function isRight({ expected, outcome, correct }: Pick<Scored, 'expected' | 'outcome' | 'correct'>): boolean {
  return correct === true && (expected !== 'answer' || outcome === 'answer');
}

export const VERDICTS = ['right', 'asked_back', 'no_answer', 'wrong', 'failed', 'unscored'] as const;
export type Verdict = (typeof VERDICTS)[number];

export function verdictOf(result: Pick<Scored, 'expected' | 'outcome' | 'correct'>): Verdict {
  if (result.outcome === 'invalid') return 'unscored';
  if (isRight(result)) return 'right';
  if (result.outcome === 'clarification') return 'asked_back';
  if (result.outcome === 'unanswerable') return 'no_answer';
  return result.outcome === 'failed' ? 'failed' : 'wrong';
}

export const CHANGES = ['better', 'worse', 'same', 'added', 'removed'] as const;

export interface ComparedCase {
  caseId: number;
  question: string;
  /** From the one run to the other. */
  change: (typeof CHANGES)[number];
  /** Null where the case was not in that run. */
  before: Verdict | null;
  after: Verdict | null;
}

/** Case by case, what became of the results of one run in another. */
export function compare(before: readonly Scored[], after: readonly Scored[]): ComparedCase[] {
  const earlier = new Map(before.map((result) => [result.caseId, result]));
  const later = new Set(after.map(({ caseId }) => caseId));
  const removed = before.filter(({ caseId }) => !later.has(caseId));
  return [
    ...after.map((result) => comparedCase(earlier.get(result.caseId) ?? null, result, result)),
    ...removed.map((result) => comparedCase(result, null, result)),
  ];
}

function comparedCase(before: Scored | null, after: Scored | null, { caseId, question }: Scored): ComparedCase {
  const told = {
    caseId,
    question,
    before: before === null ? null : verdictOf(before),
    after: after === null ? null : verdictOf(after),
  };
  if (before === null) return { ...told, change: 'added' };
  if (after === null) return { ...told, change: 'removed' };
  const [from, to] = [worthOf(before), worthOf(after)];
  return { ...told, change: from === null || to === null || from === to ? 'same' : from < to ? 'better' : 'worse' };
}

/** A wrong answer is worse than none, and none is worse than the right question back; null where nothing is scored. */
function worthOf(result: Scored): number | null {
  const verdict = verdictOf(result);
  if (verdict === 'unscored') return null;
  if (verdict === 'right') return 3;
  if (verdict === 'asked_back' || verdict === 'no_answer') return result.correct === true ? 2 : 1;
  return 0;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
