/** `JSON_TABLE(document, '$.items[*]' COLUMNS (name INT PATH '$.name'))` in FROM. */
import type { Reader } from '../select/dialect.js';
import type { FromCall } from '../select/tree.js';
import { LEXICAL } from './lexical.js';

export function jsonTable(reader: Reader, name: string): Omit<FromCall, 'alias' | 'columns'> {
  const { cursor } = reader;
  const value = reader.expression();
  cursor.expectSign(',');
  const path = cursor.string();
  const gives: string[] = [];
  const inside = columns(reader, gives);
  cursor.expectSign(')');
  const args = [value, { kind: 'text' as const, value: path, type: '' }];
  return { kind: 'from-call', name, args, inside, end: '', gives };
}

function columns(reader: Reader, gives: string[]): string {
  const { cursor } = reader;
  return cursor.nested(() => {
    cursor.expectPhrase('COLUMNS');
    return `COLUMNS (${cursor.bracketed(() => cursor.list(() => column(reader, gives))).join(', ')})`;
  });
}

/** One column as it is printed. */
function column(reader: Reader, gives: string[]): string {
  const { cursor } = reader;
  if (cursor.isPhrase('NESTED') && (cursor.isPhrase('PATH', 1) || cursor.peek(1).kind === 'string')) {
    cursor.next();
    cursor.takePhrase('PATH');
    return `NESTED PATH ${LEXICAL.text(cursor.string())} ${columns(reader, gives)}`;
  }
  const name = cursor.name();
  gives.push(name);
  if (cursor.takePhrase('FOR ORDINALITY')) return `${LEXICAL.name(name)} FOR ORDINALITY`;
  const type = reader.type();
  const kind = cursor.takePhrase('EXISTS PATH') ? 'EXISTS PATH' : 'PATH';
  if (kind === 'PATH') cursor.expectPhrase('PATH');
  const parts = [LEXICAL.name(name), type, kind, LEXICAL.text(cursor.string())];
  for (let otherwise = fallback(reader); otherwise !== null; otherwise = fallback(reader)) parts.push(otherwise);
  return parts.join(' ');
}

/** `NULL ON EMPTY`, `DEFAULT '0' ON ERROR` */
function fallback(reader: Reader): string | null {
  const { cursor } = reader;
  const what = cursor.takeOneOf(['NULL', 'ERROR', 'DEFAULT']);
  if (what === null) return null;
  const value = what === 'DEFAULT' ? ` ${LEXICAL.text(cursor.string())}` : '';
  const when = cursor.takeOneOf(['ON EMPTY', 'ON ERROR']) ?? cursor.refuse();
  return `${what}${value} ${when}`;
}
