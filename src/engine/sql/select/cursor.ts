/** A place in the tokens of a statement, and what may be asked and taken there. */
import { EngineError } from '../../errors.js';
import type { Feature, SelectDialect } from './dialect.js';
import { lex, type Token } from './lexer.js';
import { refuseConstruct } from './refusal.js';

/** Expressions and queries may be nested this deep. */
const MAX_DEPTH = 150;
const END: Token = { kind: 'end', text: '', word: '' };

export class Cursor {
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;

  constructor(
    sql: string,
    readonly dialect: SelectDialect,
  ) {
    this.tokens = lex(sql, dialect.lexical, dialect.title);
  }

  peek(ahead = 0): Token {
    return this.tokens[this.at + ahead] ?? END;
  }

  next(): Token {
    const token = this.peek();
    this.at += 1;
    return token;
  }

  has(feature: Feature): boolean {
    return this.dialect.features.has(feature);
  }

  /** @throws EngineError `sql_too_large` when this is nested too deeply */
  nested<T>(read: () => T): T {
    if (this.depth >= MAX_DEPTH) {
      throw new EngineError('sql_too_large', 'The statement is nested too deeply. Use CTEs or shorter expressions.');
    }
    this.depth += 1;
    const result = read();
    this.depth -= 1;
    return result;
  }

  isSign(sign: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'sign' && token.text === sign;
  }

  takeSign(sign: string): boolean {
    const is = this.isSign(sign);
    if (is) this.at += 1;
    return is;
  }

  expectSign(sign: string): void {
    if (!this.takeSign(sign)) this.refuse();
  }

  /** How far away the bracket is that closes the one that stands `ahead`. */
  closing(ahead: number): number {
    let depth = 0;
    for (let at = ahead; ; at += 1) {
      if (this.isSign('(', at)) depth += 1;
      if (this.isSign(')', at)) depth -= 1;
      if (depth === 0 || this.peek(at).kind === 'end') return at;
    }
  }

  /** Whether the words of a phrase come next: `GROUP BY`. */
  isPhrase(phrase: string, ahead = 0): boolean {
    const words = phrase.split(' ');
    return words.every((word, index) => this.peek(ahead + index).word === word);
  }

  takePhrase(phrase: string): boolean {
    const is = this.isPhrase(phrase);
    if (is) this.at += phrase.split(' ').length;
    return is;
  }

  expectPhrase(phrase: string): void {
    if (!this.takePhrase(phrase)) this.refuse();
  }

  /** The first of some phrases that comes next; longer ones have to stand before those they begin with. */
  takeOneOf(phrases: Iterable<string>): string | null {
    if (this.peek().kind !== 'word') return null;
    for (const phrase of phrases) if (this.takePhrase(phrase)) return phrase;
    return null;
  }

  /** A name, quoted or not. */
  name(): string {
    const token = this.peek();
    if (token.kind !== 'name' && (token.kind !== 'word' || this.dialect.reserved.has(token.word))) this.refuse();
    if (token.text === '') throw this.invalid('a name is empty');
    this.at += 1;
    return token.text;
  }

  isName(ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === 'name' || (token.kind === 'word' && !this.dialect.reserved.has(token.word));
  }

  /** A plain whole number, as it is written. */
  integer(): string {
    const token = this.peek();
    if (token.kind !== 'number' || !/^\d{1,9}$/.test(token.text)) this.refuse();
    this.at += 1;
    return token.text;
  }

  string(): string {
    const token = this.peek();
    if (token.kind !== 'string') this.refuse();
    this.at += 1;
    return token.text;
  }

  /** Items with commas between. */
  list<T>(read: () => T): T[] {
    const items = [read()];
    while (this.takeSign(',')) items.push(read());
    return items;
  }

  bracketed<T>(read: () => T): T {
    this.expectSign('(');
    const result = read();
    this.expectSign(')');
    return result;
  }

  names(): string[] {
    return this.bracketed(() => this.list(() => this.name()));
  }

  /**
   * Refuses what comes next.
   *
   * @throws EngineError `sql_construct_not_allowed` for a word of the language, `sql_invalid` for anything else
   */
  refuse(): never {
    const { kind, text, word } = this.peek();
    if (kind === 'end') throw this.invalid('it ends too early');
    if (kind === 'word' && (this.dialect.reserved.has(word) || CLAUSES.has(word))) refuseConstruct(word);
    if (kind === 'sign' && text === ';') {
      throw new EngineError(
        'sql_multiple_statements',
        'Only one statement can be run at a time. Send them one by one.',
      );
    }
    throw this.invalid(
      `${kind === 'string' ? 'a string' : JSON.stringify(text.slice(0, 50))} cannot stand where it does`,
    );
  }

  invalid(what: string): EngineError {
    return new EngineError('sql_invalid', `This is not valid ${this.dialect.title}, or not allowed: ${what}.`);
  }
}

/** Words that begin something that is no part of a read, or of none that is known here. */
const CLAUSES: ReadonlySet<string> = new Set(
  `INTO FOR LOCK PROCEDURE FORMAT SETTINGS PARTITION USE FORCE IGNORE TABLESAMPLE SAMPLE FINAL PREWHERE QUALIFY WINDOW
  MATCH_RECOGNIZE PIVOT UNPIVOT LATERAL ANALYZE VERBOSE INTERPOLATE APPLY EXCEPT REPLACE COLUMNS SQL_CALC_FOUND_ROWS
  SQL_NO_CACHE HIGH_PRIORITY RETURNING OUTFILE DUMPFILE TABLE FUNCTION MATERIALIZED SETS ARRAY PASTE`.split(/\s+/),
);
