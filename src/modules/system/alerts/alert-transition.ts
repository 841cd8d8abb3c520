import type { Alert, AlertState } from '../entities/alert.entity.js';
import type { Judgement } from './alert-condition.js';

/** What an evaluation makes of an alert. */
export interface Transition {
  state: AlertState;
  /** Evaluations in a row that spoke for another state than the alert's. */
  streak: number;
  /** What is to be written down and told; null when nothing has changed. */
  event: 'triggered' | 'resolved' | null;
}

/** An alert changes its state when enough evaluations in a row agree on it, and only then is there something to tell. */
export function transitionOf({ state, streak, condition }: Alert, { met }: Pick<Judgement, 'met'>): Transition {
  const wanted: AlertState = met ? 'triggered' : 'ok';
  if (wanted === state) return { state, streak: 0, event: null };
  if (streak + 1 < condition.consecutive) return { state, streak: streak + 1, event: null };
  return { state: wanted, streak: 0, event: met ? 'triggered' : 'resolved' };
}
