import { EngineError } from '../../errors.js';
import type { Feature, Place, SelectDialect } from './dialect.js';
import { lex } from './lexer.js';
import type { Token } from './lexical.js';
import { refuseConstruct } from './refusal.js';
import { Phrases } from './words.js';

/** Expressions and queries may be nested this deep. */
const MAX_DEPTH = 150;
const END: Token = { kind: 'end', text: '', word: '' };

const splitPhrases = new Map<string, readonly string[]>();

/** Phrases are all written in this code, so they are few. */
function wordsOf(phrase: string): readonly string[] {
  let words = splitPhrases.get(phrase);
  if (words === undefined) {
    words = phrase.split(' ');
    splitPhrases.set(phrase, words);
  }
  return words;
}

export class Cursor implements Place {
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

  isPhrase(phrase: string, ahead = 0): boolean {
    return wordsOf(phrase).every((word, index) => this.peek(ahead + index).word === word);
  }

  takePhrase(phrase: string): boolean {
    const is = this.isPhrase(phrase);
    if (is) this.at += wordsOf(phrase).length;
    return is;
  }

  expectPhrase(phrase: string): void {
    if (!this.takePhrase(phrase)) this.refuse();
  }

  takeOneOf(phrases: Phrases | readonly string[]): string | null {
    const { word } = this.peek();
    if (word === '') return null;
    const candidates = phrases instanceof Phrases ? phrases.startingWith(word) : phrases;
    return candidates.find((phrase) => phrase.startsWith(word) && this.takePhrase(phrase)) ?? null;
  }

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
