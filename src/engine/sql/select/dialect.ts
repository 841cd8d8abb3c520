/** What a dialect allows in a SELECT, and how it is spelled. What is not named here is refused. */
import type { Dialect } from '../../catalog/catalog.js';
import type { ColumnMask } from '../guard.js';
import type { Lexical, Token } from './lexical.js';
import type { Call, Expression, FromCall, Tail } from './tree.js';
import type { Phrases } from './words.js';

/** A place in the tokens of a statement, and what may be asked and taken there. */
export interface Place {
  readonly dialect: SelectDialect;
  peek(ahead?: number): Token;
  next(): Token;
  /** @throws EngineError `sql_too_large` when this is nested too deeply */
  nested<T>(read: () => T): T;
  isSign(sign: string, ahead?: number): boolean;
  takeSign(sign: string): boolean;
  expectSign(sign: string): void;
  /** Whether the words of a phrase come next: `GROUP BY`. */
  isPhrase(phrase: string, ahead?: number): boolean;
  takePhrase(phrase: string): boolean;
  expectPhrase(phrase: string): void;
  /** The one of some phrases that comes next; in a list, longer ones have to stand before those they begin with. */
  takeOneOf(phrases: Phrases | readonly string[]): string | null;
  /** A name, quoted or not. */
  name(): string;
  /** A plain whole number, as it is written. */
  integer(): string;
  string(): string;
  /** Items with commas between. */
  list<T>(read: () => T): T[];
  bracketed<T>(read: () => T): T;
  /**
   * Refuses what comes next.
   *
   * @throws EngineError `sql_construct_not_allowed` for a word of the language, `sql_invalid` for anything else
   */
  refuse(): never;
}

/** Reads expressions from its place on. */
export interface Reader {
  readonly cursor: Place;
  /** @param without an operator that ends this expression: `IN`, in `POSITION('a' IN name)` */
  expression(without?: string): Expression;
  expressions(): Expression[];
  /** A type from the list of the dialect, as it is printed. */
  type(): string;
  /** @throws EngineError `sql_construct_not_allowed` for what is no unit of time */
  unit(): string;
  /** `DISTINCT a, b ORDER BY c`, up to the closing bracket. */
  plainCall(name: string): Call;
  /** What stands behind the brackets of a call. */
  callEnd(call: Call): Call;
}

/** Reads what stands in the brackets of a call, behind the opening one. */
export type SpecialForm = (reader: Reader, name: string) => Expression;

/** Reads a function in FROM behind its opening bracket, up to and with the closing one. */
export type FromFunction = (reader: Reader, name: string) => Omit<FromCall, 'alias' | 'columns'>;

/** Signs, and phrases like `IS NOT NULL`. */
export interface OperatorSet {
  signs: ReadonlySet<string>;
  phrases: Phrases;
}

export interface Operators {
  prefix: OperatorSet;
  infix: OperatorSet;
  postfix: OperatorSet;
}

export interface SelectDialect {
  dialect: Dialect;
  /** For messages. */
  title: string;
  lexical: Lexical;
  /** Whether names that differ in case only are the same. */
  foldsNames: boolean;
  operators: Operators;
  /** Functions that may be called, in small letters. */
  isFunction(name: string): boolean;
  /** Functions whose value a row alone does not decide, in small letters: not for row rules. */
  isForRows(name: string): boolean;
  /** Calls that are more than a list of values, by the name in small letters. */
  forms: ReadonlyMap<string, SpecialForm>;
  /** Words that are values: `NULL`, `CURRENT_DATE`. */
  constants: ReadonlySet<string>;
  /** Types that a value may be converted to, in capitals. */
  types: ReadonlySet<string>;
  /** Words before a string that make it a value of this type: `DATE '2024-01-01'`. */
  typedLiterals: ReadonlySet<string>;
  /** Units of time, in capitals. */
  units: ReadonlySet<string>;
  /** Words that are neither a column nor, without AS, an alias. */
  reserved: ReadonlySet<string>;
  joins: Phrases;
  setOperations: Phrases;
  /** Words directly behind SELECT. */
  selectWords: readonly string[];
  /** What stands behind the list of GROUP BY. */
  groupingEnds: Phrases;
  /** What stands behind EXPLAIN, printed. */
  explain(cursor: Place): string;
  /** LIMIT and its like, behind ORDER BY. */
  limits(reader: Reader): Tail[];
  /** Functions that may stand in FROM. */
  fromFunctions: ReadonlyMap<string, FromFunction>;
  features: ReadonlySet<Feature>;
  /**
   * Whether CTEs are put where they are referred to: for a server on which it is a setting whether a sub-query sees them,
   * and that would read a table of that name instead.
   */
  inlinesCtes: boolean;
  /** Whether an output without a name is called by its text, in which the rules of a table could be read. */
  namesOutputsByText: boolean;
  /** Where the aliases of outputs can be named: behind HAVING only, or everywhere. */
  aliasesSeen: 'behind' | 'everywhere';
  /** Keeps conditions of the statement from being tried on rows that a rule leaves out. */
  fence: string;
  /** Whether masks need it as well, since errors of the server quote the expressions of merged sub-selects. */
  fencesMasks: boolean;
  /** A masked value as SQL. @param key hexadecimal digits */
  masked(value: string, mask: ColumnMask, key: string): string;
}

/** Parts of the language that not every dialect has. */
export type Feature =
  | 'lambda'
  | 'array-literal'
  | 'array-constructor'
  | 'subscript'
  | 'cast-sign'
  | 'json-arrow'
  | 'parametric'
  | 'tuple-element'
  | 'row-fields'
  | 'filter'
  | 'within-group'
  | 'column-aliases'
  | 'values'
  | 'lateral'
  | 'sample'
  | 'final'
  | 'prewhere'
  | 'array-join'
  | 'scalar-with'
  | 'with-fill'
  | 'using-without-brackets'
  | 'qualify'
  | 'tables-in-values'
  | 'dual'
  | 'adjacent-strings'
  | 'recursive';
