/** How MySQL and MariaDB take a text apart, with the SQL mode of the connection: no ANSI_QUOTES, with backslash escapes. */
import type { Lexical } from '../select/lexical.js';
import { refuseConstruct } from '../select/refusal.js';
import { setOf } from '../select/words.js';

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  b: '\b',
  n: '\n',
  r: '\r',
  t: '\t',
  Z: '\x1a',
  // Left to LIKE.
  '%': '\\%',
  _: '\\_',
};

/** Hints that only choose how joins and indexes are used. They are left out of what runs. */
const IDLE_HINTS = setOf(`
  BKA NO_BKA BNL NO_BNL DERIVED_CONDITION_PUSHDOWN NO_DERIVED_CONDITION_PUSHDOWN GROUP_INDEX NO_GROUP_INDEX HASH_JOIN
  NO_HASH_JOIN INDEX NO_INDEX INDEX_MERGE NO_INDEX_MERGE JOIN_FIXED_ORDER JOIN_INDEX NO_JOIN_INDEX JOIN_ORDER JOIN_PREFIX
  JOIN_SUFFIX MERGE NO_MERGE MRR NO_MRR NO_ICP NO_RANGE_OPTIMIZATION ORDER_INDEX NO_ORDER_INDEX SEMIJOIN NO_SEMIJOIN
  SKIP_SCAN NO_SKIP_SCAN`);
const HINT = /\s*([A-Z_]+)\s*\([\w\s,.@`]*\)\s*/iy;

export const LEXICAL: Lexical = {
  word: /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
  signs: [...'()[],.;+-*/%=<>!~&|^', '<=>', '<>', '!=', '<=', '>=', '<<', '>>', '&&', '||', '->', '->>'],
  stringQuotes: `'"`,
  nameQuotes: '`',
  settableQuotes: '"',
  hasNameEscapes: false,
  lineComment: /#[^\n]*|--(?:[ \t\r\f\v][^\n]*|(?=\n|$))/y,
  checkComment,
  unescape: (character) => ESCAPES[character] ?? character,
  text: (value) => `'${value.replaceAll('\\', '\\\\').replaceAll('\0', '\\0').replaceAll("'", "''")}'`,
  name: (value) => `\`${value.replaceAll('`', '``')}\``,
};

function checkComment(comment: string): void {
  if (/^\/\*M?!/i.test(comment)) refuseConstruct('A comment that is executed (/*! … */)');
  if (!comment.startsWith('/*+')) return;
  const hints = comment.slice(3, -2);
  HINT.lastIndex = 0;
  while (HINT.lastIndex < hints.length) {
    const [, name = ''] = HINT.exec(hints) ?? [];
    if (!IDLE_HINTS.has(name.toUpperCase()))
      refuseConstruct(`The hint ${name === '' ? hints.trim().slice(0, 50) : name}`);
  }
}
