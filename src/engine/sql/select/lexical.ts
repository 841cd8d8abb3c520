/** What a text is made of, and how a dialect spells it. */

export interface Token {
  kind: 'word' | 'name' | 'string' | 'number' | 'sign' | 'end';
  /** The word, sign or number as written; the value of a name or string. */
  text: string;
  /** A word in capitals; of anything else nothing. */
  word: string;
}

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
  /** @throws EngineError for what looks like a comment and is run by the server */
  checkComment(comment: string): void;
  /** What a backslash and the character behind it stand for in strings; null where a backslash is only itself. */
  unescape: ((character: string) => string) | null;
  /** A string as it is printed. */
  text(value: string): string;
  /** A name as it is printed, always in quotes, so that no word is taken for anything else. */
  name(value: string): string;
}
