/** Turns what the driver, the network and the server throw into errors a user can act on, without secrets and without values of rows. */
import pg from 'pg';
import { EngineError, type EngineErrorCode } from '../../errors.js';
import { networkError, property } from '../remote/source-errors.js';

/** While a session is opened, while the server reads a statement, and while it runs one. */
type Phase = 'connecting' | 'describing' | 'running';

/**
 * What a message may be shown of. It is the server's own text about the statement while it reads one: once a statement
 * runs, functions and casts put values of rows into messages of the same classes (`syntax error in tsquery: "…"` is 42601),
 * and a function of the database may raise what it likes.
 */
const ABOUT_THE_STATEMENT = new Set(['42', '0A', '3F']);
/**
 * States whose quotes hold names and types only: no such schema, table, column, function or object, ambiguous or given
 * twice, grouping, types that do not fit. Messages of others are shown when nothing is quoted in them: a constant that cannot
 * be read is quoted, and it may be one of an access rule.
 */
const ABOUT_NAMES = new Set([
  '3F000',
  '42P01',
  '42703',
  '42883',
  '42702',
  '42725',
  '42712',
  '42701',
  '42803',
  '42804',
  '42846',
  '42P10',
  '42P20',
]);
const LONGEST_TEXT = 300;

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
 * @param phase of the session, when it was thrown
 * @returns one of the `source_*` codes or `query_failed`; an EngineError comes back as it is
 */
export function postgresError(error: unknown, phase: Phase = 'running'): EngineError {
  if (error instanceof EngineError) return error;
  const code = property(error, 'code') ?? '';
  if (error instanceof pg.DatabaseError || /^[0-9A-Z]{5}$/.test(code)) return serverError(error, code, phase);
  return networkError(error, 'a PostgreSQL server', phase === 'connecting');
}

function serverError(error: unknown, state: string, phase: Phase): EngineError {
  const [, code, message] = ADVICE.filter(([start]) => state.startsWith(start)).sort(
    ([a], [b]) => b.length - a.length,
  )[0] ?? [
    state,
    phase === 'connecting' ? 'source_unreachable' : 'query_failed',
    'The query failed at the source while it ran.',
  ];
  const details = { kind: state };
  if (ABOUT_THE_STATEMENT.has(state.slice(0, 2)) && state !== '42501') {
    return new EngineError('query_failed', doesNotFit(error, state, phase), { cause: error, details });
  }
  return new EngineError(code, message, { cause: error, details });
}

function doesNotFit(error: unknown, state: string, phase: Phase): string {
  const text = (property(error, 'message') ?? '').replace(/\s+/g, ' ').trim();
  const mayBeShown =
    phase === 'describing' && text.length <= LONGEST_TEXT && (ABOUT_NAMES.has(state) || !/["'«»]/.test(text));
  return mayBeShown
    ? `The query does not fit the data: ${text}.`
    : 'The query does not fit the data: a part of it cannot be read, or is not possible here. Check its constants and casts.';
}
