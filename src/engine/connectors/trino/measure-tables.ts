/** What is read of the tables themselves to describe them: a bounded number of rows, for a bounded time. */
import type { CatalogColumn, CatalogTable } from '../../catalog/catalog.js';
import type { InclusionProbe } from '../../catalog/infer-relationships.js';
import { primaryKeyCandidates } from '../../catalog/key-columns.js';
import { identifier } from '../duckdb/sql-text.js';
import { isMeasured, keepMeasure, MAX_SAMPLES, MAX_VALUE_LENGTH, MAX_VALUES } from '../remote/measured-columns.js';
import { qualified, type SourceTable } from './source-table.js';
import type { Cell, TrinoSession } from './trino-session.js';

/** For counting, for measuring and for relating all tables, and for one statement. */
const COUNT_MS = 3_000;
const MEASURE_MS = 4_000;
const RELATE_MS = 2_000;
const STATEMENT_MS = 2_000;
/** A table of which nobody knows the rows is counted up to here. */
const COUNTED_ROWS = 10_000;
/** Up to here all rows are looked at; a larger table is not read. */
const READ_ROWS = 100_000;
const MAX_COLUMNS = 100;

/** Counts the tables, and measures the columns of those that are small. */
export async function measureTables(session: TrinoSession, tables: readonly SourceTable[]): Promise<void> {
  const stored = tables.filter(({ isView }) => !isView);
  await inTime(stored, COUNT_MS, (table, left) => count(session, table, left));
  const small = stored.filter(({ entry, isSmall }) => isSmall && entry.rowCount > 0);
  await inTime(small, MEASURE_MS, (table, left) => measure(session, table, left));
}

/** Looks for values of one column in another, in tables that are small and while there is time. */
export function valueInclusion(session: TrinoSession, tables: readonly SourceTable[]): InclusionProbe {
  const small = new Map(tables.filter(({ isSmall }) => isSmall).map((table) => [table.entry.name, table]));
  let left = RELATE_MS;
  return async (from, to) => {
    const [source, target] = [small.get(from.table), small.get(to.table)];
    if (!source || !target || left <= 0) return null;
    const began = performance.now();
    const column = identifier(from.column);
    const rows = await session.attempt(
      `SELECT count(*), count_if(value IN (SELECT ${identifier(to.column)} FROM ${qualified(target)})) FROM (
         SELECT DISTINCT ${column} AS value FROM ${qualified(source)} WHERE ${column} IS NOT NULL) AS found`,
      Math.min(STATEMENT_MS, left),
    );
    left -= performance.now() - began;
    const [values, found] = rows?.[0] ?? [];
    return Number(values) > 0 ? Number(found) / Number(values) : null;
  };
}

async function inTime<T>(
  items: readonly T[],
  totalMs: number,
  work: (item: T, left: number) => Promise<void>,
): Promise<void> {
  const ends = performance.now() + totalMs;
  for (const item of items) {
    const left = ends - performance.now();
    if (left <= 0) return;
    await work(item, Math.min(STATEMENT_MS, left));
  }
}

/** From the statistics that the connector keeps, or by counting, as far as that is cheap. */
async function count(session: TrinoSession, table: SourceTable, timeoutMs: number): Promise<void> {
  const statistics = (await session.attempt(`SHOW STATS FOR ${qualified(table)}`, timeoutMs)) ?? [];
  const known = statistics.find(([column]) => column === null)?.[4];
  if (typeof known === 'number') {
    table.entry.rowCount = Math.round(known);
    for (const row of statistics) keepStatistics(table.entry, row);
    table.isSmall = known <= READ_ROWS;
    return;
  }
  const counted = await session.attempt(
    `SELECT count(*) FROM (SELECT 1 FROM ${qualified(table)} LIMIT ${COUNTED_ROWS}) AS part`,
    timeoutMs,
  );
  table.entry.rowCount = Number(counted?.[0]?.[0] ?? 0);
  // As many rows as are counted at most may be any number of rows.
  table.isSmall = table.entry.rowCount < COUNTED_ROWS;
}

/** name, size, distinct values, share of nulls, rows, smallest, largest: estimates, and null where unknown. */
function keepStatistics({ columns, rowCount }: CatalogTable, [name, , distinct, nulls, , low, high]: Cell[]): void {
  const column = columns.find((candidate) => candidate.name === name);
  if (!column) return;
  column.stats.distinct = typeof distinct === 'number' ? Math.round(distinct) : null;
  column.stats.nulls = typeof nulls === 'number' ? Math.round(nulls * rowCount) : null;
  column.stats.min = textOf(low);
  column.stats.max = textOf(high);
}

async function measure(session: TrinoSession, { entry, ...names }: SourceTable, timeoutMs: number): Promise<void> {
  const columns = entry.columns.slice(0, MAX_COLUMNS);
  const measures = columns.flatMap(measured);
  const rows = await session.attempt(`SELECT count(*), ${measures.join(', ')} FROM ${qualified(names)}`, timeoutMs);
  const [row] = rows ?? [];
  if (!row) return;
  entry.rowCount = Number(row[0]);
  columns.forEach((column, index) => {
    const [distinct, some, min, max, values] = row.slice(1 + 5 * index, 6 + 5 * index);
    const texts = Array.isArray(values) ? values.map(String) : [];
    keepMeasure(column, {
      distinct: typeof distinct === 'number' ? distinct : null,
      nulls: entry.rowCount - Number(some),
      min: textOf(min),
      max: textOf(max),
      frequent: texts,
      values: column.type === 'text' && texts.length > 0 ? texts : null,
    });
  });
  entry.primaryKey = primaryKeyCandidates(entry)
    .filter(() => entry.rowCount <= COUNTED_ROWS)
    .slice(0, 1)
    .map(({ name }) => name);
}

/** Distinct values, values, smallest, largest, some distinct ones. */
function measured(column: CatalogColumn): string[] {
  const name = identifier(column.name);
  if (!isMeasured(column)) return ['NULL', `count(${name})`, 'NULL', 'NULL', 'NULL'];
  const [text, most] =
    column.type === 'text'
      ? [`substr(CAST(${name} AS varchar), 1, ${MAX_VALUE_LENGTH + 1})`, MAX_VALUES + 1]
      : [printed(column, name), MAX_SAMPLES];
  const ends =
    column.type === 'boolean' ? ['NULL', 'NULL'] : [printed(column, `min(${name})`), printed(column, `max(${name})`)];
  return [
    `count(DISTINCT ${name})`,
    `count(${name})`,
    ...ends,
    `slice(array_agg(DISTINCT ${text}) FILTER (WHERE ${name} IS NOT NULL), 1, ${most})`,
  ];
}

/** Moments in ISO 8601. */
function printed({ type }: CatalogColumn, value: string): string {
  return type === 'timestamp' || type === 'timestamptz' ? `to_iso8601(${value})` : `CAST(${value} AS varchar)`;
}

function textOf(cell: Cell | undefined): string | null {
  return typeof cell === 'string' ? cell : null;
}
