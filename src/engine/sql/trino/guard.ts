/** The read-only guard for Trino. */
import type { ColumnMask } from '../guard.js';
import type { Place, Reader, SelectDialect, SpecialForm } from '../select/dialect.js';
import type { Lexical } from '../select/lexical.js';
import { castForm, extractForm, positionForm, substringForm, trimForm } from '../select/forms.js';
import { createSelectGuard, type SelectGuard } from '../select/guard.js';
import { tail } from '../select/limits.js';
import type { FromCall, Tail } from '../select/tree.js';
import { Phrases, phrases, RESERVED, setOf } from '../select/words.js';
import type { TextLimits } from '../text-limits.js';
import { FUNCTIONS, NOT_FOR_ONE_ROW } from './functions.js';

const LEXICAL: Lexical = {
  word: /[A-Za-z_]\w*/y,
  signs: [...'()[],.;+-*/%=<>', '<>', '!=', '<=', '>=', '||', '->'],
  stringQuotes: "'",
  nameQuotes: '"',
  settableQuotes: '',
  hasNameEscapes: false,
  lineComment: /--[^\n]*/y,
  checkComment: () => undefined,
  unescape: null,
  text: (value) => `'${value.replaceAll("'", "''")}'`,
  name: (value) => `"${value.replaceAll('"', '""')}"`,
};

const TRINO: SelectDialect = {
  dialect: 'trino',
  title: 'Trino',
  lexical: LEXICAL,
  foldsNames: true,
  operators: {
    prefix: { signs: new Set('-+'), phrases: phrases('NOT') },
    infix: {
      signs: new Set([...'+-*/%=<>', '<>', '!=', '<=', '>=', '||']),
      phrases: phrases(`AND, OR, LIKE, NOT LIKE, IN, NOT IN, BETWEEN, NOT BETWEEN, ESCAPE, IS DISTINCT FROM,
        IS NOT DISTINCT FROM, AT TIME ZONE`),
    },
    postfix: { signs: new Set(), phrases: phrases('IS NULL, IS NOT NULL') },
  },
  isFunction: (name) => FUNCTIONS.has(name),
  isForRows: (name) => NOT_FOR_ONE_ROW.has(name),
  forms: new Map<string, SpecialForm>([
    ['cast', (reader, name) => castForm(reader, name)],
    ['try_cast', (reader, name) => castForm(reader, name)],
    ['extract', extractForm],
    ['position', positionForm],
    ['substring', substringForm],
    ['trim', trimForm],
  ]),
  constants: setOf('NULL TRUE FALSE CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP'),
  types: new Set([
    ...setOf(`
      BOOLEAN TINYINT SMALLINT INTEGER INT BIGINT REAL DOUBLE DECIMAL NUMERIC DEC NUMBER VARCHAR CHAR VARBINARY JSON DATE
      TIME TIMESTAMP ARRAY MAP ROW UUID IPADDRESS`),
    'DOUBLE PRECISION',
  ]),
  typedLiterals: setOf(
    'DATE TIME TIMESTAMP DECIMAL DOUBLE REAL BIGINT INTEGER SMALLINT TINYINT VARCHAR CHAR JSON UUID X',
  ),
  units: setOf(
    'SECOND MINUTE HOUR DAY WEEK MONTH QUARTER YEAR DAY_OF_MONTH DAY_OF_WEEK DOW DAY_OF_YEAR DOY YEAR_OF_WEEK YOW',
  ),
  reserved: new Set([
    ...RESERVED,
    ...setOf(`
      NULL TRUE FALSE CONSTRAINT CURRENT_CATALOG CURRENT_PATH CURRENT_ROLE CURRENT_SCHEMA CURRENT_USER DEALLOCATE DESCRIBE
      ESCAPE EXECUTE EXTRACT FETCH GROUPING JSON_ARRAY JSON_EXISTS JSON_OBJECT JSON_QUERY JSON_TABLE JSON_VALUE LISTAGG
      NORMALIZE PREPARE TABLESAMPLE UESCAPE UNNEST MATCH_RECOGNIZE`),
  ]),
  joins: phrases(`JOIN, INNER JOIN, CROSS JOIN, LEFT JOIN, LEFT OUTER JOIN, RIGHT JOIN, RIGHT OUTER JOIN, FULL JOIN,
    FULL OUTER JOIN, NATURAL JOIN, NATURAL INNER JOIN, NATURAL LEFT JOIN, NATURAL RIGHT JOIN, NATURAL FULL JOIN`),
  setOperations:
    phrases(`UNION, UNION ALL, UNION DISTINCT, EXCEPT, EXCEPT ALL, EXCEPT DISTINCT, INTERSECT, INTERSECT ALL,
    INTERSECT DISTINCT`),
  selectWords: ['DISTINCT', 'ALL'],
  groupingEnds: new Phrases([]),
  explain,
  limits,
  fromFunctions: new Map([['unnest', unnest]]),
  features: new Set([
    'lambda',
    'array-constructor',
    'subscript',
    'row-fields',
    'filter',
    'within-group',
    'column-aliases',
    'values',
    'lateral',
    'sample',
    'recursive',
  ]),
  inlinesCtes: false,
  namesOutputsByText: false,
  aliasesSeen: 'behind',
  // Predicates are not moved below a LIMIT.
  fence: 'LIMIT 9223372036854775807',
  fencesMasks: false,
  masked,
};

/** @param limits bounds of the text, checked before it is read */
export async function createTrinoGuard(limits?: TextLimits): Promise<SelectGuard> {
  return createSelectGuard(TRINO, limits);
}

/** `EXPLAIN (TYPE LOGICAL, FORMAT JSON)`; ANALYZE would run the query. */
function explain(cursor: Place): string {
  if (!cursor.isSign('(') || !/^(TYPE|FORMAT)$/.test(cursor.peek(1).word)) return 'EXPLAIN';
  const options = cursor.bracketed(() => cursor.list(() => explainOption(cursor)));
  return `EXPLAIN (${options.join(', ')})`;
}

function explainOption(cursor: Place): string {
  const option = cursor.takeOneOf(['TYPE', 'FORMAT']) ?? cursor.refuse();
  const values = option === 'TYPE' ? ['LOGICAL', 'DISTRIBUTED', 'VALIDATE', 'IO'] : ['TEXT', 'JSON', 'GRAPHVIZ'];
  return `${option} ${cursor.takeOneOf(values) ?? cursor.refuse()}`;
}

/** `OFFSET 5 ROWS LIMIT 10`, `FETCH FIRST 10 ROWS WITH TIES`. */
function limits(reader: Reader): Tail[] {
  const { cursor } = reader;
  const tails: Tail[] = [];
  if (cursor.takePhrase('OFFSET')) {
    const skipped = reader.expression();
    cursor.takeOneOf(['ROWS', 'ROW']);
    tails.push(tail('OFFSET', skipped, 'ROWS'));
  }
  if (cursor.takePhrase('LIMIT')) {
    // ALL is no limit.
    return cursor.takePhrase('ALL') ? tails : [...tails, tail('LIMIT', reader.expression())];
  }
  if (!cursor.takePhrase('FETCH')) return tails;
  const start = cursor.takeOneOf(['FIRST', 'NEXT']) ?? cursor.refuse();
  const count = reader.expression();
  const end = cursor.takeOneOf(['ROWS ONLY', 'ROW ONLY', 'ROWS WITH TIES', 'ROW WITH TIES']) ?? cursor.refuse();
  return [...tails, tail(`FETCH ${start}`, count, end)];
}

/** `UNNEST(a, b) WITH ORDINALITY` */
function unnest(reader: Reader, name: string): Omit<FromCall, 'alias' | 'columns'> {
  const { cursor } = reader;
  const args = reader.expressions();
  cursor.expectSign(')');
  const end = cursor.takePhrase('WITH ORDINALITY') ? 'WITH ORDINALITY' : '';
  return { kind: 'from-call', name, args, inside: '', end, gives: [] };
}

function masked(value: string, mask: ColumnMask, key: string): string {
  const text = `CAST(${value} AS VARCHAR)`;
  switch (mask) {
    // NULL of the column's own type.
    case 'hide':
      return `CASE WHEN FALSE THEN ${value} END`;
    case 'hash':
      return `lower(to_hex(sha256(to_utf8('${key}:' || ${text}))))`;
    case 'partial':
      return `CASE WHEN ${text} LIKE '_%@%' THEN substr(${text}, 1, 1) || '***@' || split_part(${text}, '@', 2)
        WHEN length(${text}) > 3 THEN substr(${text}, 1, 1) || '***'
        WHEN ${value} IS NOT NULL THEN '***' END`;
  }
}
