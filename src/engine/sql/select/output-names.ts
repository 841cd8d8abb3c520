/** Gives names to outputs that a server would call by their text. */
import type { Lexical } from './lexical.js';
import { printExpression } from './printer.js';
import type { Query } from './tree.js';
import { nodesOf } from './walker.js';

const MAX_LENGTH = 200;
const SHORT: ReadonlySet<string> = new Set(['column', 'star', 'constant', 'text']);

/** Has to be done before tables are replaced: the names are what was written, in which no rules are. */
export function nameOutputs(query: Query, lexical: Lexical): void {
  const plain: Lexical = { ...lexical, name: (name) => name };
  for (const { items } of nodesOf('select', query)) {
    for (const item of items) {
      if (item.alias !== null || SHORT.has(item.value.kind)) continue;
      item.alias = printExpression(item.value, plain).slice(0, MAX_LENGTH).trim();
    }
  }
}
