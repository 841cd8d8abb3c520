/** How ClickHouse takes a text apart. */
import type { Lexical } from '../select/lexical.js';
import { refuseConstruct } from '../select/refusal.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
  '`': '`',
  '/': '/',
  '=': '=',
};

export const LEXICAL: Lexical = {
  word: /[A-Za-z_]\w*/y,
  signs: [...'()[],.;+-*/%=<>:', '==', '<>', '!=', '<=', '>=', '||', '->', '::'],
  stringQuotes: "'",
  nameQuotes: '"`',
  settableQuotes: '',
  hasNameEscapes: true,
  lineComment: /--[^\n]*|#[ !][^\n]*/y,
  checkComment: () => undefined,
  unescape,
  text: (value) => `'${escaped(value).replaceAll("'", "''")}'`,
  name: (value) => `\`${escaped(value).replaceAll('`', '``')}\``,
};

function unescape(character: string): string {
  // Bytes (\x41) and nothing at all (\N) are not worth reading the same as the server.
  if (character === 'x' || character === 'N') refuseConstruct(`The escape \\${character}`);
  return ESCAPES[character] ?? `\\${character}`;
}

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\0', '\\0');
