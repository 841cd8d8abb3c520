/** The read-only guard for ClickHouse. */
import type { ColumnMask } from '../guard.js';
import type { Place, Reader, SelectDialect, SpecialForm } from '../select/dialect.js';
import {
  castForm,
  extractForm,
  finished,
  plainForm,
  positionForm,
  substringForm,
  trimForm,
  unitFirstForm,
} from '../select/forms.js';
import { createSelectGuard, type SelectGuard } from '../select/guard.js';
import { tail } from '../select/limits.js';
import { refuseConstruct } from '../select/refusal.js';
import type { Expression, Tail } from '../select/tree.js';
import { Phrases, phrases, RESERVED, setOf } from '../select/words.js';
import type { TextLimits } from '../text-limits.js';
import { isForRows, isFunction } from './functions.js';
import { LEXICAL } from './lexical.js';

const KINDS = ['INNER', 'LEFT', 'LEFT OUTER', 'RIGHT', 'RIGHT OUTER', 'FULL', 'FULL OUTER', 'CROSS'];
const STRICTNESSES = ['ANY', 'ALL', 'ASOF', 'SEMI', 'ANTI'];
const JOINS = [
  'JOIN',
  ...KINDS.map((kind) => `${kind} JOIN`),
  ...STRICTNESSES.map((strictness) => `${strictness} JOIN`),
  ...KINDS.flatMap((kind) => STRICTNESSES.flatMap((one) => [`${one} ${kind} JOIN`, `${kind} ${one} JOIN`])),
];

const CLICKHOUSE: SelectDialect = {
  dialect: 'clickhouse',
  title: 'ClickHouse',
  lexical: LEXICAL,
  foldsNames: false,
  operators: {
    prefix: { signs: new Set('-+'), phrases: phrases('NOT') },
    infix: {
      signs: new Set([...'+-*/%=<>', '==', '<>', '!=', '<=', '>=', '||']),
      phrases: phrases(`AND, OR, DIV, MOD, LIKE, NOT LIKE, ILIKE, NOT ILIKE, REGEXP, NOT REGEXP, IN, NOT IN, GLOBAL IN,
        GLOBAL NOT IN, BETWEEN, NOT BETWEEN, IS DISTINCT FROM, IS NOT DISTINCT FROM`),
    },
    postfix: {
      signs: new Set(),
      phrases: phrases('IS NULL, IS NOT NULL, IS TRUE, IS NOT TRUE, IS FALSE, IS NOT FALSE'),
    },
  },
  isFunction,
  isForRows,
  forms: new Map<string, SpecialForm>([
    ['cast', convertForm],
    ['extract', extractOrMatchForm],
    ['position', positionForm],
    ['substring', substringForm],
    ['substr', substringForm],
    ['trim', trimForm],
    ...[
      'date_add',
      'date_sub',
      'date_diff',
      'dateadd',
      'datesub',
      'datediff',
      'age',
      'timestampadd',
      'timestampsub',
    ].map((name): [string, SpecialForm] => [name, unitFirstForm]),
  ]),
  constants: setOf('NULL TRUE FALSE CURRENT_DATE CURRENT_TIMESTAMP'),
  types: new Set([
    ...setOf(`
      STRING FIXEDSTRING BOOL BOOLEAN UUID DATE DATE32 DATETIME DATETIME64 TIME TIME64 IPV4 IPV6 JSON FLOAT32 FLOAT64
      DECIMAL DECIMAL32 DECIMAL64 DECIMAL128 DECIMAL256 INT8 INT16 INT32 INT64 INT128 INT256 UINT8 UINT16 UINT32 UINT64
      UINT128 UINT256 NULLABLE LOWCARDINALITY ARRAY TUPLE MAP CHAR VARCHAR TEXT TINYINT SMALLINT INT INTEGER BIGINT FLOAT
      DOUBLE REAL NUMERIC DEC TIMESTAMP`),
    'DOUBLE PRECISION',
  ]),
  typedLiterals: setOf('DATE TIMESTAMP'),
  units: setOf(`
    NANOSECOND MICROSECOND MILLISECOND SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR SECONDS MINUTES HOURS DAYS WEEKS
    MONTHS QUARTERS YEARS`),
  reserved: new Set([
    ...RESERVED,
    ...setOf(`
      NULL TRUE FALSE ANTI ANY ARRAY ASOF COLLATE DIV FETCH FINAL FORMAT GLOBAL ILIKE INTERVAL MOD PASTE PREWHERE QUALIFY
      REGEXP SAMPLE SEMI SETTINGS PARALLEL`),
  ]),
  joins: new Phrases([...JOINS, ...JOINS.map((join) => `GLOBAL ${join}`)]),
  setOperations: phrases(`UNION ALL, UNION DISTINCT, EXCEPT, EXCEPT ALL, EXCEPT DISTINCT, INTERSECT, INTERSECT ALL,
    INTERSECT DISTINCT`),
  selectWords: ['DISTINCT', 'ALL'],
  groupingEnds: phrases('WITH TOTALS, WITH ROLLUP, WITH CUBE, WITH ROLLUP WITH TOTALS, WITH CUBE WITH TOTALS'),
  explain,
  limits,
  fromFunctions: new Map(),
  features: new Set([
    'lambda',
    'array-literal',
    'subscript',
    'cast-sign',
    'parametric',
    'tuple-element',
    'row-fields',
    'filter',
    'final',
    'prewhere',
    'array-join',
    'scalar-with',
    'with-fill',
    'using-without-brackets',
    'qualify',
    'tables-in-values',
  ]),
  inlinesCtes: true,
  namesOutputsByText: false,
  aliasesSeen: 'everywhere',
  // Filters are not moved below a LIMIT.
  fence: 'LIMIT 9223372036854775807',
  fencesMasks: false,
  masked,
};

/** @param limits bounds of the text, checked before it is read */
export async function createClickHouseGuard(limits?: TextLimits): Promise<SelectGuard> {
  return createSelectGuard(CLICKHOUSE, limits);
}

/** `EXPLAIN PLAN indexes = 1, actions = 1`: kinds and options that show how a query is read, and no more. */
function explain(cursor: Place): string {
  const kind = cursor.takeOneOf(['PLAN', 'PIPELINE', 'SYNTAX', 'AST', 'ESTIMATE']);
  const options: string[] = [];
  while (/^(INDEXES|ACTIONS|HEADER|DESCRIPTION|JSON|PROJECTIONS)$/.test(cursor.peek().word) && cursor.isSign('=', 1)) {
    const { text } = cursor.next();
    cursor.expectSign('=');
    options.push(`${text.toLowerCase()} = ${cursor.integer()}`);
    if (!cursor.takeSign(',')) break;
  }
  return ['EXPLAIN', kind, options.join(', ')].filter((part) => part !== null && part !== '').join(' ');
}

/** `LIMIT 3 BY country LIMIT 10 OFFSET 5`, `LIMIT 10 WITH TIES`, `OFFSET 5 ROWS FETCH FIRST 10 ROWS ONLY`. */
function limits(reader: Reader): Tail[] {
  const { cursor } = reader;
  const tails: Tail[] = [];
  while (cursor.takePhrase('LIMIT')) {
    const first = reader.expression();
    const isPair = cursor.takeSign(',');
    const count = isPair ? reader.expression() : first;
    const offset = isPair ? first : cursor.takePhrase('OFFSET') ? reader.expression() : null;
    if (cursor.takePhrase('BY')) {
      if (offset !== null) refuseConstruct('LIMIT BY with OFFSET');
      tails.push(tail('LIMIT', count, 'BY', reader.expressions()));
      continue;
    }
    const ties = cursor.takePhrase('WITH TIES') ? 'WITH TIES' : '';
    if (offset !== null && ties !== '') refuseConstruct('WITH TIES with OFFSET');
    tails.push(tail('LIMIT', count, ties), ...(offset === null ? [] : [tail('OFFSET', offset)]));
    return tails;
  }
  if (!cursor.takePhrase('OFFSET')) return tails;
  tails.push(tail('OFFSET', reader.expression(), cursor.takeOneOf(['ROWS', 'ROW']) ?? ''));
  if (!cursor.takePhrase('FETCH')) return tails;
  const start = cursor.takeOneOf(['FIRST', 'NEXT']) ?? cursor.refuse();
  const rows = reader.expression();
  const end = cursor.takeOneOf(['ROWS ONLY', 'ROW ONLY', 'ROWS WITH TIES', 'ROW WITH TIES']) ?? cursor.refuse();
  return [...tails, tail(`FETCH ${start}`, rows, end)];
}

/** `CAST(x AS UInt8)`, `CAST(x, 'UInt8')` */
function convertForm(reader: Reader, name: string): Expression {
  const { cursor } = reader;
  const value = reader.expression();
  if (!cursor.takeSign(',')) return castForm(reader, name, value);
  const type: Expression = { kind: 'text', value: cursor.string(), type: '' };
  return finished(reader, name, [
    { join: '', lead: '', value },
    { join: ', ', lead: '', value: type },
  ]);
}

/** `extract(YEAR FROM x)` takes a part of a date, `extract(text, pattern)` of a text. */
function extractOrMatchForm(reader: Reader, name: string): Expression {
  return reader.cursor.isPhrase('FROM', 1) ? extractForm(reader, name) : plainForm(reader, name);
}

function masked(value: string, mask: ColumnMask, key: string): string {
  const text = `toString(${value})`;
  switch (mask) {
    // NULL of the column's own type.
    case 'hide':
      return `CASE WHEN FALSE THEN ${value} END`;
    case 'hash':
      return `lower(hex(SHA256(concat('${key}:', ${text}))))`;
    case 'partial':
      return `CASE WHEN ${text} LIKE '_%@%' THEN concat(substringUTF8(${text}, 1, 1), '***@', extract(${text}, '@([^@]*)'))
        WHEN lengthUTF8(${text}) > 3 THEN concat(substringUTF8(${text}, 1, 1), '***')
        WHEN ${value} IS NOT NULL THEN '***' END`;
  }
}
