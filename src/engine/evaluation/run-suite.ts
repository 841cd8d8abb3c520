/** Asks every question of a suite the way the API does, and notes what came of it. */
import {
  answerQuestion,
  type Clarification,
  type ConversationState,
  type QuestionOutcome,
} from '../text-to-sql/index.js';
import type { SqlGuard } from '../sql/index.js';
import { EngineError } from '../errors.js';
import { equalsAny } from './compare-results.js';
import type { SuiteDatabase, SuiteTurn } from './suite.js';
import { SuiteSource } from './suite-source.js';

export interface EvaluatedTurn {
  id: string;
  suite: string;
  database: string;
  category: string | null;
  question: string;
  outcome: QuestionOutcome['kind'] | 'failed';
  /** Whether the result is right; of a clarification, whether one of the options leads to a right one. Null where nothing is scored. */
  correct: boolean | null;
  /** Which rows are right depends on ties, so that another answer may be as good. */
  unstable: boolean;
  /** True where the right reply is to say that the data cannot answer. */
  unanswerable: boolean;
  sql: string | null;
  /** Why there is no answer, or what is asked back. */
  reason: string | null;
  confidence: number | null;
  /** What the engine took, without the guard and the run. */
  engineMs: number;
}

/** The moment that "last month" counts from, so that a suite gives the same every day. */
const NOW = new Date('2026-11-22T12:00:00Z');

export interface RunOptions {
  guard: SqlGuard;
  /** Where profiles and results are kept between runs. */
  folder: string;
  /** Which turns are wanted; those before them in a conversation are asked, too. */
  wants: (turn: SuiteTurn) => boolean;
}

export async function runDatabase(
  database: SuiteDatabase,
  { guard, folder, wants }: RunOptions,
): Promise<EvaluatedTurn[]> {
  const source = await SuiteSource.open(database, guard, folder);
  const evaluated: EvaluatedTurn[] = [];
  for (const conversation of database.conversations) {
    if (!conversation.some(wants)) continue;
    let previous: ConversationState | null = null;
    for (const turn of conversation) {
      const { state, ...result }: Evaluation = await evaluate(turn, source, previous);
      previous = state;
      const scored = turn.expected === null || turn.expected.length > 0;
      if (scored && wants(turn)) evaluated.push({ ...result, suite: database.suite, database: database.name });
    }
  }
  source.keep();
  return evaluated;
}

/** What came of a turn, and what the next one may go on from. */
type Evaluation = Omit<EvaluatedTurn, 'suite' | 'database'> & { state: ConversationState };

async function evaluate(turn: SuiteTurn, source: SuiteSource, previous: ConversationState | null): Promise<Evaluation> {
  const { id, question, category, unstable, expected } = turn;
  const started = performance.now();
  const asking = { question, previous, source };
  const outcome = ask(asking, []);
  const engineMs = performance.now() - started;
  const base = {
    id,
    category,
    question,
    outcome: outcome.kind,
    unstable: unstable === 'rows',
    unanswerable: expected === null,
    sql: outcome.kind === 'answer' ? outcome.sql : null,
    reason: reasonOf(outcome),
    confidence: outcome.kind === 'unanswerable' ? null : outcome.confidence,
    engineMs,
    state: outcome.state,
  };
  if (expected === null) return { ...base, correct: outcome.kind !== 'answer' };
  if (outcome.kind === 'unanswerable') return { ...base, correct: null };
  if (outcome.kind === 'clarification') return { ...base, correct: await anyOptionIsRight(outcome, turn, asking) };
  try {
    return { ...base, correct: equalsAny(await source.rows(outcome.sql), expected, unstable) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { ...base, outcome: 'failed', correct: false, reason: `${error.code}: ${error.message}` };
  }
}

interface Asking {
  question: string;
  previous: ConversationState | null;
  source: SuiteSource;
}

function ask({ question, previous, source }: Asking, choices: string[]): QuestionOutcome {
  return answerQuestion({ question, previous, catalog: source.catalog, dialect: 'duckdb', now: NOW, choices });
}

function reasonOf(outcome: QuestionOutcome): string | null {
  if (outcome.kind === 'answer') return null;
  if (outcome.kind === 'unanswerable') return outcome.reason;
  return `${outcome.question} ${outcome.options.map(({ label }) => label).join(' | ')}`;
}

/** Questions back that one question may lead to before it counts as not answered. */
const MOST_QUESTIONS_BACK = 3;

async function anyOptionIsRight(
  clarification: Clarification,
  turn: SuiteTurn,
  asking: Asking,
  choices: readonly string[] = [],
): Promise<boolean> {
  for (const { value } of clarification.options) {
    const chosen = [...choices, value];
    const outcome = ask(asking, chosen);
    if (outcome.kind === 'clarification' && chosen.length < MOST_QUESTIONS_BACK) {
      if (await anyOptionIsRight(outcome, turn, asking, chosen)) return true;
    } else if (outcome.kind === 'answer') {
      try {
        if (equalsAny(await asking.source.rows(outcome.sql), turn.expected ?? [], turn.unstable)) return true;
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
      }
    }
  }
  return false;
}
