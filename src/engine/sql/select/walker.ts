/** Finds the expressions in a tree. */
import type { Expression, Select, TableReference } from './tree.js';

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

interface Kinds {
  table: TableReference;
  select: Select;
}

/** Every node of a kind in a tree. */
export function nodesOf<K extends keyof Kinds>(kind: K, node: object): Kinds[K][] {
  const found: Kinds[K][] = [];
  const walk = (value: object): void => {
    if ('kind' in value && value.kind === kind) found.push(value as Kinds[K]);
    for (const child of Object.values(value) as unknown[]) if (typeof child === 'object' && child !== null) walk(child);
  };
  walk(node);
  return found;
}

/** Whether two trees say the same. */
export function isSameTree(one: unknown, other: unknown): boolean {
  if (!isTree(one) || !isTree(other)) return one === other;
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isSameTree(one[name], other[name]))
  );
}

const isTree = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
