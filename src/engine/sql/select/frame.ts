/** What names mean at one place of a statement. */
import type { ColumnRef } from '../../catalog/catalog.js';
import type { GuardedTable } from '../guard.js';
import type { Query, TableReference } from './tree.js';

/** A table of the scope, or a CTE, where a statement refers to it. */
export interface Source {
  place: TableReference;
  of: GuardedTable | Query;
}

export interface Column {
  name: string;
  /** The columns of tables it shows; none for what is computed, which is read elsewhere. */
  sources: readonly ColumnRef[];
}

/** Columns by name. When they are not certain, there may be others, whose names only the server knows. */
export interface Output {
  columns: readonly Column[];
  certain: boolean;
}

/** Something in FROM: a table, a CTE, a sub-query, a function. */
export interface Relation extends Output {
  alias: string | null;
  /** The schema of a table without alias. */
  schema: string | null;
}

/** The names that expressions at one place may use, and those of the query around it. */
export interface Frame {
  relations: readonly Relation[];
  /** Names of outputs and other expressions. */
  aliases: ReadonlySet<string>;
  outer: Frame | null;
}

export const NO_ALIASES: ReadonlySet<string> = new Set();

export const frameOf = (relations: readonly Relation[], outer: Frame | null): Frame => ({
  relations,
  aliases: NO_ALIASES,
  outer,
});

export const named = (names: readonly string[]): Column[] => names.map((name) => ({ name, sources: [] }));

/** `t (a, b)` gives new names to the first columns. */
export function renamed({ columns, certain }: Output, names: readonly string[]): Output {
  const kept = columns.map(({ name, sources }, index) => ({ name: names[index] ?? name, sources }));
  return { columns: [...kept, ...named(names.slice(kept.length))], certain };
}

/** The result of a query; the columns behind it are read where the query is. */
export const derived = ({ columns, certain }: Output): Output => ({
  columns: named(columns.map(({ name }) => name)),
  certain,
});
