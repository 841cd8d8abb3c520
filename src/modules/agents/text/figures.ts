/** Numbers in texts, and whether they are those of the data. */

/** A number as somebody has written it. */
export interface Figure {
  /** As it stands in the text. */
  text: string;
  value: number;
  /** Half of the last digit that is written: what it was rounded by, at the most. */
  precision: number;
}

const SCALES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  million: 1e6,
  bn: 1e9,
  b: 1e9,
  billion: 1e9,
};
const NUMBER =
  /(?<![\p{L}\p{N}_.])[-−]?(\d{1,3}(?:[,  ]\d{3})+|\d+)(\.\d+)?(?:\s?(k|thousand|mn|m|million|bn|b|billion)(?![\p{L}\p{N}]))?/giu;
const IN_WORDS: Readonly<Record<string, number>> = Object.fromEntries(
  'two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, index) => [word, index + 2]),
);
/** These say a relation of numbers that cannot be looked up. */
const RELATIONS =
  /\b(?:half|halved|double[ds]?|twice|triple[ds]?|thrice|quadrupled?|tenfold|dozens?|hundreds|thousands|millions|billions)\b/i;

/** The numbers in a text, also those that are written as words up to twelve. */
export function figuresIn(text: string): Figure[] {
  const written = Array.from(text.matchAll(NUMBER), ([found, whole = '', fraction = '', scale = '']) => {
    const factor = SCALES[scale.toLowerCase()] ?? 1;
    const sign = /^[-−]/.test(found) ? -1 : 1;
    const value = sign * Number(whole.replaceAll(/[^\d]/g, '') + fraction) * factor;
    const digits = fraction === '' ? 0 : fraction.length - 1;
    return { text: found, value, precision: (0.5 * factor) / 10 ** digits };
  });
  const words = Array.from(text.matchAll(/\b[a-z]+\b/gi), ([word]) => word).flatMap((word) => {
    const value = IN_WORDS[word.toLowerCase()];
    return value === undefined ? [] : [{ text: word, value, precision: 0 }];
  });
  return [...written, ...words];
}

/** A word that claims a relation of numbers; null when there is none. */
export function relationIn(text: string): string | null {
  return RELATIONS.exec(text)?.[0] ?? null;
}

/** Whether a number is one of these, rounded as it is written; a share may be written in per cent, and a fall without its sign. */
export function isAmong({ value, precision }: Figure, known: readonly number[]): boolean {
  const isNear = (one: number): boolean => Math.abs(one - value) <= precision * (1 + 1e-9) + 1e-12;
  return known.some((one) => isNear(one) || isNear(one * 100) || isNear(Math.abs(one)) || isNear(Math.abs(one * 100)));
}
