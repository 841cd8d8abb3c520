/** Turns what the driver, the network and the server throw into errors a user can act on, without secrets and without values of rows. */
import { EngineError, type EngineErrorCode } from '../../errors.js';
import { networkError, tlsFailed } from '../remote/source-errors.js';

/** The driver's own words for a password that it does not know how to send, or must not. */
const SIGN_IN = new Set(['AUTH_SWITCH_PLUGIN_ERROR', 'MYSQL_CLEAR_PASSWORD_NOT_ENABLED']);

/** Errors that speak only of the statement's own names, and so help without giving data away. */
const ABOUT_THE_STATEMENT = new Set([
  1046, // no database selected
  1052, // column is ambiguous
  1054, // unknown column
  1055, // not in GROUP BY
  1056,
  1060,
  1066,
  1111,
  1112,
  1120,
  1140,
  1146,
  1166,
  1222,
  1235,
  1241,
  1247,
  1248,
  1250,
  1305,
  1318,
  1582,
  1583,
  1584,
  1630,
  3065,
  4015,
  4016,
]);

/** By the server's number ("Server Error Message Reference", "MariaDB Error Codes"). */
const ADVICE: readonly [numbers: readonly number[], code: EngineErrorCode, message: string][] = [
  [[1045, 1698, 3118, 4151], 'source_refused', 'The source refuses the user name or the password. Check both.'],
  [[1820, 1862], 'source_refused', 'The password of this user has expired at the source. Set a new one there.'],
  [[1044, 1049], 'source_refused', 'The source has no database of this name, or does not show it to this user.'],
  [[1129, 1130], 'source_refused', 'The source does not let this machine connect. Allow its address there.'],
  [
    [1142, 1143, 1227, 1345, 1356, 1370],
    'source_refused',
    'The user of this data source may not read something that the query needs.',
  ],
  [
    [1040, 1203, 1226, 1135],
    'source_unreachable',
    'The source has no free connection, or none for this user. Try again later.',
  ],
  [[1053, 1077, 1079, 3168], 'source_lost', 'The source is shutting down or starting. Try again later.'],
  [
    [1080, 1158, 1159, 1160, 1161, 1184, 1927, 4031],
    'source_lost',
    'The connection to the source was lost. Try again.',
  ],
  [[1317], 'query_failed', 'The source stopped the query.'],
  [
    [1969, 3024, 1907],
    'query_timeout',
    'The query took longer than the source allows and was stopped. Filter or aggregate more.',
  ],
  [
    [1021, 1037, 1038, 1041, 1114, 1135, 126, 28],
    'query_failed',
    'The source ran out of memory, disk or connections. Filter or aggregate more.',
  ],
  [
    [1104, 1118, 1117, 1116, 1390, 1153],
    'query_failed',
    'The query goes beyond a limit of the source. Make it smaller.',
  ],
  [[1205, 1213, 1412], 'query_failed', 'A table is locked or changing at the source. Try again later.'],
  [[1290, 1792, 1836], 'query_failed', 'The query would change data. Only reading is possible.'],
  [[1064, 1149, 1295], 'query_failed', 'The source does not understand the query. Check it against its SQL.'],
  [[1365], 'query_failed', 'The query failed while it ran: division by zero.'],
  [[1242], 'query_failed', 'The query failed while it ran: more than one row returned by a subquery.'],
  [[1267, 1270, 1271], 'query_failed', 'The query compares texts of different collations. Convert one of them.'],
  [[1300, 1366, 1977], 'source_data_invalid', 'The source holds text that is not valid in its encoding.'],
  [
    [1264, 1292, 1411, 1441, 1406, 1690, 1916],
    'query_failed',
    'A value cannot be converted to, or is out of the range of, the type that the query asks for.',
  ],
];

/**
 * @param error what was thrown
 * @param connecting true until the source accepts statements
 * @returns one of the `source_*` codes, `query_failed` or `query_timeout`; an EngineError comes back as it is
 */
export function mysqlError(error: unknown, connecting = false): EngineError {
  if (error instanceof EngineError) return error;
  const number = property(error, 'errno');
  if (typeof number === 'number' && number > 0 && typeof property(error, 'sqlMessage') === 'string') {
    return serverError(error, number, connecting);
  }
  const code = textOf(error, 'code');
  if (code === 'HANDSHAKE_NO_SSL_SUPPORT' || code === 'HANDSHAKE_SSL_ERROR') {
    return tlsFailed(error);
  }
  if (SIGN_IN.has(code)) {
    return new EngineError(
      'source_refused',
      'The source asks for the password in a way that is not supported, or not without a verified certificate. Use mysql_native_password or caching_sha2_password.',
      { cause: error },
    );
  }
  return networkError(error, 'a MySQL or MariaDB server', connecting);
}

function serverError(error: unknown, number: number, connecting: boolean): EngineError {
  const details = { kind: number };
  if (ABOUT_THE_STATEMENT.has(number)) {
    const text = textOf(error, 'sqlMessage').replace(/\s+/g, ' ').trim();
    return new EngineError('query_failed', `The query does not fit the data: ${text}.`, { cause: error, details });
  }
  const [, code, message] = ADVICE.find(([numbers]) => numbers.includes(number)) ?? [
    [],
    connecting ? 'source_unreachable' : 'query_failed',
    connecting
      ? 'The source does not accept the connection. Check what its log says.'
      : 'The query failed at the source while it ran.',
  ];
  return new EngineError(code, message, { cause: error, details });
}

function textOf(error: unknown, name: string): string {
  const value = property(error, name);
  return typeof value === 'string' ? value : '';
}

/** Errors may come from another realm, so their class tells nothing. */
function property(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
}
