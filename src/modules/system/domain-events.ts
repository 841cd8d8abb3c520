/**
 * What this module reacts to, or tells of. Those who publish `query.finished` come later in the order of modules, so it is
 * declared here, where they can know it.
 */
import { EventKind } from '../../platform/events/index.js';

/** How a query has come to its end. No rows, and nothing of the question. */
export interface QueryFinished {
  queryId: number;
  /** The query that this one runs again; null for one by itself. */
  rerunOfId: number | null;
  userId: number;
  dataSourceId: number;
  engine: string;
  status: 'succeeded' | 'failed' | 'cancelled' | 'needs_clarification' | 'unanswerable';
  origin: string;
  errorCode: string | null;
  /** Milliseconds of the run; null when there was none. */
  executionMs: number | null;
  /** Milliseconds by step: `queue`, `text_to_sql`, `guard`, `execution`. */
  timingsMs: Readonly<Record<string, number>>;
  /** Rows and bytes of the stored result; null when there is none. */
  rowCount: number | null;
  resultBytes: number | null;
  /** The result was that of an earlier run. */
  cacheHit: boolean;
  /** It was run to be looked at once, by an alert: nobody reacts to what it has brought. */
  isTrial: boolean;
}
export const QUERY_FINISHED = new EventKind<QueryFinished>('query.finished');

export const NOTIFICATION_CREATED = new EventKind<{ id: number; userId: number }>('notification.created');

/** Somebody has used something that is counted. */
export const USAGE_RECORDED = new EventKind<{ userIds: readonly number[] }>('usage.recorded');
