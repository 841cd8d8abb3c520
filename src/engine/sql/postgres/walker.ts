/** Walks a tree whose shape was checked. */
import type { Node } from 'libpg-query';
import { isObject } from './shape.js';

/** The strings of a list of names, for example of a qualified function. */
export function nameParts(names: readonly Node[] | undefined): string[] {
  return (names ?? []).map((part) => ('String' in part ? (part.String.sval ?? '') : '*'));
}

/** Calls `visit` with every `{Name: fields}` directly below a value; lists and nameless objects are seen through. */
export function eachChild(value: unknown, visit: (child: Node) => void): void {
  const items: unknown[] = Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
  for (const item of items) {
    if (isNode(item)) visit(item);
    else if (typeof item === 'object' && item !== null) eachChild(item, visit);
  }
}

/** Whether a column is named anywhere in an expression. */
export function mentionsColumns(node: Node): boolean {
  if ('ColumnRef' in node) return true;
  let found = false;
  for (const fields of Object.values(node)) {
    eachChild(fields, (child) => {
      found ||= mentionsColumns(child);
    });
  }
  return found;
}

/** Node names start with a capital letter, field names with a small one. */
function isNode(value: unknown): value is Node {
  if (!isObject(value)) return false;
  const [name = ''] = Object.keys(value);
  return /^[A-Z]/.test(name);
}
