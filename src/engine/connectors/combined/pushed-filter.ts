/**
 * Which conditions may be tried at the source of a table, and how its dialect says them. A condition is pushed down only
 * where the source and DuckDB cannot disagree about a row in the source's disfavour: DuckDB tries it again, so a row too many
 * does no harm, and a row too few is a wrong answer. Left out, therefore:
 *
 * - order and inequality of text, which collations decide; `_` in LIKE, whose characters may be bytes; everything that
 *   may ignore case in one of the two; fixed-length text, whose blanks count in one place and not in another
 * - numbers that are not exact, and a fraction compared with whole numbers
 * - times with a zone, times finer than microseconds, and types whose values the source checks (enumerations, UUIDs)
 */
import type { CatalogColumn, ColumnType, Dialect } from '../../catalog/catalog.js';
import type { ColumnFilter, Literal } from '../../sql/index.js';
import { dialectRules } from '../../text-to-sql/index.js';

export type TypedColumn = Pick<CatalogColumn, 'name' | 'type' | 'nativeType'>;

/** Types whose values compare alike in the dialect and in DuckDB. */
const COMPARABLE: Record<Dialect, ReadonlySet<ColumnType>> = {
  duckdb: new Set(),
  postgres: new Set(['integer', 'decimal', 'text', 'date', 'timestamp', 'boolean']),
  mysql: new Set(['integer', 'decimal', 'text', 'date', 'timestamp']),
  trino: new Set(['integer', 'decimal', 'text', 'date', 'timestamp', 'boolean']),
  // Decimals are compared as floating-point numbers there, and times have a zone.
  clickhouse: new Set(['integer', 'text', 'date']),
};

/** How sources spell the types that are meant, without what stands in brackets. */
const NATIVE: Partial<Record<ColumnType, RegExp>> = {
  integer: /^u?((tiny|small|medium|big)?int(eger)?|int(8|16|32|64))( unsigned)?$/,
  decimal: /^(numeric|decimal|dec)$/,
  text: /^((tiny|medium|long)?text|varchar|character varying|string)$/,
  date: /^date(32)?$/,
  timestamp: /^(timestamp( without time zone)?|datetime)$/,
  boolean: /^bool(ean)?$/,
};

/**
 * @returns the condition in the dialect of the source; null when it is not to be pushed down
 */
export function pushedFilter(filter: ColumnFilter, column: TypedColumn, dialect: Dialect): string | null {
  const { operator } = filter;
  const rules = dialectRules(dialect);
  const name = rules.identifier(column.name);
  // Whatever the type: that there is a value is the same everywhere.
  if (operator === 'is null') return `${name} IS NULL`;
  if (operator === 'is not null') return `${name} IS NOT NULL`;
  if (!isComparable(column, dialect)) return null;
  if (column.type === 'text' && !['=', 'in', 'like'].includes(operator)) return null;
  if (column.type === 'boolean' && operator !== '=') return null;
  if (operator === 'like' && column.type !== 'text') return null;
  if (column.type === 'date' && dialect === 'clickhouse' && !filter.values.every(isShortDate)) return null;
  if (column.type === 'text' && dialect === 'mysql' && !filter.values.every(({ text }) => isAscii(text))) return null;
  const values = filter.values.flatMap((value) => printed(value, column.type, rules.text) ?? []);
  const [first = '', second = ''] = values;
  if (values.length < filter.values.length || values.length === 0) return null;
  switch (operator) {
    case 'between':
      return `${name} BETWEEN ${first} AND ${second}`;
    case 'in':
      return `${name} IN (${values.join(', ')})`;
    case 'not in':
      return `${name} NOT IN (${values.join(', ')})`;
    case 'like':
      return filter.values[0]?.text.includes('_') === true ? null : `${name} LIKE ${first}`;
    default:
      return `${name} ${operator} ${first}`;
  }
}

/** ClickHouse reads `DATE '…'` as its type of two bytes, and takes a day before or after those for another. */
const isShortDate = ({ text }: Literal): boolean => text >= '1970-01-02' && text < '2149-01-01';

/** Whether every character set of MySQL has it: a column of another set fails when it is compared with what it cannot hold. */
const isAscii = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

function isComparable({ type, nativeType }: TypedColumn, dialect: Dialect): boolean {
  if (!COMPARABLE[dialect].has(type)) return false;
  const bare = unwrapped(nativeType.trim().toLowerCase());
  if (NATIVE[type]?.test(bare.replace(/\([^)]*\)/, '').trim()) !== true) return false;
  const [, digits] = /\((\d+)\)/.exec(bare) ?? [];
  return type !== 'timestamp' || digits === undefined || Number(digits) <= MICROSECONDS;
}

const MICROSECONDS = 6;

/** ClickHouse says of a type that it may be null, or is kept in a dictionary. */
function unwrapped(type: string): string {
  const [, inner] = /^(?:nullable|lowcardinality)\((.*)\)$/.exec(type) ?? [];
  return inner === undefined ? type : unwrapped(inner);
}

const MAX_INTEGER = 2n ** 63n - 1n;

/** @returns null for a value that does not fit the type exactly */
function printed({ kind, text }: Literal, type: ColumnType, quoted: (text: string) => string): string | null {
  switch (type) {
    case 'integer':
      return kind === 'integer' && isWord(BigInt(text)) ? text : null;
    case 'decimal':
      return kind === 'decimal' || (kind === 'integer' && isWord(BigInt(text))) ? text : null;
    case 'boolean':
      return kind === 'boolean' ? text.toUpperCase() : null;
    case 'text':
      // A backslash escapes in one dialect or the other.
      return kind === 'text' && !/[\p{Cc}\p{Surrogate}\\]/u.test(text) ? quoted(text) : null;
    case 'date':
      return (kind === 'date' || kind === 'text') && isDay(text) ? `DATE '${text}'` : null;
    case 'timestamp': {
      const moment = kind === 'date' || kind === 'timestamp' || kind === 'text' ? momentOf(text) : null;
      return moment === null ? null : `TIMESTAMP '${moment}'`;
    }
    default:
      return null;
  }
}

const isWord = (value: bigint): boolean => value <= MAX_INTEGER && value >= -MAX_INTEGER;

/** A day of the calendar, from the year 1000 on. */
function isDay(text: string): boolean {
  if (!/^[1-9]\d{3}-\d\d-\d\d$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** A day, or a day and a time without a zone, as `YYYY-MM-DD HH:MM:SS.ffffff`. */
function momentOf(text: string): string | null {
  const [, day = '', hour, minute, second = '00', fraction = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[ T]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(\.\d{1,6})?)?)?$/.exec(text) ?? [];
  if (!isDay(day)) return null;
  return `${day} ${hour ?? '00'}:${minute ?? '00'}:${second}${fraction}`;
}
