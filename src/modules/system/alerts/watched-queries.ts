import type { Principal } from '../../../platform/security/index.js';
import type { WatchedColumn, WatchedRows } from './alert-condition.js';

/**
 * What alerts want of queries, whose module comes later in the order and provides it. All of it goes the way of every
 * question: as the owner, under the access rules that hold for them now, guarded, bounded and recorded.
 */
export abstract class WatchedQueries {
  /**
   * The columns of the result that a query has; null when it has none.
   *
   * @throws DomainError `not_found` when it is not the caller's to see
   */
  abstract columns(queryId: number, caller: Principal): Promise<readonly WatchedColumn[] | null>;

  /**
   * The rows that a query has brought.
   *
   * @throws DomainError `not_found`, `result_not_ready`, `result_outdated`, `query_result_too_large` beyond 5,000 rows
   */
  abstract rows(queryId: number, caller: Principal, signal: AbortSignal): Promise<WatchedRows>;

  /**
   * Runs a query again and gives its rows. Nobody reacts to this run; what it is good for is said with `keep` or `forget`.
   *
   * @throws as `rows`, and with the code that the run has failed with
   */
  abstract run(queryId: number, caller: Principal, signal: AbortSignal): Promise<WatchedRows>;

  /** Removes a run that `run` has made, with its result. */
  abstract forget(queryId: number, caller: Principal): Promise<void>;
}
