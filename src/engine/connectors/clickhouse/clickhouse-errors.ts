/** Turns what a ClickHouse server says into errors a user can act on, without secrets and without values of rows. */
import { EngineError, type EngineErrorCode } from '../../errors.js';

/** What should answer. */
export const SERVER = 'a ClickHouse server';

/** An exception of the server. */
export interface ServerException {
  /** Its number in ErrorCodes.cpp. */
  code: number;
  message: string;
}

const STOPPED = 'The source stopped the query.';
const WRITES = 'The query would change data. Only reading is possible.';
const RESOURCES = 'The source ran out of memory, disk or time. Filter or aggregate more.';
const CREDENTIALS = 'The source refuses the user name or the password. Check both.';
const RIGHTS = 'The user of this data source may not read something that the query needs.';
const BUSY = 'The source runs as many queries as it can. Try again later.';
const VALUE = 'A value cannot be converted to, or is out of the range of, the type that the query asks for.';

/** By number in ErrorCodes.cpp. */
const ADVICE: Readonly<Record<number, [code: EngineErrorCode, message: string]>> = {
  81: ['source_refused', 'The source has no database of this name, or does not show it to this user.'],
  192: ['source_refused', CREDENTIALS],
  193: ['source_refused', CREDENTIALS],
  194: ['source_refused', CREDENTIALS],
  195: ['source_refused', 'The source does not let this user in from our address.'],
  516: ['source_refused', CREDENTIALS],
  291: ['source_refused', 'The user of this data source may not read this database.'],
  497: ['source_refused', RIGHTS],
  164: ['query_failed', WRITES],
  452: ['source_refused', 'A constraint in the profile of this user forbids the settings that bound a query.'],
  115: ['source_refused', 'The server does not know a setting that is needed. Version 23.8 or newer is.'],
  159: ['query_failed', STOPPED],
  160: ['query_failed', STOPPED],
  394: ['source_lost', STOPPED],
  201: ['query_failed', 'The user of this data source has used up a quota of the source. Try again later.'],
  202: ['source_unreachable', BUSY],
  158: ['query_failed', RESOURCES],
  241: ['query_failed', RESOURCES],
  243: ['query_failed', RESOURCES],
  307: ['query_failed', RESOURCES],
  396: ['query_failed', RESOURCES],
  236: ['source_lost', 'The source is shutting down or starting. Try again later.'],
  153: ['query_failed', 'The query failed while it ran: division by zero.'],
  125: ['query_failed', 'The query failed while it ran: more than one row returned by a subquery.'],
  6: ['query_failed', VALUE],
  27: ['query_failed', VALUE],
  38: ['query_failed', VALUE],
  41: ['query_failed', VALUE],
  69: ['query_failed', VALUE],
  72: ['query_failed', VALUE],
  321: ['query_failed', VALUE],
  349: ['query_failed', VALUE],
  407: ['query_failed', VALUE],
  // The message quotes the statement, with the conditions and the key of access rules.
  62: ['query_failed', 'The source cannot read the statement. Write it more simply.'],
};

const NO_NAME = 'a part of it cannot be read, or is not possible here.';

/** Exceptions that speak only of the statement's own names, and so help without giving data away. */
const ABOUT_THE_STATEMENT = new Set([
  10, // NOT_FOUND_COLUMN_IN_BLOCK
  42, // NUMBER_OF_ARGUMENTS_DOESNT_MATCH
  46, // UNKNOWN_FUNCTION
  47, // UNKNOWN_IDENTIFIER
  50, // UNKNOWN_TYPE
  60, // UNKNOWN_TABLE
  184, // ILLEGAL_AGGREGATION
  207, // AMBIGUOUS_IDENTIFIER
  215, // NOT_AN_AGGREGATE
]);

/**
 * @param aboutStatement true while nothing has been read, so that the message can quote nothing but the statement
 * @returns `source_*` or `query_failed`
 */
export function exceptionError({ code, message }: ServerException, aboutStatement = false): EngineError {
  const details = { kind: code };
  if (aboutStatement && ABOUT_THE_STATEMENT.has(code)) {
    return new EngineError('query_failed', `The query does not fit the data: ${upToName(message)}`, { details });
  }
  const [ours, text] = ADVICE[code] ?? ['query_failed', 'The query failed at the source while it ran.'];
  return new EngineError(ours, text, { details });
}

/** The last exception that stands in a text, if one does. */
export function exceptionIn(text: string): ServerException | undefined {
  const [, code, message = ''] = [...text.matchAll(/Code: (\d+)\. DB::Exception: ([\s\S]*)/g)].at(-1) ?? [];
  return code === undefined ? undefined : { code: Number(code), message };
}

/**
 * The beginning of a message, up to the first name in it. What comes after that may quote the statement, with what the guard
 * has added to it: conditions and the key of access rules.
 */
function upToName(message: string): string {
  const [named] = /^[A-Za-z ,]{1,100}[`'][\w.]{1,64}[`']/.exec(message) ?? [];
  return named === undefined || /\bselect\b/i.test(named) ? NO_NAME : `${named}.`;
}
