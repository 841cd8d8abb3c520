/**
 * Types of columns that come as text, and the proof that nothing is lost by them.
 *
 * DuckDB guesses types from the first rows, and its casts are generous: `1.5` read as BIGINT is 2, `007` is 7,
 * `2024-01-01 10:00` read as DATE loses its time, an offset read as TIMESTAMP is ignored. Here a value is only
 * converted when its text says no more than the type can hold; otherwise the column takes a wider type.
 */
import { identifier, literal } from '../sql-text.js';

export interface CsvColumn {
  name: string;
  /** As DuckDB spells it. */
  type: string;
  /**
   * How the values are written where it is not the plain way: dates in strptime's letters, numbers as `DECIMAL_COMMA`;
   * null for ISO 8601 and for numbers with a point.
   */
  format: string | null;
  /** The caller asked for this type: a value that does not fit is an error and no reason for another type. */
  fixed: boolean;
}

/** The mark of a value that does not fit, in the message of DuckDB's `error()`; the column's position follows. */
const UNFIT = 'value does not fit column #';
/** 2^53: from here on a DOUBLE no longer tells neighbouring whole numbers apart. */
const MAX_EXACT_DOUBLE = 9_007_199_254_740_992;

/** Numbers such as `1.234,5`. */
export const DECIMAL_COMMA = '1.234,5';
const DECIMAL_COMMA_PATTERN = '-?(0|[1-9][0-9]{0,11}|[1-9][0-9]{0,2}([.][0-9]{3}){1,3})(,[0-9]+)?';
/** Dates with the month as a word, which DuckDB's sniffer does not look for. */
const NAMED_MONTHS = ['%b %d %Y', '%b %d, %Y', '%d %b %Y', '%d-%b-%Y', '%d-%b-%y', '%B %d, %Y', '%d %B %Y'];

/** From the narrowest to the widest; VARCHAR, which holds everything, is what remains. */
const WIDER: Record<string, readonly string[]> = {
  BIGINT: ['BIGINT', 'DECIMAL(38,0)', 'DOUBLE'],
  DOUBLE: ['DECIMAL(38,0)', 'DOUBLE'],
  DATE: ['DATE', 'TIMESTAMP'],
  TIMESTAMP: ['TIMESTAMP', 'TIMESTAMP_NS'],
};

/** Whether the reader's own conversion can be trusted, or checked by its result: a DOUBLE shows what it may have lost. */
function readsNatively({ type, format }: CsvColumn): boolean {
  return format === null && ['VARCHAR', 'BOOLEAN', 'TIME', 'DOUBLE'].includes(type);
}

/** The type under which DuckDB's reader gives the column. */
export function readerType(column: CsvColumn): string {
  return readsNatively(column) ? column.type : 'VARCHAR';
}

/** The value in its type, or an error that names the column when the text says more than the type holds. */
export function checkedValue(column: CsvColumn, position: number): string {
  const name = identifier(column.name);
  const { type, fixed } = column;
  if (readsNatively(column) && (type !== 'DOUBLE' || fixed)) return name;
  const fit = fixed ? fits(name, type) : quicklyFits(column);
  const otherwise = `error(${literal(UNFIT + String(position))})`;
  return `CASE WHEN ${name} IS NULL OR ${fit} THEN ${valueOf(column)} ELSE ${otherwise} END AS ${name}`;
}

/** The value in its type, for a column all of whose values are known to fit. */
export function provenValue(column: CsvColumn, position: number): string {
  if (column.fixed) return checkedValue(column, position);
  const name = identifier(column.name);
  return `${valueOf(column)} AS ${name}`;
}

/** The position of the column that `checkedValue` has complained about; null for any other error. */
export function unfitColumn(message: string): number | null {
  const position = new RegExp(`${UNFIT}(\\d+)`).exec(message)?.[1];
  return position === undefined ? null : Number(position);
}

/** The types to try for a column, narrowest first, with the aggregate that tells whether all values of it fit. */
export function typeTrials(column: CsvColumn): { type: string; allFit: string }[] {
  const name = identifier(column.name);
  if (column.format !== null) return [{ type: column.type, allFit: allOf(name, fitsFormat(name, column.format)) }];
  return (WIDER[column.type] ?? [column.type]).map((type) => ({ type, allFit: allOf(name, fits(name, type)) }));
}

/** Ways of writing a text column's values that make more of it, with the aggregate that tells whether all are so written. */
export function formatTrials(
  { name }: CsvColumn,
  delimiter: string,
): { type: string; format: string; allFit: string }[] {
  const column = identifier(name);
  const dates = NAMED_MONTHS.map((format) => ({
    type: 'DATE',
    format,
    allFit: `coalesce(bool_and(${fitsFormat(column, format)}), false)`,
  }));
  if (delimiter === ',') return dates;
  const numbers = `bool_and(${fitsFormat(column, DECIMAL_COMMA)}) AND bool_or(contains(${column}, ','))`;
  return [...dates, { type: 'DOUBLE', format: DECIMAL_COMMA, allFit: `coalesce(${numbers}, false)` }];
}

function allOf(name: string, fit: string): string {
  return `coalesce(bool_and(${fit}) FILTER (WHERE ${name} IS NOT NULL), true)`;
}

/** The value in its type; an error where it does not fit. */
function valueOf(column: CsvColumn): string {
  const name = identifier(column.name);
  if (readsNatively(column)) return name;
  if (column.format === null) return `CAST(${name} AS ${column.type})`;
  if (column.format === DECIMAL_COMMA) return `CAST(replace(replace(${name}, '.', ''), ',', '.') AS DOUBLE)`;
  return `CAST(strptime(${name}, ${literal(column.format)}) AS ${column.type})`;
}

/** Null for null. */
function fitsFormat(name: string, format: string): string {
  if (format === DECIMAL_COMMA) return `regexp_full_match(trim(${name}), ${literal(DECIMAL_COMMA_PATTERN)})`;
  return `CASE WHEN ${name} IS NOT NULL THEN try_strptime(${name}, ${literal(format)}) IS NOT NULL END`;
}

/**
 * A check that costs next to nothing, for the types that a sample suggests. It may refuse what fits, never the reverse;
 * what the cast itself refuses needs no check.
 */
function quicklyFits({ name: columnName, type, format }: CsvColumn): string {
  const name = identifier(columnName);
  if (format !== null) return fitsFormat(name, format);
  switch (type) {
    case 'BIGINT': {
      const printed = `CAST(TRY_CAST(${name} AS BIGINT) AS VARCHAR)`;
      return `${printed} = ${name} OR ${printed} = trim(${name})`;
    }
    case 'DOUBLE':
      return `abs(${name}) < ${MAX_EXACT_DOUBLE} OR NOT isfinite(${name})`;
    case 'DATE':
      return `strlen(${name}) <= 10`;
    case 'TIMESTAMP':
      return withoutOffset(name, 6);
    default:
      return fits(name, type);
  }
}

/** True only when the value means the same in the type as its text does. */
function fits(name: string, type: string): string {
  const cast = `TRY_CAST(${name} AS ${type})`;
  switch (type) {
    case 'VARCHAR':
      return `${name} IS NOT NULL`;
    case 'BIGINT':
      return `coalesce(CAST(${cast} AS VARCHAR) IN (${name}, trim(${name})), false)`;
    case 'DECIMAL(38,0)':
      return `coalesce(regexp_full_match(trim(${name}), '-?(0|[1-9][0-9]{0,37})'), false)`;
    case 'DECIMAL(38,10)':
      return `coalesce(regexp_full_match(trim(${name}), '[+-]?[0-9]{1,28}([.][0-9]{0,10})?'), false)`;
    case 'DOUBLE':
      return `(${cast} IS NOT NULL AND ${plainNumber(name)})`;
    case 'DATE':
      return `(${cast} IS NOT NULL AND length(trim(${name})) <= 10)`;
    case 'TIMESTAMP':
      return `(${cast} IS NOT NULL AND ${withoutOffset(name, 6)})`;
    case 'TIMESTAMP_NS':
      return `(${cast} IS NOT NULL AND ${withoutOffset(name, 9)})`;
    default:
      return `${cast} IS NOT NULL`;
  }
}

/** No zero or plus in front, as identifiers and telephone numbers have; no whole number of more digits than fit. */
function plainNumber(name: string): string {
  return `regexp_full_match(trim(${name}), '-?((0|[1-9][0-9]{0,14})|(0|[1-9][0-9]*)?[.][0-9]*|[0-9.]+[eE][+-]?[0-9]+|(?i:nan|inf|infinity))')`;
}

/** Dates alone and times to so many digits of a second; `2024-01-01 10:00:00` is told without a regular expression. */
function withoutOffset(name: string, digits: number): string {
  return `((strlen(${name}) = 19 AND substr(${name}, 17, 1) = ':')
    OR regexp_full_match(trim(${name}), '[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9:]+([.][0-9]{1,${digits}}0*)?)?'))`;
}
