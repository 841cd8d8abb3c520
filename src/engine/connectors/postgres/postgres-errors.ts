/** Turns what the driver, the network and the server throw into errors a user can act on, without secrets and without values of rows. */
import pg from 'pg';
import { EngineError, type EngineErrorCode } from '../../errors.js';
import { networkError, property } from '../remote/source-errors.js';

/** Classes of SQLSTATE that speak only of the statement's own names, and so help without giving data away. */
const ABOUT_THE_STATEMENT = new Set(['42', '0A', '3F']);

/** By SQLSTATE, the longest beginning that fits. */
const ADVICE: readonly [state: string, code: EngineErrorCode, message: string][] = [
  ['28', 'source_refused', 'The source refuses the user name or the password. Check both.'],
  ['3D000', 'source_refused', 'The source has no database of this name, or does not show it to this user.'],
  ['42501', 'source_refused', 'The user of this data source may not read something that the query needs.'],
  ['57014', 'query_failed', 'The source stopped the query.'],
  ['57P', 'source_lost', 'The source is shutting down or starting. Try again later.'],
  ['08', 'source_lost', 'The connection to the source was lost. Try again.'],
  ['53300', 'source_unreachable', 'The source has no free connection. Try again later.'],
  ['53', 'query_failed', 'The source ran out of memory, disk or connections. Filter or aggregate more.'],
  ['54000', 'query_failed', 'The query goes beyond a limit of the source. Select fewer or smaller columns.'],
  ['54', 'query_failed', 'The query goes beyond a limit of the source. Make it smaller.'],
  ['55P03', 'query_failed', 'A table is locked at the source. Try again later.'],
  ['25006', 'query_failed', 'The query would change data. Only reading is possible.'],
  ['22012', 'query_failed', 'The query failed while it ran: division by zero.'],
  ['22021', 'source_data_invalid', 'The source holds text that is not valid in its encoding.'],
  ['22P05', 'source_data_invalid', 'The source holds characters that cannot be converted to UTF-8.'],
  [
    '22',
    'query_failed',
    'A value cannot be converted to, or is out of the range of, the type that the query asks for.',
  ],
  ['21000', 'query_failed', 'The query failed while it ran: more than one row returned by a subquery.'],
];

/**
 * @param error what was thrown
 * @param connecting true until the source accepts statements
 * @returns one of the `source_*` codes or `query_failed`; an EngineError comes back as it is
 */
export function postgresError(error: unknown, connecting = false): EngineError {
  if (error instanceof EngineError) return error;
  const code = property(error, 'code') ?? '';
  if (error instanceof pg.DatabaseError || /^[0-9A-Z]{5}$/.test(code)) return serverError(error, code, connecting);
  return networkError(error, 'a PostgreSQL server', connecting);
}

function serverError(error: unknown, state: string, connecting: boolean): EngineError {
  const [, code, message] = ADVICE.filter(([start]) => state.startsWith(start)).sort(
    ([a], [b]) => b.length - a.length,
  )[0] ?? [state, connecting ? 'source_unreachable' : 'query_failed', 'The query failed at the source while it ran.'];
  const details = { kind: state };
  if (ABOUT_THE_STATEMENT.has(state.slice(0, 2)) && state !== '42501') {
    const text = (property(error, 'message') ?? '').replace(/\s+/g, ' ').trim();
    return new EngineError('query_failed', `The query does not fit the data: ${text}.`, { cause: error, details });
  }
  return new EngineError(code, message, { cause: error, details });
}
