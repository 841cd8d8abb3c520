import type { Dialect } from '../../catalog/catalog.js';
import { type ColumnFilter, type GuardedStatement, maskOf, type TableNeed } from '../../sql/index.js';
import { dialectRules } from '../../text-to-sql/index.js';
import type { Connector } from '../connector.js';
import type { Restriction } from '../duckdb/index.js';
import { pushedFilter, type TypedColumn } from './pushed-filter.js';

/** A table in a database, under the name that it has in the combined source. */
export interface RemoteTable {
  name: string;
  /** All of its columns, in their order. */
  columns: readonly TypedColumn[];
  /** What the rules of the combined source leave of it. */
  restriction?: Omit<Restriction, 'columns'>;
  member: {
    id: number;
    /** What people call the source. */
    name: string;
    /** What the table is called there. */
    table: string;
    dialect: Dialect;
    /** Columns that rules mask there: their values are of another type than the source says. */
    maskedColumns: ReadonlySet<string>;
    /** The guard of the source, with the rules that hold there. */
    check(sql: string): Promise<GuardedStatement>;
    connect(): Promise<Connector>;
  };
}

/** What is asked of a source for one table. */
export interface Fetch {
  table: RemoteTable;
  /** In the dialect of the source, for its guard. */
  sql: string;
  columns: string[];
  /** The conditions of the statement that are tried at the source, as they may be told. */
  filters: string[];
  /** More rows than this are not asked for; null for all. */
  rows: number | null;
}

/** More places than this are not told apart: all rows are fetched. */
const MOST_PLACES = 8;

/**
 * The statement that fetches what is needed of a table.
 *
 * Where the combined source has row rules of its own, conditions of the statement are not pushed down: how many rows were
 * fetched would tell of hidden ones. Those rules themselves are, as far as the source can say them.
 *
 * @param maxRows most rows of the result; one more is fetched, so that it is known whether there are any
 */
export function planFetch(need: TableNeed, table: RemoteTable, maxRows: number): Fetch {
  const { member, restriction } = table;
  const { identifier, table: tableName } = dialectRules(member.dialect);
  const columns = need.columns.length > 0 ? need.columns : [narrowest(table.columns)];
  const hasRowRules = (restriction?.rowRules.length ?? 0) > 0;
  const isSame = (column: string): boolean =>
    !member.maskedColumns.has(column) && maskOf(restriction?.masks, column) === undefined;
  const push = (filter: ColumnFilter | null): string | null => {
    const column = table.columns.find(({ name }) => name === filter?.column);
    return filter === null || column === undefined ? null : pushedFilter(filter, column, member.dialect);
  };
  // Rules see the values that masks of the combined source hide.
  const byRules = need.rules.flatMap((rule) =>
    rule !== null && !member.maskedColumns.has(rule.column) ? (push(rule) ?? []) : [],
  );
  const places = need.places.map((filters) => [
    ...new Set(filters.flatMap((filter) => (isSame(filter.column) ? (push(filter) ?? []) : []))),
  ]);
  const filters = hasRowRules ? [] : joined(places);
  const conditions = [...byRules, ...filters];
  const rows = need.passesThrough === null || hasRowRules ? null : rowsFor(need.passesThrough, maxRows);
  const sql = [
    `SELECT ${columns.map(identifier).join(', ')} FROM ${tableName(member.table)}`,
    ...(conditions.length > 0 ? [`WHERE ${conditions.map((one) => `(${one})`).join(' AND ')}`] : []),
    ...(rows === null ? [] : [`LIMIT ${rows}`]),
  ].join(' ');
  return { table, sql, columns, filters, rows };
}

/** What must hold for a row to be needed in any of the places. */
function joined(places: readonly string[][]): string[] {
  const [only, ...others] = places;
  if (only === undefined || places.length > MOST_PLACES || places.some((filters) => filters.length === 0)) return [];
  if (others.length === 0) return only;
  const alternatives = new Set(places.map((filters) => filters.map((one) => `(${one})`).join(' AND ')));
  return [[...alternatives].join(' OR ')];
}

function rowsFor({ limit, offset }: NonNullable<TableNeed['passesThrough']>, maxRows: number): number {
  return offset + Math.min(limit ?? Number.POSITIVE_INFINITY, maxRows + 1);
}

/** For statements that only count rows. */
function narrowest(columns: readonly TypedColumn[]): string {
  const narrow = columns.find(({ type }) => type === 'integer' || type === 'boolean') ?? columns[0];
  if (narrow === undefined) throw new TypeError('A table without columns cannot be fetched.');
  return narrow.name;
}
