/** What names mean at one place of a statement. */
import type { ColumnRef } from '../../catalog/catalog.js';
import { foldName } from './names.js';

/** Something in FROM: a table, a CTE, a sub-query, a function. */
export interface Relation {
  /** Folded. */
  name: string;
  /**
   * Its columns by folded name, each with the table's column behind it, or null for a computed one. Null as a whole when
   * the columns are known only when the statement runs.
   */
  columns: ReadonlyMap<string, ColumnRef | null> | null;
}

/** The names that expressions of one SELECT may use, and those of the query around it. */
export interface Frame {
  relations: Relation[];
  /** Folded output names and lambda parameters, which stand for something that is looked at elsewhere. */
  aliases: ReadonlySet<string>;
  outer: Frame | null;
}

/** The output names of a query, in order and as written; null when they are known only when it runs. */
export type OutputNames = readonly string[] | null;

/** A table of the scope, whose first columns may have been given new names. */
export function tableRelation(alias: string, table: string, columns: readonly string[], names: string[]): Relation {
  const sources = columns.map((column, index): [string, ColumnRef] => [
    foldName(names[index] ?? column),
    { table, column },
  ]);
  return { name: foldName(alias), columns: new Map(sources) };
}

/** The result of a query; the columns behind it are read where the query is. */
export function derivedRelation(alias: string, output: OutputNames, names: string[]): Relation {
  const columns = renamed(output, names)?.map((name): [string, null] => [foldName(name), null]);
  return { name: foldName(alias), columns: columns === undefined ? null : new Map(columns) };
}

/** `t (a, b)` gives new names to the first columns. */
export function renamed(output: OutputNames, names: readonly string[]): OutputNames {
  return output === null ? null : output.map((name, index) => names[index] ?? name);
}

/** What a column reference was found to be. */
export type Meaning =
  | { kind: 'column'; relations: Relation[]; column: string }
  /** The whole row of a relation, as one value. */
  | { kind: 'row'; relations: Relation[] }
  /** An output name, a lambda parameter, or perhaps a column of something whose columns are not known. */
  | { kind: 'elsewhere' }
  | { kind: 'unknown' };

/** Finds what a path of folded names means: the nearest frame wins, and in it the qualified reading. */
export function lookUpName(path: readonly string[], from: Frame): Meaning {
  const [first = '', second, third] = path;
  for (let frame: Frame | null = from; frame !== null; frame = frame.outer) {
    const { relations, aliases } = frame;
    const named = relations.filter(({ name }) => name === first);
    if (second !== undefined && named.length > 0) return { kind: 'column', relations: named, column: second };
    if (first === 'main' && third !== undefined) {
      const inMain = relations.filter(({ name }) => name === second);
      if (inMain.length > 0) return { kind: 'column', relations: inMain, column: third };
    }
    if (relations.some(({ columns }) => columns?.has(first))) return { kind: 'column', relations, column: first };
    if (named.length > 0) return { kind: 'row', relations: named };
    if (aliases.has(first) || relations.some(({ columns }) => columns === null)) return { kind: 'elsewhere' };
  }
  return { kind: 'unknown' };
}
