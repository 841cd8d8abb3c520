/** Whether a statement gives the same again. */
import { foldName } from './names.js';
import type { TreeNode } from './tree.js';
import { childrenOf, isExpression, isQuery } from './walker.js';

/** Gives something else every time. */
export const CHANCE: ReadonlySet<string> = new Set(['random', 'gen_random_uuid', 'uuid', 'uuidv4', 'uuidv7']);

/** Tells the time; `age` of one date counts from today. DuckDB calls those without parentheses when no column has the name. */
const TIME: ReadonlySet<string> = new Set([
  'age',
  'ago',
  'current_date',
  'current_localtime',
  'current_localtimestamp',
  'current_time',
  'current_timestamp',
  'get_current_time',
  'get_current_timestamp',
  'localtime',
  'localtimestamp',
  'now',
  'today',
  'transaction_timestamp',
]);

/** False also where it only looks as if, such as for a column that is called `today`. */
export function isRepeatable(node: TreeNode): boolean {
  if (isExpression(node)) {
    if (node.class === 'FUNCTION' || node.class === 'WINDOW') {
      const name = foldName(node.function_name);
      if (CHANCE.has(name) || TIME.has(name)) return false;
    }
    if (node.class === 'COLUMN_REF' && TIME.has(foldName(node.column_names.join('.')))) return false;
  } else if (isQuery(node) ? node.type === 'SELECT_NODE' && node.sample !== null : 'sample' in node && node.sample) {
    return false;
  }
  return childrenOf(node).every(isRepeatable);
}
