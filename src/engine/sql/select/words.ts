/** Lists of words, as dialects write them down. */

export const words = (...lists: string[]): string[] => lists.flatMap((list) => list.trim().split(/\s+/));

export const setOf = (...lists: string[]): ReadonlySet<string> => new Set(words(...lists));

/** Phrases of one or more words, found by their first one. */
export class Phrases {
  private readonly byWord = new Map<string, string[]>();

  constructor(phrases: readonly string[]) {
    // Those with more words first, so that none is taken for the beginning of another.
    for (const phrase of [...phrases].sort((one, other) => other.length - one.length)) {
      const [word = ''] = phrase.split(' ');
      this.byWord.set(word, [...(this.byWord.get(word) ?? []), phrase]);
    }
  }

  startingWith(word: string): readonly string[] {
    return this.byWord.get(word) ?? [];
  }
}

/** Phrases with commas between. */
export const phrases = (list: string): Phrases =>
  new Phrases(list.split(',').map((phrase) => phrase.trim().replaceAll(/\s+/g, ' ')));

/** Words that no column or alias is called without quotes, in any dialect. */
export const RESERVED = setOf(`
  ALL AND AS ASC BETWEEN BY CASE CROSS DESC DISTINCT DROP ELSE END EXCEPT EXISTS FOR FROM FULL GROUP HAVING IN INNER INSERT
  INTERSECT INTO IS JOIN LEFT LIKE LIMIT NATURAL NOT OFFSET ON OR ORDER OUTER RIGHT SELECT SET TABLE THEN UNION UPDATE USING
  VALUES WHEN WHERE WITH WINDOW DELETE CREATE ALTER GRANT`);
