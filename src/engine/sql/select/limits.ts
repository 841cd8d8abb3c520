/** What stands at the end of a query. */
import type { Reader } from './dialect.js';
import type { Expression, Tail } from './tree.js';

export const tail = (before: string, value: Expression, after = '', by: Expression[] = []): Tail => ({
  before,
  value,
  after,
  by,
});

/** `LIMIT 10`, `LIMIT 10 OFFSET 5`, `LIMIT 5, 10`. */
export function limitAndOffset(reader: Reader): Tail[] {
  const { cursor } = reader;
  if (!cursor.takePhrase('LIMIT')) return [];
  const first = reader.expression();
  if (cursor.takeSign(',')) return [tail('LIMIT', reader.expression()), tail('OFFSET', first)];
  const offset = cursor.takePhrase('OFFSET') ? [tail('OFFSET', reader.expression())] : [];
  return [tail('LIMIT', first), ...offset];
}
