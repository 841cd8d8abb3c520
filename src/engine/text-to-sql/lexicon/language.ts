/**
 * What the engine needs to know about a language other than the one of its lexicon. Questions are brought into the words
 * of the lexicon, phrase by phrase and in its order of words, and then read like any other. A language is a folder of data.
 */

/** What a phrase is in a sentence, as far as the order of words depends on it. */
export type PhraseKind =
  /** A word that does something: "how many", "more than", "per". */
  | 'plain'
  /** A thing or a quality that data may be named by. */
  | 'noun'
  | 'verb'
  /** A form of "have", "be" or "become" that goes with a verb. */
  | 'auxiliary'
  | 'negation'
  /** A word that opens a clause behind a comma, and is an article elsewhere. */
  | 'article'
  /** The article of what something belongs to: "of the" behind a noun, "the" elsewhere. */
  | 'genitive'
  /** "of" behind a noun, "from" elsewhere. */
  | 'of'
  /** Says that the noun behind it is in the plural. */
  | 'plural'
  /** A quality that stands behind its noun, and is read before it. */
  | 'postposed'
  /** Says nothing here; what it stands for is left out. */
  | 'silent';

/**
 * A phrase and what is read for it. Elements of `source` are words, `{n}` for a number, `{d}` for a date, a month or a
 * year, `{w}` for any one word, and `{x}` for nouns. In `english`, `{1}` stands for the first of them, `{1:month}` for the name
 * of the month of that number.
 */
export interface Phrase {
  source: readonly string[];
  english: string;
  kind: PhraseKind;
}

export interface Language {
  /** ISO 639-1. */
  code: string;
  phrases: readonly Phrase[];
  /**
   * What spellings of one word have in common; also of words that were typed without the marks of the language.
   * Phrases are found by it.
   */
  key(word: string): string;
  /** False where a word with marks is another word than the phrase that has the same key: "nam" is not "năm". */
  isSpelledAs(word: string, phrase: string): boolean;
  /** Keys of the dictionary forms that a key may be a form of, the likeliest first; the first one is the key itself. */
  forms(key: string): readonly string[];
  /** False where the noun is the same in the plural. */
  hasPlural(key: string): boolean;
  /** True where this form of a noun is the plural. */
  isPlural(key: string, form: string): boolean;
  /** What may stand between the parts of a compound; null where the language has none. */
  compoundLinks: readonly string[] | null;
  /** What the first part of a compound says, where it is no noun of its own: "average" for "Durchschnitts-". */
  compoundParts: ReadonlyMap<string, string>;
  /** True where a noun stands before the nouns that say more about it: "name customer" for the name of a customer. */
  isHeadFirst: boolean;
  /** True where verbs stand at the end of a clause. */
  isVerbFinal: boolean;
  /** The mark before decimal places; the other one of "." and "," stands between thousands. */
  decimalMark: '.' | ',';
}

/**
 * Phrases of one kind from lines of `phrase | phrase = english`.
 *
 * @throws Error where a line has no meaning to the right
 */
export function phrasesOf(kind: PhraseKind, text: string): Phrase[] {
  return text
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [sources, english] = line.split(' = ');
      if (sources === undefined || (english === undefined && kind !== 'silent'))
        throw new Error(`no phrase: ${line.trim()}`);
      return sources
        .split('|')
        .map((source) => ({ kind, source: source.trim().split(/\s+/), english: english?.trim() ?? '' }));
    });
}
