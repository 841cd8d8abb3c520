/**
 * How rows travel from a remote source into Parquet: as tab-separated text with backslash escapes and `\N` for NULL, the
 * form that PostgreSQL's COPY and ClickHouse's TabSeparated write. Line ends only end rows in it, so it is read without
 * looking at quotes; here is what DuckDB makes of each column of it.
 */
import type { ColumnType } from '../../catalog/catalog.js';
import type { ResultColumn } from '../../charts/contract.js';
import { identifier, literal, literalList } from '../duckdb/sql-text.js';

/** Types of DuckDB that read the texts of a source as they are. */
type PlainType = 'BOOLEAN' | 'SMALLINT' | 'INTEGER' | 'BIGINT' | 'UBIGINT' | 'FLOAT' | 'DOUBLE' | 'TIME' | 'UUID';

/** What the texts of a column spell. */
export type StagedShape =
  | { kind: 'plain'; sqlType: PlainType }
  | { kind: 'decimal'; precision: number; scale: number }
  /** Numbers of any precision; how they are stored is decided when all of them are there. */
  | { kind: 'number' }
  | { kind: 'text' }
  | { kind: 'date' }
  /** ISO dates and times. `finer` where they may have more digits than microseconds. */
  | { kind: 'timestamp'; finer?: boolean }
  /** The same with an offset from UTC or the name of a zone; `spaced` where a blank may stand before the offset. */
  | { kind: 'timestamptz'; finer?: boolean; spaced?: boolean }
  | { kind: 'json' }
  /** Binary, as `\x` and hexadecimal digits. */
  | { kind: 'hex' }
  /** Binary, in base 64. */
  | { kind: 'base64' }
  /** A JSON array of the items' texts. */
  | { kind: 'list'; item: StagedShape };

export interface StagedColumn extends ResultColumn {
  shape: StagedShape;
}

/** One column of the stage on its way to Parquet. */
export interface ColumnReading {
  /** The type that the CSV reader gives the column. */
  csvType: string;
  /** The column as it is stored. */
  sql: string;
}

/** Widest DECIMAL that DuckDB knows. */
export const MAX_DECIMAL_WIDTH = 38;

const TEXT_TYPE: Record<StagedShape['kind'], ColumnType> = {
  plain: 'unknown',
  decimal: 'decimal',
  number: 'decimal',
  text: 'text',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  json: 'json',
  hex: 'binary',
  base64: 'binary',
  list: 'list',
};

const PLAIN_TYPE: Record<PlainType, ColumnType> = {
  BOOLEAN: 'boolean',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
  UBIGINT: 'integer',
  FLOAT: 'float',
  DOUBLE: 'float',
  TIME: 'time',
  UUID: 'uuid',
};

/** The catalogue's type for a shape that has no other meaning. */
export function shapeType(shape: StagedShape): ColumnType {
  return shape.kind === 'plain' ? PLAIN_TYPE[shape.sqlType] : TEXT_TYPE[shape.kind];
}

/** The name of a column of the stage, from 0. */
export function stagedName(index: number): string {
  return `c${index}`;
}

/** The type of a `decimal`, and of the items of a list of them. */
function decimalType({ precision, scale }: { precision: number; scale: number }): string {
  return `DECIMAL(${precision},${scale})`;
}

/**
 * The column with the type of its shape. A value that this type cannot hold (NaN as a DECIMAL, a date before our era)
 * ends the statement with an error; it is then read by `readingAsText`.
 */
export function readingTyped(shape: StagedShape, index: number): ColumnReading {
  const column = stagedName(index);
  if (shape.kind === 'plain') return { csvType: shape.sqlType, sql: column };
  if (shape.kind === 'decimal') return { csvType: decimalType(shape), sql: column };
  return { csvType: 'VARCHAR', sql: typed(shape, column) };
}

/** The column as the source spells it, which loses nothing: nested arrays as JSON, everything else as text. */
export function readingAsText(shape: StagedShape, index: number): ColumnReading {
  const text = unescaped(stagedName(index));
  return { csvType: 'VARCHAR', sql: shape.kind === 'list' ? `CAST(${text} AS JSON)` : text };
}

/** True for the row in which a text of the stage does not fit the shape. */
export function misfit(shape: StagedShape, index: number): string {
  const column = stagedName(index);
  return `${column} IS NOT NULL AND TRY(${typed(shape, column)}) IS NULL`;
}

/** A VARCHAR column of the stage as a value of the shape. */
function typed(shape: StagedShape, column: string): string {
  switch (shape.kind) {
    case 'number':
    case 'text':
      return unescaped(column);
    case 'json':
      return `CAST(${unescaped(column)} AS JSON)`;
    case 'hex':
      // The backslash of \x is itself escaped in the stage.
      return `unhex(substr(${column}, 4))`;
    case 'base64':
      return `from_base64(${column})`;
    case 'list': {
      const texts = `CAST(CAST(${unescaped(column)} AS JSON) AS VARCHAR[])`;
      // As texts, the rows of a nested array would silently become texts of JSON.
      return listOf(
        shape.item,
        `CASE WHEN starts_with(${column}, '[[') THEN CAST('nested' AS VARCHAR[]) ELSE ${texts} END`,
      );
    }
    default:
      return scalar(shape, column);
  }
}

/** A list of texts as a list of values. */
function listOf(item: StagedShape, texts: string): string {
  switch (item.kind) {
    case 'number':
    case 'text':
    case 'list':
      return texts;
    case 'json':
      return `CAST(${texts} AS JSON[])`;
    case 'hex':
      return `list_transform(${texts}, lambda item: unhex(substr(item, 3)))`;
    case 'base64':
      return `list_transform(${texts}, lambda item: from_base64(item))`;
    default:
      return `list_transform(${texts}, lambda item: ${scalar(item, 'item')})`;
  }
}

type ScalarShape = Exclude<StagedShape, { kind: 'number' | 'text' | 'json' | 'hex' | 'base64' | 'list' }>;

function scalar(shape: ScalarShape, text: string): string {
  switch (shape.kind) {
    case 'plain':
      return `CAST(${text} AS ${shape.sqlType})`;
    case 'decimal':
      return `CAST(${text} AS ${decimalType(shape)})`;
    case 'date':
      // DuckDB would read past a trailing BC, and infinity has no date to be shown as.
      return `CAST(CASE WHEN ${text} IS NULL OR length(${text}) BETWEEN 10 AND 12 THEN ${text} ELSE 'no date' END AS DATE)`;
    case 'timestamp':
      return `CAST(${microseconds(shape, text)} AS TIMESTAMP)`;
    case 'timestamptz':
      return `CAST(${unspaced(shape, microseconds(shape, text))} AS TIMESTAMPTZ)`;
  }
}

const ESCAPES: readonly [escape: string, value: string][] = [
  ['\\n', 'chr(10)'],
  ['\\r', 'chr(13)'],
  ['\\b', 'chr(8)'],
  ['\\f', 'chr(12)'],
  ['\\v', 'chr(11)'],
  ['\\0', 'chr(0)'],
];
/** A tab, which no cell of a stage holds, stands before a letter for what must not be read twice. */
const MEANT: readonly [escape: string, value: string, letter: string][] = [
  ['\\\\', `'\\'`, 'b'],
  ['\\t', 'chr(9)', 't'],
];

/** DuckDB reads a blank before the name of a zone, but none before an offset. */
function unspaced({ spaced = false }: { spaced?: boolean }, text: string): string {
  return spaced ? `regexp_replace(${text}, ' ([+-]\\d{2}:\\d{2})$', '\\1')` : text;
}

/** DuckDB would cut off what is finer than a microsecond. */
function microseconds({ finer = false }: { finer?: boolean }, text: string): string {
  return finer ? `CASE WHEN regexp_matches(${text}, '\\.\\d{6}0*[1-9]') THEN 'too fine' ELSE ${text} END` : text;
}

function unescaped(column: string): string {
  const stood = MEANT.reduce(
    (sql, [escape, , letter]) => `replace(${sql}, '${escape}', chr(9) || '${letter}')`,
    column,
  );
  const read = ESCAPES.reduce((sql, [escape, value]) => `replace(${sql}, '${escape}', ${value})`, stood);
  const meant = MEANT.reduce((sql, [, value, letter]) => `replace(${sql}, chr(9) || '${letter}', ${value})`, read);
  return `CASE WHEN contains(${column}, '\\') THEN ${meant} ELSE ${column} END`;
}

export interface StagedRows {
  /** In the order of their rows; each ends where a row ends. */
  files: readonly string[];
  /** Bytes of the longest row, or more. */
  longestRow: number;
}

/** Rows are read in pieces of this size; a smaller one would cost more, a larger one only memory. */
const PIECE_BYTES = 4_000_000;

/** The rows of a stage in SQL, with a padding column where there is only one: a row must not be an empty line. */
export function stagedRows({ files, longestRow }: StagedRows, csvTypes: readonly string[]): string {
  const padded = csvTypes.length === 1 ? [...csvTypes, 'VARCHAR'] : csvTypes;
  const columns = padded.map((type, index) => `${identifier(stagedName(index))}: ${literal(type)}`);
  const longest = Math.max(longestRow + 1, 1_000_000);
  return `read_csv(${literalList(files)}, auto_detect = false, header = false, delim = '\t', quote = '', escape = '',
    nullstr = '\\N', new_line = '\\n', max_line_size = ${longest}, buffer_size = ${Math.max(PIECE_BYTES, 2 * longest)},
    columns = {${columns.join(', ')}})`;
}
