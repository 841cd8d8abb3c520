/** Row rules: expressions that decide about one row at a time. */
import type { Node } from 'libpg-query';
import { EngineError } from '../../errors.js';
import { NOT_FOR_ONE_ROW } from './functions.js';
import { assertStatement } from './grammar.js';
import { unknownColumn } from './lookup.js';
import { parse } from './parser.js';
import { checkNode } from './policy.js';
import { isObject, refuseConstruct } from './shape.js';
import { eachChild, nameParts } from './walker.js';

const ALONE: ReadonlySet<string> = new Set(['targetList', 'limitOption', 'op']);
const UNNAMED: ReadonlySet<string> = new Set(['val', 'location']);

/**
 * Reads a row rule as a condition over the columns of one table, each named with the table in front, so that nothing
 * around the rule can be taken for one of its columns.
 *
 * @param table the name of the table without its schema
 * @param columns the columns that may be named; all, when null
 * @throws EngineError with one of the `sql_*` codes
 */
export function readPredicate(predicate: string, table: string, columns: readonly string[] | null): Node {
  // The brackets stand on lines of their own, out of reach of a comment.
  const statements = parse(`SELECT (\n${predicate}\n)`);
  const [statement] = statements;
  if (statements.length === 1) assertStatement(statement, checkNode);
  const select = isObject(statement) && isObject(statement['SelectStmt']) ? statement['SelectStmt'] : {};
  const targets = Array.isArray(select['targetList']) ? select['targetList'] : [];
  const target: unknown = targets[0];
  const fields = isObject(target) && isObject(target['ResTarget']) ? target['ResTarget'] : {};
  const isAlone = statements.length === 1 && targets.length === 1 && Object.keys(select).every((key) => ALONE.has(key));
  if (!isAlone || !Object.keys(fields).every((key) => UNNAMED.has(key))) {
    throw new EngineError('sql_invalid', 'A row rule is one condition over the columns of its table, like region = 1.');
  }
  // The shape of what hangs there was checked above.
  const condition = fields['val'] as Node;
  checkCondition(condition, table, columns);
  return condition;
}

function checkCondition(node: Node, table: string, columns: readonly string[] | null): void {
  if ('SubLink' in node) refuseConstruct('A sub-query in a row rule');
  if ('GroupingFunc' in node) refuseConstruct('GROUPING in a row rule');
  if ('RowExpr' in node) refuseConstruct('A row as a value in a row rule');
  if ('FuncCall' in node) {
    const { funcname, over, agg_star, agg_filter, agg_order } = node.FuncCall;
    const name = nameParts(funcname).at(-1) ?? '';
    const isForRows = [over, agg_star, agg_filter, agg_order].some((part) => part !== undefined);
    if (isForRows || NOT_FOR_ONE_ROW.has(name)) {
      throw new EngineError('sql_function_not_allowed', `The function ${name} is not allowed in a row rule.`);
    }
  }
  if ('ColumnRef' in node) {
    const path = nameParts(node.ColumnRef.fields);
    const column = path.at(-1) ?? '';
    const isOfTable = path.length === 1 || (path.length === 2 && path[0] === table);
    const isKnown = columns === null || columns.includes(column);
    if (!isOfTable || !isKnown || column === '*') throw unknownColumn(path.join('.'));
    node.ColumnRef.fields = [{ String: { sval: table } }, { String: { sval: column } }];
  }
  eachChild(node, (child) => checkCondition(child, table, columns));
}
