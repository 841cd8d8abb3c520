/** Lists of words, as dialects write them down. */

export const words = (...lists: string[]): string[] => lists.flatMap((list) => list.trim().split(/\s+/));

export const setOf = (...lists: string[]): ReadonlySet<string> => new Set(words(...lists));

/** Phrases with commas between, those with more words first, so that none is taken for the beginning of another. */
export const phrases = (list: string): string[] =>
  list
    .split(',')
    .map((phrase) => phrase.trim().replaceAll(/\s+/g, ' '))
    .sort((one, other) => other.split(' ').length - one.split(' ').length || other.length - one.length);

/** Words that no column or alias is called without quotes, in any dialect. */
export const RESERVED = setOf(`
  ALL AND AS ASC BETWEEN BY CASE CROSS DESC DISTINCT DROP ELSE END EXCEPT EXISTS FOR FROM FULL GROUP HAVING IN INNER INSERT
  INTERSECT INTO IS JOIN LEFT LIKE LIMIT NATURAL NOT OFFSET ON OR ORDER OUTER RIGHT SELECT SET TABLE THEN UNION UPDATE USING
  VALUES WHEN WHERE WITH WINDOW DELETE CREATE ALTER GRANT`);
