import type { Query, QueryStatus } from '../entities/query.entity.js';
import type { RunState } from '../running-queries.js';

/** `event: status`: the query is where it was not before. */
export class QueryStatusEventDto {
  status!: QueryStatus;
  /** While it waits: how many turns are left until its own, 1 being the next; null when that is not known. @example 3 */
  place!: number | null;
}

/** `event: progress`: how far a running query is. */
export class QueryProgressEventDto {
  /** Rows that have come from the source; null where that cannot be seen. @example 120000 */
  rows!: number | null;
  /** Bytes of the result so far; null where that cannot be seen. @example 4718592 */
  bytes!: number | null;
  /** Done of the whole, 0 to 1; null where the engine does not say. @example 0.4 */
  fraction!: number | null;
  /** Since the run began. @example 1500 */
  elapsed_ms!: number;

  static from(query: Query, run: RunState | null): QueryProgressEventDto {
    const begun = run?.begunAt ?? query.startedAt?.getTime() ?? Date.now();
    return {
      rows: run?.progress?.rows ?? null,
      bytes: run?.progress?.bytes ?? null,
      fraction: run?.progress?.fraction ?? null,
      elapsed_ms: Math.max(0, Date.now() - begun),
    };
  }
}
