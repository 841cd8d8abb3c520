/** Row rules: expressions that decide about one row at a time. */
import { EngineError } from '../../errors.js';
import type { SelectDialect } from './dialect.js';
import { readExpression } from './queries.js';
import { refuseConstruct, unknownColumn } from './refusal.js';
import { refuseTableNames } from './resolver.js';
import type { Expression } from './tree.js';
import { eachChild } from './walker.js';

/**
 * Reads a row rule as a condition over the columns of one table, each named with the table in front, so that nothing
 * around the rule can be taken for one of its columns.
 *
 * @param table the name of the table without its schema
 * @param columns the columns that may be named; all, when null
 * @throws EngineError with one of the `sql_*` codes
 */
export function readPredicate(
  predicate: string,
  table: string,
  columns: readonly string[] | null,
  dialect: SelectDialect,
): Expression {
  const condition = readExpression(predicate, dialect);
  checkCondition(condition, table, columns, dialect);
  return condition;
}

function checkCondition(
  node: Expression,
  table: string,
  columns: readonly string[] | null,
  dialect: SelectDialect,
): void {
  switch (node.kind) {
    case 'subquery':
      return refuseConstruct('A sub-query in a row rule');
    case 'lambda':
      return refuseConstruct('A lambda in a row rule');
    case 'star':
      return refuseConstruct('The sign * in a row rule');
    case 'chain':
      if (dialect.features.has('tables-in-values')) refuseTableNames(node);
      break;
    case 'call': {
      const isForRows = node.over !== null || node.filter !== null || node.orderBy.length > 0 || node.distinct;
      if (isForRows || dialect.isForRows(node.name.toLowerCase())) {
        throw new EngineError('sql_function_not_allowed', `The function ${node.name} is not allowed in a row rule.`);
      }
      break;
    }
    case 'column': {
      const column = node.path.at(-1) ?? '';
      const isOfTable = node.path.length === 1 || (node.path.length === 2 && node.path[0] === table);
      if (!isOfTable || (columns !== null && !columns.includes(column))) throw unknownColumn(node.path.join('.'));
      node.path = [table, column];
    }
  }
  eachChild(node, (child) => checkCondition(child, table, columns, dialect));
}
