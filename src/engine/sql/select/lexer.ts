/** Takes a text apart into tokens, exactly as the dialect's server would. What it would not read is refused. */
import { EngineError } from '../../errors.js';
import type { Lexical, Token } from './lexical.js';
import { refuseConstruct } from './refusal.js';

const BLANKS = /[ \t\r\n\f\v]+/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?/y;
const DIGITS = /\d+/y;
const NUMBER_START = /[\d.]/;
/** Signs that no dialect is allowed, by what they would be. */
const REFUSED_SIGNS: readonly [sign: string, what: string][] = [
  [':=', 'An assignment (:=)'],
  ['@', 'A variable (@)'],
  ['?', 'The sign ?'],
  ['{', 'The sign {'],
  ['$', 'The sign $'],
  ['\\', 'A backslash outside of a string'],
];

/**
 * @param title of the dialect, for messages
 * @throws EngineError `sql_invalid`, or `sql_construct_not_allowed` for signs that no statement may have
 */
export function lex(sql: string, lexical: Lexical, title: string): Token[] {
  const scanner = new Scanner(sql, lexical, title);
  const tokens: Token[] = [];
  for (;;) {
    const token = scanner.next(tokens.at(-1));
    tokens.push(token);
    if (token.kind === 'end') return tokens;
  }
}

class Scanner {
  private position = 0;
  /** By their first character, the longest first. */
  private readonly signs = new Map<string, string[]>();

  constructor(
    private readonly sql: string,
    private readonly lexical: Lexical,
    private readonly title: string,
  ) {
    for (const sign of [...lexical.signs].sort((one, other) => other.length - one.length)) {
      const [first = ''] = sign;
      this.signs.set(first, [...(this.signs.get(first) ?? []), sign]);
    }
  }

  next(before: Token | undefined): Token {
    this.skipBlanks();
    const character = this.sql[this.position];
    if (character === undefined) return { kind: 'end', text: '', word: '' };
    if (this.lexical.stringQuotes.includes(character)) return this.quoted('string', character);
    if (this.lexical.nameQuotes.includes(character)) return this.quoted('name', character);
    const word = this.take(this.lexical.word);
    if (word !== null) return { kind: 'word', text: word, word: word.toUpperCase() };
    if (NUMBER_START.test(character)) {
      const number = this.number(before);
      if (number !== null) return { kind: 'number', text: number, word: '' };
    }
    return this.sign(character);
  }

  private skipBlanks(): void {
    for (;;) {
      if (this.take(BLANKS) !== null || this.take(this.lexical.lineComment) !== null) continue;
      if (!this.sql.startsWith('/*', this.position)) return;
      const end = this.sql.indexOf('*/', this.position + 2);
      if (end < 0) throw this.invalid('A comment is not closed');
      this.lexical.checkComment(this.sql.slice(this.position, end + 2));
      this.position = end + 2;
    }
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.sql);
    if (match === null) return null;
    this.position = pattern.lastIndex;
    return match[0];
  }

  /** `t.1` is the first element of t, `.1` a tenth. */
  private number(before: Token | undefined): string | null {
    const isMember = before?.kind === 'sign' && before.text === '.';
    const mayHaveMembers =
      before !== undefined && (/^(word|name)$/.test(before.kind) || before.text === ')' || before.text === ']');
    if (this.sql[this.position] === '.' && mayHaveMembers) return null;
    const number = this.take(isMember ? DIGITS : NUMBER);
    if (number === null) return null;
    // Servers do not agree on what 1_000, 1a or 1.2.3 are.
    if (/[\w$.\u0080-\uffff]/.test(this.sql[this.position] ?? '') && !isMember) {
      throw this.invalid('A number is followed directly by something else');
    }
    return number;
  }

  private sign(character: string): Token {
    const sign = this.signs.get(character)?.find((one) => this.sql.startsWith(one, this.position));
    const refused = REFUSED_SIGNS.find(([one]) => one.startsWith(character) && this.sql.startsWith(one, this.position));
    if (refused !== undefined && refused[0].length > (sign?.length ?? 0)) refuseConstruct(refused[1]);
    if (sign === undefined) throw this.invalid(`The character ${JSON.stringify(character)} is not understood`);
    this.position += sign.length;
    return { kind: 'sign', text: sign, word: '' };
  }

  private quoted(kind: 'string' | 'name', quote: string): Token {
    const { unescape, hasNameEscapes } = this.lexical;
    const escapes = kind === 'string' || hasNameEscapes ? unescape : null;
    let text = '';
    let start = this.position + 1;
    for (let at = start; at < this.sql.length; at += 1) {
      const character = this.sql[at];
      if (character === '\\' && escapes !== null) {
        const escaped = this.sql[at + 1];
        if (escaped === undefined) break;
        text += this.sql.slice(start, at) + escapes(escaped);
        at += 1;
        start = at + 1;
      } else if (character === quote) {
        text += this.sql.slice(start, at);
        if (this.sql[at + 1] !== quote) {
          this.position = at + 1;
          return { kind, text, word: '' };
        }
        if (this.lexical.settableQuotes.includes(quote)) refuseConstruct(`The sign ${quote} within ${quote}`);
        text += quote;
        at += 1;
        start = at + 1;
      }
    }
    throw this.invalid(kind === 'string' ? 'A string is not closed' : 'A quoted name is not closed');
  }

  private invalid(what: string): EngineError {
    return new EngineError('sql_invalid', `This is not valid ${this.title}: ${what}.`);
  }
}
