/**
 * How rows travel from a remote source into Parquet: as tab-separated text with backslash escapes and `\N` for NULL, the
 * form that PostgreSQL's COPY and ClickHouse's TabSeparated write. Line ends only end rows in it, so it is read without
 * looking at quotes; here is what DuckDB makes of each column of it.
 */
import type { ColumnType } from '../../catalog/catalog.js';
import type { ResultColumn } from '../../charts/contract.js';
import { identifier, literal, literalList } from '../duckdb/sql-text.js';

/** What the texts of a column spell. */
export type StagedShape =
  | { kind: 'plain'; sqlType: 'BOOLEAN' | 'SMALLINT' | 'INTEGER' | 'BIGINT' | 'FLOAT' | 'DOUBLE' | 'TIME' | 'UUID' }
  | { kind: 'decimal'; precision: number; scale: number }
  /** Numbers of any precision; how they are stored is decided when all of them are there. */
  | { kind: 'number' }
  | { kind: 'text' }
  /** ISO dates and times; moments with an offset from UTC. */
  | { kind: 'date' | 'timestamp' | 'timestamptz' }
  | { kind: 'json' }
  /** Binary, as `\x` and hexadecimal digits. */
  | { kind: 'hex' }
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
  list: 'list',
};

const PLAIN_TYPE: Record<Extract<StagedShape, { kind: 'plain' }>['sqlType'], ColumnType> = {
  BOOLEAN: 'boolean',
  SMALLINT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'integer',
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
    default:
      return `list_transform(${texts}, lambda item: ${scalar(item, 'item')})`;
  }
}

type ScalarShape = Exclude<StagedShape, { kind: 'number' | 'text' | 'json' | 'hex' | 'list' }>;

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
      return `CAST(${text} AS TIMESTAMP)`;
    case 'timestamptz':
      return `CAST(${text} AS TIMESTAMPTZ)`;
  }
}

const ESCAPES: readonly [escape: string, code: number][] = [
  ['\\n', 10],
  ['\\r', 13],
  ['\\t', 9],
  ['\\b', 8],
  ['\\f', 12],
  ['\\v', 11],
];

/** NUL, which no text of a source can hold, stands in for the backslashes that are meant while the others are read. */
function unescaped(column: string): string {
  const meant = `replace(${column}, '\\\\', chr(0))`;
  const read = ESCAPES.reduce((sql, [escape, code]) => `replace(${sql}, '${escape}', chr(${code}))`, meant);
  return `CASE WHEN contains(${column}, '\\') THEN replace(${read}, chr(0), '\\') ELSE ${column} END`;
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
