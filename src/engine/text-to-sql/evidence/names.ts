/** Splits the names of tables and columns into words in their dictionary form. */
import { fold } from '../language/tokens.js';
import type { Lexicon } from '../lexicon/lexicon.js';

/** Cuts at case changes, underscores, spaces, digits and other marks: `OrderID2` gives order, id, 2. */
export function splitName(name: string): string[] {
  return name
    .replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, '$1 $2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replace(/(\p{L})(\p{N})/gu, '$1 $2')
    .split(/[^\p{L}\p{N}]+/u)
    .map(fold)
    .filter((word) => word !== '');
}

/** The words of a name with digits left on the letters before them, as in "CO2"; null when that makes no difference. */
export function gluedWords(name: string): string[] | null {
  if (!/\p{L}\p{N}/u.test(name)) return null;
  const marked = name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return marked
    .split(/[^\p{L}\p{N}]+/u)
    .map(fold)
    .filter((word) => word !== '');
}

/** Reads names with one lexicon and the words that other names of the same catalogue show apart. */
export class NameReader {
  constructor(
    private readonly lexicon: Lexicon,
    private readonly knownWords: ReadonlySet<string>,
  ) {}

  /** The words of a name: split, cut where written together, short forms written out, in dictionary form. */
  words(name: string): string[] {
    return this.joinShortForms(splitName(name))
      .flatMap((word) => this.cut(word) ?? [word])
      .flatMap((word) => (this.lexicon.abbreviations.get(word) ?? word).split(' '))
      .map((word) => this.lexicon.lemma(word));
  }

  /**
   * The longest beginning that all names share and that is no word of its own, as in `sbtxid`, `sbtxprice`. Empty
   * unless dropping it makes more of the names readable.
   */
  sharedPrefix(names: readonly string[]): string {
    const folded = names.map(fold);
    const first = folded[0];
    if (first === undefined || names.length < 3) return '';
    for (let length = Math.min(8, first.length - 1); length >= 2; length -= 1) {
      const prefix = first.slice(0, length);
      if (
        !folded.every((name) => name.startsWith(prefix) && name.length > length && /\p{L}/u.test(name[length] ?? ''))
      ) {
        continue;
      }
      const readable = folded.filter((name) => this.isReadable(name.slice(length))).length;
      const readableNow = folded.filter((name) => this.isReadable(name)).length;
      if (readable > readableNow && readable * 2 >= folded.length) return prefix;
    }
    return '';
  }

  /** `LName` is split into l, name; together they are a short form. */
  private joinShortForms(words: readonly string[]): string[] {
    const joined: string[] = [];
    for (const word of words) {
      const previous = joined.at(-1);
      if (previous?.length === 1 && this.lexicon.abbreviations.has(previous + word))
        joined[joined.length - 1] = previous + word;
      else joined.push(word);
    }
    return joined;
  }

  private isReadable(name: string): boolean {
    return splitName(name).every((word) => this.isKnown(word) || this.cut(word) !== null);
  }

  private isKnown(word: string): boolean {
    return (
      this.lexicon.nameWords.has(word) ||
      this.lexicon.nameWords.has(this.lexicon.lemma(word)) ||
      this.knownWords.has(word)
    );
  }

  /** Cuts a word such as `joindate` into known words, with as few pieces as possible. */
  private cut(word: string): string[] | null {
    if (this.isKnown(word) || word.length < 5 || word.length > 40) return null;
    const best: (string[] | null)[] = [[]];
    for (let end = 1; end <= word.length; end += 1) {
      best.push(null);
      for (let start = 0; start < end; start += 1) {
        const before = best[start];
        const piece = word.slice(start, end);
        if (!before || !(piece.length >= 3 || piece === 'id' || piece === 'no') || !this.isKnown(piece)) continue;
        const known = best[end];
        if (!known || before.length + 1 < known.length) best[end] = [...before, piece];
      }
    }
    return best[word.length] ?? null;
  }
}
