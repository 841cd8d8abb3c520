/** What the name of a column says about its values. All functions take the name's words, see `nameWords`. */
import { wordSet } from './wording.js';

const AGGREGATE_WORDS = wordSet('count counts sum avg average mean median total totals stddev variance');
const LEADING_AGGREGATE_WORDS = wordSet('min max minimum maximum lowest highest largest smallest number num nb n');
const NOT_ADDITIVE_WORDS = wordSet(`
  avg average mean median min max minimum maximum lowest highest stddev variance rate ratio percent percentage pct
  share price score rating age index rank temperature temp speed height latitude longitude lat lon per distinct
  margin growth change
`);
const SHARE_WORDS = wordSet(`
  rate ratio percent percentage pct share fraction proportion margin growth change discount
`);
const IDENTIFIER_WORDS = wordSet(`
  id ids uuid guid key pk fk code zip zipcode postcode phone isbn ean sku
`);
/** Parts of dates that queries return as whole numbers, with the range they lie in. */
const DATE_PARTS = new Map<string, [number, number]>([
  ['month', [1, 12]],
  ['quarter', [1, 4]],
  ['week', [0, 53]],
  ['weekday', [0, 7]],
  ['dow', [0, 7]],
  ['isodow', [1, 7]],
  ['day', [0, 366]],
  ['hour', [0, 23]],
  ['minute', [0, 59]],
  ['decade', [0, 300]],
]);

/** The outcome of an aggregate: a count, a total, an average. */
export function namesAggregate(words: string[]): boolean {
  return words.some((word) => AGGREGATE_WORDS.has(word)) || LEADING_AGGREGATE_WORDS.has(words[0] ?? '');
}

/** Amounts whose sum means something. */
export function namesAdditive(words: string[]): boolean {
  return !words.some((word) => NOT_ADDITIVE_WORDS.has(word));
}

/** Parts of a whole, which are fractions when they lie between -1 and 1. */
export function namesShare(words: string[]): boolean {
  return words.some((word) => SHARE_WORDS.has(word));
}

/** What rows are identified by, rather than named or measured. */
export function namesIdentifier(words: string[]): boolean {
  return IDENTIFIER_WORDS.has(words.at(-1) ?? '');
}

/** Calendar years: the name says so and every number could be one. */
export function areYears(words: string[], numbers: number[]): boolean {
  const named = words.at(-1) === 'year' || words[0] === 'year' || words.at(-1) === 'yr';
  const plausible = (value: number) => Number.isInteger(value) && value >= 1000 && value <= 2999;
  return named && !words.includes('per') && numbers.every(plausible);
}

/** The part of a date that the numbers are (`month`, `hour` …); null when they are none. */
export function datePartOf(words: string[], numbers: number[]): string | null {
  const name = words.at(-1) ?? '';
  const range = DATE_PARTS.get(name);
  return range && numbers.every((value) => value >= range[0] && value <= range[1]) ? name : null;
}

/** Which of the two geographic coordinates a column between `min` and `max` is. */
export function coordinateOf(words: string[], min: number, max: number): 'latitude' | 'longitude' | null {
  const last = words.at(-1) ?? '';
  if (['latitude', 'lat'].includes(last) && min >= -90 && max <= 90) return 'latitude';
  if (['longitude', 'lon', 'lng', 'long'].includes(last) && min >= -180 && max <= 360) return 'longitude';
  return null;
}
