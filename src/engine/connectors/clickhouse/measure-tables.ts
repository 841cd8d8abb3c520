/** What is read of the tables themselves to describe them: a bounded number of rows, for a bounded time. */
import type { CatalogColumn } from '../../catalog/catalog.js';
import type { InclusionProbe } from '../../catalog/infer-relationships.js';
import {
  batchesOf,
  isMeasured,
  keepMeasure,
  MAX_SAMPLES,
  MAX_VALUE_LENGTH,
  MAX_VALUES,
} from '../remote/measured-columns.js';
import type { Cell, ClickHouseSession } from './clickhouse-session.js';
import type { SourceTable } from './source-table.js';
import { identifier } from './sql-text.js';

/** For all tables, for all relationships, and for one statement. */
const MEASURE_MS = 5_000;
const RELATE_MS = 3_000;
const STATEMENT_MS = 1_500;
/** Columns that one statement looks at. */
const COLUMNS_AT_ONCE = 200;
const MAX_COLUMNS = 100;
/** Up to here all rows are looked at, beyond only some of them, which tell of values but not of how many there are. */
const READ_ROWS = 200_000;
const SAMPLED_ROWS = 20_000;
const RELATED_VALUES = 10_000;

/** Measures the columns of the tables that lie in the server. */
export async function measureTables(session: ClickHouseSession, tables: readonly SourceTable[]): Promise<void> {
  const ends = performance.now() + MEASURE_MS;
  const readable = tables.filter(({ stored, entry }) => stored && entry.rowCount > 0);
  const weigh = ({ entry }: SourceTable): number => Math.min(MAX_COLUMNS, entry.columns.length);
  for (const some of batchesOf(readable, weigh, COLUMNS_AT_ONCE)) {
    const timeoutMs = Math.min(STATEMENT_MS, ends - performance.now());
    if (timeoutMs <= 0) return;
    const rows = await session.attempt(some.map(measureOf).join('\nUNION ALL\n'), { timeoutMs });
    for (const [index, unique, columns] of rows ?? []) keep(some[Number(index)], Number(unique) === 1, columns);
  }
}

/** Looks for values of one column in another, in tables that are small enough and while there is time. */
export function valueInclusion(session: ClickHouseSession, tables: ReadonlyMap<string, SourceTable>): InclusionProbe {
  const ends = performance.now() + MEASURE_MS + RELATE_MS;
  return async (from, to) => {
    const timeoutMs = Math.min(STATEMENT_MS, ends - performance.now());
    const isReadable = (name: string, most: number): boolean => {
      const table = tables.get(name);
      return table?.stored === true && table.entry.rowCount <= most;
    };
    if (timeoutMs <= 0 || !isReadable(from.table, Infinity) || !isReadable(to.table, READ_ROWS)) return null;
    const [column, target] = [identifier(from.column), identifier(to.column)];
    const rows = await session.attempt(
      `SELECT count(), countIf(value IN (SELECT ${target} FROM ${identifier(to.table)})) FROM (
         SELECT DISTINCT ${column} AS value FROM (SELECT ${column} FROM ${identifier(from.table)} LIMIT ${READ_ROWS})
         WHERE value IS NOT NULL LIMIT ${RELATED_VALUES})`,
      { timeoutMs },
    );
    const [count, found] = rows?.[0] ?? [];
    return Number(count) > 0 ? Number(found) / Number(count) : null;
  };
}

/** index, whether the key is unique, and for each column what `measured` lists. */
function measureOf({ entry, key }: SourceTable, index: number): string {
  const { name, columns, rowCount } = entry;
  const whole = rowCount <= READ_ROWS;
  const looked = columns.slice(0, MAX_COLUMNS);
  const source = whole
    ? identifier(name)
    : `(SELECT ${looked.map((column) => identifier(column.name)).join(', ')} FROM ${identifier(name)} LIMIT ${SAMPLED_ROWS})`;
  const known = new Set(looked.map((column) => column.name));
  const keyIsKnown = whole && key.length > 0 && key.every((column) => known.has(column));
  const unique = keyIsKnown ? `uniqExact(${key.map(identifier).join(', ')}) = count()` : '0';
  return `SELECT toUInt32(${index}), toUInt8(${unique}), [${looked.map(measured).join(', ')}] FROM ${source}`;
}

/** Distinct values, nulls, smallest, largest, frequent values, all values if they are few: each as a text. */
function measured(column: CatalogColumn): string {
  const name = identifier(column.name);
  const nulls = `toString(countIf(${name} IS NULL))`;
  if (!isMeasured(column)) return `['', ${nulls}, '', '', '[]', 'null']`;
  const text = (value: string): string => printed(column, value);
  const values =
    column.type === 'text'
      ? `toJSONString(groupUniqArrayIf(${MAX_VALUES + 1})(substringUTF8(${text(name)}, 1, ${MAX_VALUE_LENGTH + 1}), ${name} IS NOT NULL))`
      : `'null'`;
  return `[toString(uniq(${name})), ${nulls}, ${text(`min(${name})`)}, ${text(`max(${name})`)},
    toJSONString(topKIf(${MAX_SAMPLES})(${text(name)}, ${name} IS NOT NULL)), ${values}]`;
}

/** A value as a text that is not null; moments in ISO 8601. */
function printed({ type }: CatalogColumn, value: string): string {
  const text =
    type === 'timestamptz' ? `concat(replaceOne(toString(${value}, 'UTC'), ' ', 'T'), 'Z')` : `toString(${value})`;
  return `ifNull(${text}, '')`;
}

function keep(table: SourceTable | undefined, isUnique: boolean, measures: Cell | undefined): void {
  if (!table || !Array.isArray(measures)) return;
  const { entry, key } = table;
  const whole = entry.rowCount <= READ_ROWS;
  if (isUnique) entry.primaryKey = key;
  measures.forEach((measure, index) => {
    const column = entry.columns[index];
    if (!column || !Array.isArray(measure)) return;
    const [distinct = '', nulls = '', min = '', max = '', frequent = '[]', values = 'null'] = measure.map(String);
    const some = whole && distinct !== '' && distinct !== '0';
    keepMeasure(column, {
      distinct: whole && distinct !== '' ? Number(distinct) : null,
      nulls: whole ? Number(nulls) : null,
      min: some ? min : null,
      max: some ? max : null,
      frequent: JSON.parse(frequent) as string[],
      values: JSON.parse(values) as string[] | null,
    });
  });
}
