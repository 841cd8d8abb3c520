/** Walks a checked tree. The guard reads with it; rewriting (row rules, masks) replaces nodes with it. */
import { isObject } from './shape.js';
import type { Expression, QueryNode, TableReference, TreeNode } from './tree.js';

const NODE_TYPES: ReadonlySet<string> = new Set<Exclude<TreeNode, Expression>['type']>([
  'SELECT_NODE',
  'SET_OPERATION_NODE',
  'RECURSIVE_CTE_NODE',
  'BASE_TABLE',
  'EMPTY',
  'EXPRESSION_LIST',
  'JOIN',
  'PIVOT',
  'SHOW_REF',
  'SUBQUERY',
  'TABLE_FUNCTION',
  'ORDER_MODIFIER',
  'LIMIT_MODIFIER',
  'LIMIT_PERCENT_MODIFIER',
  'DISTINCT_MODIFIER',
]);

function isTreeNode(value: unknown): value is TreeNode {
  if (!isObject(value)) return false;
  return 'class' in value || (typeof value['type'] === 'string' && NODE_TYPES.has(value['type']));
}

export function isExpression(node: TreeNode): node is Expression {
  return 'class' in node;
}

export function isQuery(node: TreeNode): node is QueryNode {
  return !isExpression(node) && node.type.endsWith('_NODE');
}

export function isTable(node: TreeNode): node is TableReference {
  return !isExpression(node) && !isQuery(node) && !node.type.endsWith('_MODIFIER');
}

/** The nodes directly below a node, in the order of its fields. */
export function childrenOf(node: TreeNode): TreeNode[] {
  const found: TreeNode[] = [];
  replaceChildren(node, (child) => {
    found.push(child);
    return child;
  });
  return found;
}

/** Puts `replace(child)` in the place of every node directly below `node`. The result must be of the same family. */
export function replaceChildren(node: TreeNode, replace: (child: TreeNode) => TreeNode): void {
  const descend = (value: unknown): unknown => {
    if (isTreeNode(value)) return replace(value);
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) value[index] = descend(item);
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (typeof item === 'object' && item !== null) value[key] = descend(item);
      }
    }
    return value;
  };
  for (const [key, item] of Object.entries(node)) {
    if (typeof item === 'object' && item !== null) Object.assign(node, { [key]: descend(item) });
  }
}
