/** Conditions that row rules are made of. */
import type { GuardedTable } from '../guard.js';
import { AGGREGATE_FUNCTIONS } from './functions.js';
import { foldName } from './names.js';
import { CHANCE } from './repeatable.js';
import { type DuckDbParser, unprintable } from './parser.js';
import { refuseConstruct } from './shape.js';
import type { Expression, SelectStatement } from './tree.js';
import { selectOf } from './tree-building.js';
import { childrenOf, isExpression } from './walker.js';

/** A name in double quotes. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The statement that a predicate is read in. The line break ends a comment that the predicate may end with. */
export function statementOf(predicate: string, table: GuardedTable): string {
  return `SELECT 1 FROM ${quoted(table.name)} WHERE (${predicate}\n)`;
}

/**
 * Takes the condition out of the checked statement of `statementOf`.
 *
 * @throws EngineError `sql_construct_not_allowed` when the text was more than a condition, or looks beyond one row
 */
export function conditionOf({ node }: SelectStatement, table: GuardedTable): Expression {
  const isPlain =
    node.type === 'SELECT_NODE' &&
    node.from_table.type === 'BASE_TABLE' &&
    node.select_list.length === 1 &&
    node.modifiers.length === 0 &&
    node.cte_map.map.length === 0 &&
    node.group_expressions.length === 0 &&
    node.having === null &&
    node.qualify === null &&
    node.sample === null;
  if (!isPlain || node.where_clause === null) refuseConstruct('Anything but a condition on one row');
  refuseBeyondRow(node.where_clause, new Set([table.name, ...table.columns].map(foldName)));
  return node.where_clause;
}

function refuseBeyondRow(expression: Expression, names: ReadonlySet<string>): void {
  if (expression.class === 'SUBQUERY') refuseConstruct('A sub-query in a row rule');
  if (expression.class === 'WINDOW') refuseConstruct('A window function in a row rule');
  if (expression.class === 'LAMBDA') refuseConstruct('A lambda in a row rule');
  if (expression.class === 'COLUMN_REF' && !names.has(foldName(expression.column_names[0] ?? ''))) {
    refuseConstruct(`The column ${expression.column_names.join('.')}, which the table does not have,`);
  }
  if (expression.class === 'STAR') refuseConstruct('A star in a row rule');
  if (expression.class === 'FUNCTION') {
    const name = foldName(expression.function_name);
    if (name === 'unnest') refuseConstruct('unnest in a row rule');
    if (AGGREGATE_FUNCTIONS.has(name)) refuseConstruct(`The aggregate ${name} in a row rule`);
    if (CHANCE.has(name)) refuseConstruct(`The function ${name}, which gives something else every time,`);
  }
  for (const child of childrenOf(expression)) if (isExpression(child)) refuseBeyondRow(child, names);
}

const PRINTED_BEFORE = 'SELECT ';

/** Prints one expression. */
export async function printExpression(parser: DuckDbParser, expression: Expression): Promise<string> {
  const { sql } = await parser.printStatement(selectOf([expression], { type: 'EMPTY', alias: '', sample: null }));
  if (!sql.startsWith(PRINTED_BEFORE)) throw unprintable();
  return sql.slice(PRINTED_BEFORE.length);
}
