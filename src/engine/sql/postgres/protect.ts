/**
 * Replaces references to tables by sub-selects that give only the columns of the scope, with their masks, and only the
 * rows that its rules let through, so that no expression of the statement can see what is behind.
 */
import type { RangeVar, SelectStmt } from 'libpg-query';
import { EngineError } from '../../errors.js';
import { type AppliedRule, type ColumnMask, type GuardedTable, maskOf } from '../guard.js';
import type { BaseTable } from './frame.js';
import { parse, printExpression } from './parser.js';
import { readPredicate } from './predicate.js';
import { isObject } from './shape.js';

/**
 * Edits the tree where it refers to tables that must be confined.
 *
 * @param maskKey keys the digests of `hash` masks: hexadecimal digits
 * @returns the rules that were applied
 * @throws EngineError with one of the `sql_*` codes for a row rule that cannot be used
 */
export function protectTables(bases: readonly BaseTable[], maskKey: string): AppliedRule[] {
  const parts = new Map<GuardedTable, SelectStmt>();
  for (const base of bases) {
    if (!base.confined) continue;
    const part = parts.get(base.table) ?? visiblePart(base.table, base.reference, maskKey);
    parts.set(base.table, part);
    replace(base, part);
  }
  return [...parts.keys()].flatMap(rulesOf);
}

function rulesOf({ name, columns, rowRules = [], masks = {} }: GuardedTable): AppliedRule[] {
  const masked = columns.filter((column) => maskOf(masks, column) !== undefined);
  return [
    ...(rowRules.length > 0 ? [{ table: name, kind: 'row' as const }] : []),
    ...masked.map((column) => ({ table: name, kind: 'mask' as const, column })),
  ];
}

function replace({ place, reference }: BaseTable, part: SelectStmt): void {
  const { alias, ...unnamed } = reference;
  const [kind = '', fields] = Object.entries(place)[0] ?? [];
  // A sample is taken inside, before the rules.
  const source =
    kind === 'RangeTableSample' && isObject(fields) ? { ...fields, relation: { RangeVar: unnamed } } : unnamed;
  delete place[kind];
  place['RangeSubselect'] = {
    subquery: { SelectStmt: { ...part, fromClause: [{ [kind]: source }] } },
    alias: alias ?? { aliasname: reference.relname },
  };
}

/**
 * Written as text and parsed, so that the tree is exactly what the parser makes of it.
 *
 * Without OFFSET the server may try conditions of the statement on rows before the rules have left them out, and the
 * errors of such a condition (a division by zero, a cast that fails) would tell what is in them. Behind OFFSET it may
 * not.
 */
function visiblePart(table: GuardedTable, reference: RangeVar, maskKey: string): SelectStmt {
  const name = reference.relname ?? '';
  const outputs = table.columns.map((column) => {
    const value = `${quoted(name)}.${quoted(column)}`;
    const mask = maskOf(table.masks, column);
    return mask === undefined ? value : `${masked(value, mask, maskKey)} AS ${quoted(column)}`;
  });
  const rules = (table.rowRules ?? []).map((rule) => `(${printExpression(readRule(rule, table, name))})`);
  const condition = rules.length > 0 ? ` WHERE ${rules.join(' AND ')} OFFSET 0` : '';
  const [statement] = parse(`SELECT ${outputs.join(', ')} FROM ${quoted(name)}${condition}`);
  const select = isObject(statement) && isObject(statement['SelectStmt']) ? statement['SelectStmt'] : {};
  return select;
}

function readRule(rule: string, table: GuardedTable, name: string): ReturnType<typeof readPredicate> {
  try {
    return readPredicate(rule, name, null);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const message = `A row rule of the table ${table.name} cannot be used. ${error.message}`;
    throw new EngineError(error.code, message, { cause: error });
  }
}

/** A mask keeps NULL, except `hide`, which is nothing else. */
function masked(value: string, mask: ColumnMask, maskKey: string): string {
  const text = `${value}::text`;
  switch (mask) {
    case 'hide':
      // NULL of the column's own type.
      return `CASE WHEN false THEN ${value} END`;
    case 'hash':
      // Keyed, since values can be guessed: without the key, hashing all telephone numbers takes minutes.
      return `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to('${maskKey}:' || ${text}, 'UTF8')), 'hex')`;
    case 'partial':
      return `CASE WHEN ${text} LIKE '_%@%'
        THEN pg_catalog.left(${text}, 1) || '***@' || pg_catalog.split_part(${text}, '@', 2)
        WHEN pg_catalog.length(${text}) > 3 THEN pg_catalog.left(${text}, 1) || '***'
        WHEN ${value} IS NOT NULL THEN '***' END`;
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
