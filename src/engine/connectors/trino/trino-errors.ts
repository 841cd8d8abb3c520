/** Turns what a Trino coordinator says into errors a user can act on, without secrets and without values of rows. */
import { EngineError, type EngineErrorCode } from '../../errors.js';
import type { TrinoFailure } from './page.js';

/** What should answer. */
export const SERVER = 'a Trino coordinator';

const STOPPED = 'The source stopped the query.';
const RESOURCES = 'The source ran out of memory, disk or time. Filter or aggregate more.';
const WRITES = 'The query would change data. Only reading is possible.';
const NOWHERE = 'The source has no catalog or schema of this name, or does not show it to this user.';
const VALUE = 'A value cannot be converted to, or is out of the range of, the type that the query asks for.';
const BUSY = 'The source is starting, shutting down or busy. Try again later.';

/** By name in StandardErrorCode. */
const ADVICE: Readonly<Record<string, [code: EngineErrorCode, message: string]>> = {
  PERMISSION_DENIED: ['source_refused', 'The user of this data source may not read something that the query needs.'],
  CATALOG_NOT_FOUND: ['source_refused', NOWHERE],
  SCHEMA_NOT_FOUND: ['source_refused', NOWHERE],
  CATALOG_UNAVAILABLE: ['source_unreachable', 'The source cannot use this catalog now. Try again later.'],
  READ_ONLY_VIOLATION: ['query_failed', WRITES],
  UNSUPPORTED_SUBQUERY: ['query_failed', 'The source does not support a subquery of this kind. Use a join instead.'],
  USER_CANCELED: ['query_failed', STOPPED],
  ADMINISTRATIVELY_KILLED: ['query_failed', STOPPED],
  ADMINISTRATIVELY_PREEMPTED: ['query_failed', STOPPED],
  ABANDONED_QUERY: ['query_failed', STOPPED],
  EXCEEDED_TIME_LIMIT: ['query_failed', RESOURCES],
  DIVISION_BY_ZERO: ['query_failed', 'The query failed while it ran: division by zero.'],
  SUBQUERY_MULTIPLE_ROWS: ['query_failed', 'The query failed while it ran: more than one row returned by a subquery.'],
  INVALID_CAST_ARGUMENT: ['query_failed', VALUE],
  NUMERIC_VALUE_OUT_OF_RANGE: ['query_failed', VALUE],
  INVALID_FUNCTION_ARGUMENT: ['query_failed', VALUE],
  SERVER_STARTING_UP: ['source_unreachable', BUSY],
  SERVER_SHUTTING_DOWN: ['source_lost', BUSY],
  NO_NODES_AVAILABLE: ['source_unreachable', BUSY],
  QUERY_QUEUE_FULL: ['source_unreachable', BUSY],
  // The message quotes what stands in the statement, where conditions and the key of access rules may be.
  SYNTAX_ERROR: ['query_failed', 'The source cannot read the statement. Write it more simply.'],
};

/** Errors of the analysis, which speak only of the statement's own names, and so help without giving data away. */
const ABOUT_THE_STATEMENT = new Set([
  'TABLE_NOT_FOUND',
  'COLUMN_NOT_FOUND',
  'COLUMN_TYPE_UNKNOWN',
  'FUNCTION_NOT_FOUND',
  'TYPE_NOT_FOUND',
  'TYPE_MISMATCH',
  'AMBIGUOUS_NAME',
  'MISSING_GROUP_BY',
  'EXPRESSION_NOT_AGGREGATE',
  'EXPRESSION_NOT_SCALAR',
  'EXPRESSION_NOT_IN_DISTINCT',
  'MISMATCHED_COLUMN_ALIASES',
  'DUPLICATE_NAMED_QUERY',
  'NESTED_AGGREGATION',
  'INVALID_COLUMN_REFERENCE',
]);

/** @returns `source_*` or `query_failed` */
export function failureError({ message, errorName, errorType }: TrinoFailure): EngineError {
  const details = { kind: errorName };
  if (ABOUT_THE_STATEMENT.has(errorName)) {
    const text = message
      .replace(/^line \d+:\d+: /, '')
      .replace(/\. Expecting:.*/s, '')
      .replace(/\s+/g, ' ')
      .replace(/\.$/, '')
      .trim()
      .slice(0, 300);
    return new EngineError('query_failed', `The query does not fit the data: ${text}.`, { details });
  }
  const otherwise = errorType === 'INSUFFICIENT_RESOURCES' ? RESOURCES : 'The query failed at the source while it ran.';
  const [code, text] = ADVICE[errorName] ?? ['query_failed', otherwise];
  return new EngineError(code, text, { details });
}

/** What answers is something else. */
export function notTrino(cause?: unknown): EngineError {
  return new EngineError(
    'source_unreachable',
    `Something answers there that is not ${SERVER}. Check host and port (8080, or 8443 with TLS).`,
    { cause },
  );
}

export function signInRefused(): EngineError {
  return new EngineError('source_refused', 'The source refuses the user name or the password. Check both.');
}
