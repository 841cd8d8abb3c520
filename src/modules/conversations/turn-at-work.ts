import type { Principal } from '../../platform/security/index.js';
import type { BegunTurn } from './turn-journal.js';

/** A turn that is being answered. */
export interface TurnAtWork extends BegunTurn {
  caller: Principal;
  /** Aborts when nobody wants the answer any more. */
  signal: AbortSignal;
  /** Is told of the query that answers it, as soon as there is one. */
  onQuery: (queryId: number) => Promise<void>;
  /** Is told that there is more of a text that is being written. */
  onText: () => void;
}
