/** Finds the expressions in a tree. */
import type { Expression, TableReference } from './tree.js';

const EXPRESSIONS: ReadonlySet<unknown> = new Set<Expression['kind']>([
  'constant',
  'text',
  'column',
  'star',
  'call',
  'cast',
  'case',
  'interval',
  'brackets',
  'list',
  'lambda',
  'subquery',
  'grouping-sets',
  'chain',
]);

const isExpression = (value: object): value is Expression => 'kind' in value && EXPRESSIONS.has(value.kind);

/** Calls `visit` with the expressions directly below a node; what only holds them together is seen through. */
export function eachChild(node: object, visit: (child: Expression) => void): void {
  for (const value of Object.values(node) as unknown[]) {
    if (typeof value !== 'object' || value === null) continue;
    if (isExpression(value)) visit(value);
    else eachChild(value, visit);
  }
}

/** Every reference to a table below a node. */
export function tablesIn(node: object): TableReference[] {
  const found: TableReference[] = 'kind' in node && node.kind === 'table' ? [node as TableReference] : [];
  for (const value of Object.values(node) as unknown[]) {
    if (typeof value === 'object' && value !== null) found.push(...tablesIn(value));
  }
  return found;
}
