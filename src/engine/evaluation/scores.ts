/** What a run comes to, and what changed since another one. */
import type { EvaluatedTurn } from './run-suite.js';

export interface Score {
  name: string;
  questions: number;
  answered: number;
  correct: number;
  /** Shares, 0 to 1; null where there is nothing to divide by. */
  correctOfAll: number | null;
  correctWhenAnswered: number | null;
  clarifications: number;
  /** Clarifications of which one option leads to a right result. */
  helpful: number;
  abstentions: number;
  /** Questions that the data cannot answer, and those of them that were not answered. */
  unanswerable: number;
  withheld: number;
  /** Questions whose right rows depend on ties, which are counted nowhere else. */
  apart: { questions: number; correct: number };
  p50Ms: number;
  p99Ms: number;
}

/** The score of some turns under one name. */
export function scoreOf(name: string, all: readonly EvaluatedTurn[]): Score {
  const turns = all.filter(({ unstable }) => !unstable);
  const apart = all.filter(({ unstable }) => unstable);
  const answerable = turns.filter(({ unanswerable }) => !unanswerable);
  const unanswerable = turns.filter((turn) => turn.unanswerable);
  const answered = answerable.filter(isAnswered);
  const correct = answered.filter((turn) => turn.correct);
  const clarifications = answerable.filter(({ outcome }) => outcome === 'clarification');
  return {
    name,
    questions: turns.length,
    answered: answered.length,
    correct: correct.length,
    correctOfAll: share(correct.length, answerable.length),
    correctWhenAnswered: share(correct.length, answered.length),
    clarifications: clarifications.length,
    helpful: clarifications.filter((turn) => turn.correct).length,
    abstentions: answerable.filter(({ outcome }) => outcome === 'unanswerable').length,
    unanswerable: unanswerable.length,
    withheld: unanswerable.filter((turn) => turn.correct).length,
    apart: { questions: apart.length, correct: apart.filter((turn) => isAnswered(turn) && turn.correct).length },
    p50Ms: percentile(all, 0.5),
    p99Ms: percentile(all, 0.99),
  };
}

/** A score for each suite, followed by those of its categories where it has several. */
export function scores(turns: readonly EvaluatedTurn[]): Score[] {
  return groupBy(turns, ({ suite }) => suite).flatMap(([suite, ofSuite]) => {
    const categories = groupBy(ofSuite, ({ category }) => category ?? '').filter(([category]) => category !== '');
    const parts = categories.length > 1 ? categories : [];
    return [scoreOf(suite, ofSuite), ...parts.map(([category, some]) => scoreOf(`  ${category}`, some))];
  });
}

export interface Change {
  id: string;
  question: string;
  before: string;
  after: string;
}

/** The questions that came out differently, by what became of them. */
export function changes(before: readonly EvaluatedTurn[], after: readonly EvaluatedTurn[]): Change[] {
  const key = ({ suite, database, id }: EvaluatedTurn): string => JSON.stringify([suite, database, id]);
  const known = new Map(before.map((turn) => [key(turn), turn]));
  return after.flatMap((turn) => {
    const earlier = known.get(key(turn));
    if (!earlier || verdict(earlier) === verdict(turn)) return [];
    return [{ id: turn.id, question: turn.question, before: verdict(earlier), after: verdict(turn) }];
  });
}

function verdict(turn: EvaluatedTurn): string {
  if (turn.unanswerable) return turn.correct ? 'withheld' : 'answered';
  if (isAnswered(turn)) return turn.correct ? 'right' : 'wrong';
  return turn.outcome === 'clarification' ? 'asked back' : 'no answer';
}

function isAnswered({ outcome }: EvaluatedTurn): boolean {
  return outcome === 'answer' || outcome === 'failed';
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** The smallest time that the given share of the turns did not exceed, in milliseconds. */
function percentile(turns: readonly EvaluatedTurn[], rank: number): number {
  const times = turns.map(({ engineMs }) => engineMs).toSorted((a, b) => a - b);
  return times[Math.max(0, Math.ceil(times.length * rank) - 1)] ?? 0;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known) known.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return [...groups];
}
