/**
 * Replaces references to tables by sub-selects that give only the columns of the scope, with their masks, and only the
 * rows that its rules let through, so that no expression of the statement can see what is behind.
 */
import { EngineError } from '../../errors.js';
import { type GuardedTable, maskOf } from '../guard.js';
import type { SelectDialect } from './dialect.js';
import { readPredicate } from './predicate.js';
import { printExpression } from './printer.js';
import { readStatement } from './queries.js';
import type { Lineage } from './resolver.js';
import type { Derived, Query, TableReference, With } from './tree.js';

/**
 * Edits the tree where it refers to tables.
 *
 * @param maskKey keys the digests of `hash` masks: hexadecimal digits
 * @throws EngineError with one of the `sql_*` codes for a row rule that cannot be used
 */
export function protectTables({ sources, clauses }: Lineage, dialect: SelectDialect, maskKey: string): void {
  const parts = new Map<GuardedTable, Query>();
  for (const { place, of } of sources) {
    const name = place.path.at(-1) ?? '';
    if ('kind' in of) {
      if (dialect.inlinesCtes) replace(place, of, name);
      continue;
    }
    const part = parts.get(of) ?? visiblePart(of, dialect, maskKey);
    parts.set(of, part);
    const { path, end, sample } = place;
    replace(place, readingFrom({ kind: 'table', path, alias: null, columns: [], end, sample }, part), name);
  }
  if (dialect.inlinesCtes) clauses.forEach(removeCtes);
}

function replace(place: TableReference, query: Query, name: string): void {
  const { alias, columns } = place;
  const derived: Derived = { kind: 'derived', lateral: false, query, alias: alias ?? name, columns };
  for (const key of Object.keys(place)) Reflect.deleteProperty(place, key);
  Object.assign(place, derived);
}

function readingFrom(source: TableReference, query: Query): Query {
  return query.body.kind === 'select' ? { ...query, body: { ...query.body, from: [source] } } : query;
}

function removeCtes(place: { with: With | null }): void {
  const values = place.with?.values ?? [];
  place.with = values.length === 0 ? null : { recursive: false, ctes: [], values };
}

/** Written as text and read, so that the tree is exactly what will be read from its print. */
function visiblePart(table: GuardedTable, dialect: SelectDialect, maskKey: string): Query {
  const { lexical, fence, masked } = dialect;
  const name = table.name.split('.').at(-1) ?? '';
  const outputs = table.columns.map((column) => {
    const value = `${lexical.name(name)}.${lexical.name(column)}`;
    const mask = maskOf(table.masks, column);
    return `${mask === undefined ? value : masked(value, mask, maskKey)} AS ${lexical.name(column)}`;
  });
  const rules = (table.rowRules ?? []).map((rule) => `(${readRule(rule, table, name, dialect)})`);
  const condition = rules.length > 0 ? ` WHERE ${rules.join(' AND ')}` : '';
  const isMasked = table.columns.some((column) => maskOf(table.masks, column) !== undefined);
  const isFenced = rules.length > 0 || (isMasked && dialect.fencesMasks);
  return readStatement(
    `SELECT ${outputs.join(', ')} FROM ${lexical.name(name)}${condition}${isFenced ? ` ${fence}` : ''}`,
    dialect,
  ).query;
}

function readRule(rule: string, table: GuardedTable, name: string, dialect: SelectDialect): string {
  try {
    return printExpression(readPredicate(rule, name, null, dialect), dialect.lexical);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const message = `A row rule of the table ${table.name} cannot be used. ${error.message}`;
    throw new EngineError(error.code, message, { cause: error });
  }
}
