/** What a dialect allows in a SELECT, and how it is spelled. What is not named here is refused. */
import type { Dialect } from '../../catalog/catalog.js';
import type { ColumnMask } from '../guard.js';
import type { Cursor } from './cursor.js';
import type { ExpressionReader, SpecialForm } from './expressions.js';
import type { FromFunction } from './from.js';
import type { Tail } from './tree.js';

/** How a text is taken apart. */
export interface Lexical {
  /** Begins at a word that needs no quotes. */
  word: RegExp;
  /** Signs, each with what it may mean; the longest that fits is taken. */
  signs: readonly string[];
  /** The quotes around strings, and those around names. */
  stringQuotes: string;
  nameQuotes: string;
  /**
   * Those of them that hold a string or a name, as the server is set. What they hold may not have them, so that it ends
   * at the same place in both cases.
   */
  settableQuotes: string;
  /** Whether a backslash means something between the quotes of names, as it does in strings. */
  hasNameEscapes: boolean;
  /** A comment that ends with its line. */
  lineComment: RegExp;
  /** @throws EngineError for a comment that is not one to the server: `/*! … *​/` */
  checkComment(comment: string): void;
  /** What a backslash and the character behind it stand for in strings; null where a backslash is only itself. */
  unescape: ((character: string) => string) | null;
  /** A string as it is printed. */
  text(value: string): string;
  /** A name as it is printed, always in quotes, so that no word is taken for anything else. */
  name(value: string): string;
}

/** Operators that are not signs are phrases of words: `IS NOT NULL`. */
export interface Operators {
  prefix: readonly string[];
  infix: readonly string[];
  postfix: readonly string[];
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
  joins: readonly string[];
  setOperations: readonly string[];
  /** Words directly behind SELECT. */
  selectWords: readonly string[];
  /** What stands behind the list of GROUP BY. */
  groupingEnds: readonly string[];
  /** What stands behind EXPLAIN, printed. */
  explain(cursor: Cursor): string;
  /** LIMIT and its like, behind ORDER BY. */
  limits(reader: ExpressionReader): Tail[];
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
