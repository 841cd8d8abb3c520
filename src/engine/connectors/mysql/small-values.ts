/** What is read of the tables themselves to describe them: a bounded number of rows, for a bounded time. */
import { escapeId } from 'mysql2';
import type { ColumnType } from '../../catalog/catalog.js';
import type { MySqlSession } from './session.js';
import type { SourceColumn, SourceTable } from './source-table.js';

/** Parts of one statement, and rows that it looks at, about. */
const PARTS_AT_ONCE = 50;
const ROWS_AT_ONCE = 50_000;
/** Together, and for one statement. */
const MAX_TOTAL_MS = 3_000;
const MAX_STATEMENT_MS = 1_000;
/** A table that the server believes to be smaller is counted. */
const COUNTED_ROWS = 10_000;
/** Up to here all rows are looked at, beyond only the first ones. */
const READ_ROWS = 20_000;
/** Values that are longer are not compared. */
const MAX_COMPARED = 1_000;
const MAX_VALUES = 1_000;
const MAX_VALUE_LENGTH = 64;
const MAX_SAMPLES = 10;
const MAX_SHOWN = 200;

/** Types whose values have an order that people know. */
const ORDERED = new Set<ColumnType>([
  'integer',
  'decimal',
  'float',
  'text',
  'date',
  'time',
  'timestamp',
  'timestamptz',
]);

/** Counts the tables that the server believes to be small: what it says of a table is a guess. */
export async function countSmallTables(session: MySqlSession, tables: readonly SourceTable[]): Promise<void> {
  const small = tables.filter(({ stored, entry }) => stored && entry.rowCount < COUNTED_ROWS);
  const parts = small.map((table) => ({
    weight: table.entry.rowCount,
    sql: `SELECT COUNT(*) FROM (SELECT 1 FROM ${nameOf(table)} LIMIT ${COUNTED_ROWS}) AS part`,
    keep: ([row]: Cells[]) => {
      const counted = Number(row?.[0]);
      table.entry.rowCount = counted < COUNTED_ROWS ? counted : Math.max(counted, table.entry.rowCount);
    },
  }));
  await readParts(session, parts);
}

/**
 * Reads nulls, distinct values and both ends of every column: of a small table from all rows; of a large one from the first
 * rows, and the ends only where an index has them.
 */
export async function describeColumns(session: MySqlSession, tables: readonly SourceTable[]): Promise<void> {
  const parts = tables.flatMap((table) => {
    const columns = [...table.columns.values()].filter(isComparable);
    if (!table.stored || table.entry.rowCount === 0 || columns.length === 0) return [];
    return {
      weight: Math.min(table.entry.rowCount, READ_ROWS),
      sql: statisticsOf(table, columns),
      keep: ([row]: Cells[]) => keepStatistics(table, columns, row?.[0] ?? '[]'),
    };
  });
  await readParts(session, parts);
}

/**
 * Reads the distinct values of text columns that seem to have few, so that words of a question can be linked to them, and
 * some values of the others. Of a large table, its first rows stand for all.
 */
export async function readValues(session: MySqlSession, tables: readonly SourceTable[]): Promise<void> {
  const parts = tables.flatMap((table) => {
    if (!table.stored || table.entry.rowCount === 0) return [];
    const texts = [...table.columns.values()].filter(({ entry }) => entry.type === 'text');
    return texts.map((column) => ({
      weight: Math.min(table.entry.rowCount, READ_ROWS),
      sql: valuesOf(table, column),
      keep: (cells: Cells[]) =>
        keepValues(
          column,
          cells.flatMap(([value]) => value ?? []),
        ),
    }));
  });
  await readParts(session, parts);
}

type Cells = readonly (string | null)[];

/** One SELECT of one column that is read together with others. */
interface Part {
  /** Rows that it looks at, about. */
  weight: number;
  sql: string;
  keep: (cells: Cells[]) => void;
}

async function readParts(session: MySqlSession, parts: readonly Part[]): Promise<void> {
  const ends = performance.now() + MAX_TOTAL_MS;
  for (const some of batches(parts)) {
    const left = ends - performance.now();
    if (left <= 0) return;
    const sql = some.map((part, index) => `(SELECT ${index}, part${index}.* FROM (${part.sql}) AS part${index})`);
    const rows = await session.attempt(Math.min(left, MAX_STATEMENT_MS), () => session.rows(sql.join(' UNION ALL ')));
    if (rows === null) continue;
    some.forEach((part, index) => part.keep(rows.filter(([at]) => Number(at) === index).map((row) => row.slice(1))));
  }
}

function batches(parts: readonly Part[]): Part[][] {
  const made: Part[][] = [];
  let weight = Infinity;
  for (const part of parts) {
    const last = made.at(-1);
    weight += part.weight;
    if (last && last.length < PARTS_AT_ONCE && weight <= ROWS_AT_ONCE) {
      last.push(part);
    } else {
      made.push([part]);
      weight = part.weight;
    }
  }
  return made;
}

/** Figures of a column in the order in which `keepStatistics` takes them. */
const FIGURES = 4;

/** One JSON array, because the columns of different tables do not fit into one union. */
function statisticsOf(table: SourceTable, columns: readonly SourceColumn[]): string {
  const isWhole = table.entry.rowCount <= READ_ROWS;
  const figures = columns.flatMap((column) => {
    const name = escapeId(column.entry.name, true);
    const [least, greatest] = ['MIN', 'MAX'].map((end) => {
      if (!ORDERED.has(column.entry.type)) return 'NULL';
      if (isWhole) return shownBy(`${end}(${name})`, column);
      return column.isIndexed ? `(SELECT ${shownBy(`${end}(${name})`, column)} FROM ${nameOf(table)})` : 'NULL';
    });
    return [`COUNT(${name})`, `COUNT(DISTINCT ${name})`, least, greatest];
  });
  return `SELECT JSON_ARRAY(COUNT(*), ${figures.join(', ')}) FROM ${rowsOf(table, columns)}`;
}

function shownBy(value: string, { dataType }: SourceColumn): string {
  return `LEFT(CONVERT(${dataType === 'bit' ? `${value} + 0` : value}, CHAR), ${MAX_SHOWN})`;
}

function keepStatistics(table: SourceTable, columns: readonly SourceColumn[], json: string): void {
  const [looked = 0, ...figures] = JSON.parse(json) as [number, ...(number | string | null)[]];
  const { rowCount } = table.entry;
  const isWhole = rowCount <= READ_ROWS;
  columns.forEach(({ entry: { stats, type } }, index) => {
    const [present, distinct, least, greatest] = figures.slice(index * FIGURES, (index + 1) * FIGURES);
    const nulls = looked - Number(present);
    stats.nulls = isWhole ? nulls : Math.round((nulls / Math.max(1, looked)) * rowCount);
    // Among the first rows of many, few different values are likely to be all; many say nothing.
    if (isWhole || Number(distinct) <= looked / 100) stats.distinct = Number(distinct);
    stats.min = shown(least, type);
    stats.max = shown(greatest, type);
  });
}

/** A value as the catalogue shows it: moments in ISO 8601. A date that is none is no end of anything. */
function shown(value: string | number | null | undefined, type: ColumnType): string | null {
  if (value === null || value === undefined) return null;
  const text = String(value);
  if (type === 'date' || type === 'timestamp' || type === 'timestamptz') {
    if (text.startsWith('0000')) return null;
    return text.replace(' ', 'T') + (type === 'timestamptz' ? 'Z' : '');
  }
  return text;
}

function valuesOf(table: SourceTable, column: SourceColumn): string {
  const name = escapeId(column.entry.name, true);
  const { distinct } = column.entry.stats;
  const most = distinct === null || distinct <= MAX_VALUES ? MAX_VALUES + 1 : MAX_SAMPLES;
  // Text with a long value has too many; what is read of it is only shown.
  const value = isComparable(column) ? name : `LEFT(${name}, ${MAX_SHOWN})`;
  return `SELECT CONVERT(value USING utf8mb4) COLLATE utf8mb4_bin AS value FROM (
    SELECT DISTINCT ${value} AS value FROM ${rowsOf(table, [column])} WHERE ${name} IS NOT NULL LIMIT ${most}
  ) AS found`;
}

function keepValues({ entry, longest }: SourceColumn, values: string[]): void {
  if (values.length === 0) return;
  const sorted = values.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const { stats } = entry;
  stats.samples = sorted.slice(0, MAX_SAMPLES).map((value) => [...value].slice(0, MAX_SHOWN).join(''));
  const areAll = values.length <= MAX_VALUES && (stats.distinct === null || stats.distinct <= MAX_VALUES);
  if (!areAll || longest > MAX_COMPARED || sorted.some((value) => value.length > MAX_VALUE_LENGTH)) return;
  entry.values = sorted;
  stats.distinct ??= sorted.length;
  stats.min ??= sorted[0] ?? null;
  stats.max ??= sorted.at(-1) ?? null;
}

function isComparable({ entry, longest }: SourceColumn): boolean {
  if (entry.type === 'text') return longest <= MAX_COMPARED;
  return entry.type !== 'binary' && entry.type !== 'json';
}

/** The rows of a table that are looked at, as something to select from. */
function rowsOf(table: SourceTable, columns: readonly SourceColumn[]): string {
  if (table.entry.rowCount <= READ_ROWS) return nameOf(table);
  const names = columns.map(({ entry }) => escapeId(entry.name, true));
  return `(SELECT ${names.join(', ')} FROM ${nameOf(table)} LIMIT ${READ_ROWS}) AS part`;
}

function nameOf({ entry }: SourceTable): string {
  return escapeId(entry.name, true);
}
