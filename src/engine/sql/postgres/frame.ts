/** What names mean at one place of a statement. */
import type { RangeVar } from 'libpg-query';
import type { ColumnRef } from '../../catalog/catalog.js';
import type { GuardedTable } from '../guard.js';
import type { JsonObject } from './shape.js';

/** A table of the scope where a statement refers to it. */
export interface BaseTable {
  table: GuardedTable;
  /** The node in FROM, and the reference in it; not the same where a sample is taken. */
  place: JsonObject;
  reference: RangeVar;
  /**
   * Whether it must be replaced by a sub-select of exactly the columns of the scope, because the server could otherwise
   * find a column that the scope does not have.
   */
  confined: boolean;
}

export interface Column {
  name: string;
  /** The columns of tables it shows; none for what is computed, which is read elsewhere. */
  sources: readonly ColumnRef[];
}

/** Columns by name. When they are not certain, the server may find others. */
export interface Output {
  columns: readonly Column[];
  certain: boolean;
}

/** Something in FROM that has a name: a table, a CTE, a sub-query, a function, a join with an alias. */
export interface Relation extends Output {
  /** Null when it has none. */
  alias: string | null;
  /** The schema of a table without alias. */
  schema: string | null;
  base: BaseTable | null;
}

/** The names that one or several things in FROM bring. */
export interface Namespace {
  relations: readonly Relation[];
  /** The columns that can be named alone; USING makes one of two. */
  columns: readonly Column[];
  /** Whether `columns` differs from those of the relations. */
  merged: boolean;
}

/** The names that expressions at one place may use, and those of the query around it. */
export interface Frame extends Namespace {
  outer: Frame | null;
}

export const NO_NAMES: Namespace = { relations: [], columns: [], merged: false };

export const inFrame = (names: Namespace, outer: Frame | null): Frame => ({ ...names, outer });

export function together(first: Namespace, second: Namespace): Namespace {
  return {
    relations: [...first.relations, ...second.relations],
    columns: [...first.columns, ...second.columns],
    merged: first.merged || second.merged,
  };
}

export const namesOf = (relation: Relation): Namespace => ({
  relations: [relation],
  columns: relation.columns,
  merged: false,
});

export const isCertain = ({ relations }: Namespace): boolean => relations.every(({ certain }) => certain);

export const named = (...names: string[]): Column[] => names.map((name) => ({ name, sources: [] }));

/** `t (a, b)` gives new names to the first columns. */
export function renamed(output: Output, names: readonly string[]): Output {
  const kept = output.columns.map(({ name, sources }, index) => ({ name: names[index] ?? name, sources }));
  return { columns: [...kept, ...named(...names.slice(kept.length))], certain: output.certain };
}

/** The result of a query; the columns behind it are read where the query is. */
export function derived(alias: string | null, output: Output): Relation {
  const columns = named(...output.columns.map(({ name }) => name));
  return { alias, schema: null, columns, certain: output.certain, base: null };
}

/** Makes the server see only the columns of the scope in the tables of a namespace. */
export function confine({ relations }: Namespace): void {
  for (const { base } of relations) if (base !== null) base.confined = true;
}
