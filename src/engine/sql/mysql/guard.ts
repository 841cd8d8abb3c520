/** The read-only guard for MySQL 8 and MariaDB 10.11. */
import type { ColumnMask } from '../guard.js';
import type { Place, Reader, SelectDialect, SpecialForm } from '../select/dialect.js';
import {
  castForm,
  extractForm,
  finished,
  positionForm,
  substringForm,
  trimForm,
  unitFirstForm,
} from '../select/forms.js';
import { createSelectGuard, type SelectGuard } from '../select/guard.js';
import { limitAndOffset } from '../select/limits.js';
import { refuseConstruct } from '../select/refusal.js';
import type { Expression } from '../select/tree.js';
import { phrases, RESERVED, setOf } from '../select/words.js';
import type { TextLimits } from '../text-limits.js';
import { FUNCTIONS, NOT_FOR_ONE_ROW } from './functions.js';
import { jsonTable } from './json-table.js';
import { LEXICAL } from './lexical.js';

const MYSQL: SelectDialect = {
  dialect: 'mysql',
  title: 'MySQL',
  lexical: LEXICAL,
  foldsNames: true,
  operators: {
    prefix: { signs: new Set('-+~!'), phrases: phrases('NOT, BINARY') },
    infix: {
      signs: new Set([...'+-*/%=<>&|^', '<=>', '<>', '!=', '<=', '>=', '<<', '>>', '&&', '||']),
      phrases:
        phrases(`AND, OR, XOR, DIV, MOD, LIKE, NOT LIKE, REGEXP, NOT REGEXP, RLIKE, NOT RLIKE, IN, NOT IN, BETWEEN,
        NOT BETWEEN, ESCAPE, SOUNDS LIKE, MEMBER OF`),
    },
    postfix: {
      signs: new Set(),
      phrases: phrases(
        `IS NULL, IS NOT NULL, IS TRUE, IS NOT TRUE, IS FALSE, IS NOT FALSE, IS UNKNOWN, IS NOT UNKNOWN`,
      ),
    },
  },
  isFunction: (name) => FUNCTIONS.has(name),
  isForRows: (name) => NOT_FOR_ONE_ROW.has(name),
  forms: new Map<string, SpecialForm>([
    ['cast', (reader, name) => castForm(reader, name)],
    ['convert', convertForm],
    ['extract', extractForm],
    ['group_concat', groupConcatForm],
    ['position', positionForm],
    ['substr', substringForm],
    ['substring', substringForm],
    ['mid', substringForm],
    ['trim', trimForm],
    ['timestampadd', unitFirstForm],
    ['timestampdiff', unitFirstForm],
    ['match', matchForm],
  ]),
  constants: setOf(`
    NULL TRUE FALSE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP UTC_DATE UTC_TIME
    UTC_TIMESTAMP`),
  types: new Set([
    ...setOf(
      'BINARY CHAR NCHAR VARCHAR DATE DATETIME TIME YEAR DECIMAL DEC DOUBLE FLOAT REAL INT INTEGER BIGINT SIGNED',
    ),
    ...setOf('UNSIGNED JSON TEXT'),
    'SIGNED INTEGER',
    'UNSIGNED INTEGER',
    'DOUBLE PRECISION',
  ]),
  typedLiterals: setOf('DATE TIME TIMESTAMP'),
  units: setOf(`
    MICROSECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR SECOND_MICROSECOND MINUTE_MICROSECOND MINUTE_SECOND
    HOUR_MICROSECOND HOUR_SECOND HOUR_MINUTE DAY_MICROSECOND DAY_SECOND DAY_MINUTE DAY_HOUR YEAR_MONTH`),
  reserved: new Set([
    ...RESERVED,
    ...setOf(`
      NULL TRUE FALSE BINARY COLLATE DIV DUAL ESCAPE FORCE IGNORE INTERVAL LOCK MOD OUTFILE PARTITION PROCEDURE REGEXP
      RLIKE STRAIGHT_JOIN USE XOR RETURNING LATERAL SQL_CALC_FOUND_ROWS HIGH_PRIORITY SQL_SMALL_RESULT SQL_BIG_RESULT
      CURRENT_USER REPLACE CONVERT MATCH SEPARATOR LOAD CALL`),
  ]),
  joins: phrases(`JOIN, INNER JOIN, CROSS JOIN, LEFT JOIN, LEFT OUTER JOIN, RIGHT JOIN, RIGHT OUTER JOIN, NATURAL JOIN,
    NATURAL INNER JOIN, NATURAL LEFT JOIN, NATURAL LEFT OUTER JOIN, NATURAL RIGHT JOIN, NATURAL RIGHT OUTER JOIN,
    STRAIGHT_JOIN`),
  setOperations:
    phrases(`UNION, UNION ALL, UNION DISTINCT, EXCEPT, EXCEPT ALL, EXCEPT DISTINCT, INTERSECT, INTERSECT ALL,
    INTERSECT DISTINCT`),
  selectWords: ['DISTINCT', 'DISTINCTROW', 'ALL', 'STRAIGHT_JOIN'],
  groupingEnds: phrases('WITH ROLLUP'),
  explain,
  limits: limitAndOffset,
  fromFunctions: new Map([['json_table', jsonTable]]),
  features: new Set([
    'json-arrow',
    'column-aliases',
    'lateral',
    'dual',
    'adjacent-strings',
    'recursive',
    'within-group',
  ]),
  inlinesCtes: false,
  namesOutputsByText: true,
  aliasesSeen: 'behind',
  // A sub-select with a LIMIT is neither merged into the query around it nor given its conditions.
  fence: 'LIMIT 18446744073709551615',
  fencesMasks: true,
  masked,
};

/**
 * Opens a guard whose statements are right on connections with utf8mb4 and an SQL mode without ANSI_QUOTES.
 *
 * @param limits bounds of the text, checked before it is read
 */
export async function createMySqlGuard(limits?: TextLimits): Promise<SelectGuard> {
  return createSelectGuard(MYSQL, limits);
}

/** `EXPLAIN`, `EXPLAIN FORMAT = JSON`; ANALYZE would run the query. */
function explain(cursor: Place): string {
  if (!cursor.takePhrase('FORMAT')) return 'EXPLAIN';
  cursor.expectSign('=');
  const format = cursor.takeOneOf(['TRADITIONAL', 'JSON', 'TREE']);
  return format === null ? refuseConstruct('This format of EXPLAIN') : `EXPLAIN FORMAT = ${format}`;
}

/** `CONVERT(x, type)` and `CONVERT(x USING utf8mb4)`. */
function convertForm(reader: Reader, name: string): Expression {
  const { cursor } = reader;
  const value = reader.expression();
  if (cursor.takePhrase('USING')) {
    const charset = cursor.name();
    if (!/^\w+$/.test(charset)) refuseConstruct('This character set');
    return finished(reader, name, [{ join: '', lead: '', value }], `USING ${charset}`);
  }
  cursor.expectSign(',');
  const type = reader.type();
  cursor.expectSign(')');
  return { kind: 'cast', word: 'CAST', value, type };
}

/** `GROUP_CONCAT(DISTINCT x ORDER BY y SEPARATOR ';')` */
function groupConcatForm(reader: Reader, name: string): Expression {
  const { cursor } = reader;
  const call = reader.plainCall(name);
  call.inside = cursor.takePhrase('SEPARATOR') ? `SEPARATOR ${LEXICAL.text(cursor.string())}` : '';
  cursor.expectSign(')');
  return reader.callEnd(call);
}

/** `MATCH (a, b) AGAINST ('words' IN BOOLEAN MODE)` */
function matchForm(reader: Reader, name: string): Expression {
  const { cursor } = reader;
  const columns = reader.plainCall(name);
  cursor.expectSign(')');
  cursor.expectPhrase('AGAINST');
  cursor.expectSign('(');
  const value = reader.expression('IN');
  const mode = cursor.takeOneOf(['IN BOOLEAN MODE', 'IN NATURAL LANGUAGE MODE']) ?? '';
  return finished(reader, name, [...columns.args, { join: ') AGAINST (', lead: '', value }], mode);
}

function masked(value: string, mask: ColumnMask, key: string): string {
  const text = `CONVERT(${value} USING utf8mb4)`;
  switch (mask) {
    // NULL of the column's own type.
    case 'hide':
      return `CASE WHEN FALSE THEN ${value} END`;
    case 'hash':
      return `SHA2(CONCAT('${key}:', ${text}), 256)`;
    case 'partial':
      return `CASE WHEN ${text} LIKE '_%@%'
        THEN CONCAT(LEFT(${text}, 1), '***@', SUBSTRING_INDEX(SUBSTRING_INDEX(${text}, '@', 2), '@', -1))
        WHEN CHAR_LENGTH(${text}) > 3 THEN CONCAT(LEFT(${text}, 1), '***')
        WHEN ${value} IS NOT NULL THEN '***' END`;
  }
}
