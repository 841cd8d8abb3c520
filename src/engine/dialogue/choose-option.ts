import { plainWords } from './plain-words.js';

export interface Option {
  value: string;
  /** What a person reads. */
  label: string;
}

/** `several`: the words fit more than one of them. */
export type Choice<T extends Option = Option> = { kind: 'chosen'; option: T } | { kind: 'several'; options: T[] };

const ORDINALS = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];

const AROUND_A_NUMBER = new Set(
  'the a option number no nr choice answer one please i mean meant take choose pick want it is yes ok okay use'.split(
    ' ',
  ),
);

/** Say nothing about which one is meant. */
const FILLERS = new Set(
  (
    'the a an one ones option please i we mean meant want by of for with it is was that this those in on to and rather instead ' +
    'take choose pick use go yes ok okay my answer would like'
  ).split(' '),
);

/**
 * The option that a person means: by its value or label, by its place ("2", "the second one", "the last"), or by words that
 * only it has ("by amount").
 *
 * @returns null when the words fit none
 */
export function chooseOption<T extends Option>(text: string, options: readonly T[]): Choice<T> | null {
  const said = text.trim().toLowerCase();
  const named = options.find(({ value, label }) => value.toLowerCase() === said || label.toLowerCase() === said);
  if (named !== undefined) return { kind: 'chosen', option: named };
  const words = plainWords(text);
  const placed = options[placeIn(words, options.length)];
  if (placed !== undefined) return { kind: 'chosen', option: placed };
  return byWords(words, options);
}

/** The index of the option by its place; -1 when no place is said, or more than that. */
function placeIn(words: readonly string[], count: number): number {
  const telling = words.filter((word) => !AROUND_A_NUMBER.has(word));
  // "One", alone or as "option one", is the first.
  const [place] = telling;
  if (telling.length === 0) return /^(?:option |number |no |nr )?one$/.test(words.join(' ')) ? 0 : -1;
  if (place === undefined || telling.length > 1) return -1;
  if (place === 'last') return count - 1;
  if (place === 'former') return count === 2 ? 0 : -1;
  if (place === 'latter') return count === 2 ? 1 : -1;
  const numeral = /^(\d{1,3})(?:st|nd|rd|th)?$/.exec(place);
  if (numeral !== null) return Number(numeral[1]) - 1;
  const spelled = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].indexOf(place);
  return spelled >= 0 ? spelled : ORDINALS.indexOf(place);
}

function byWords<T extends Option>(words: readonly string[], options: readonly T[]): Choice<T> | null {
  const telling = words.filter((word) => !FILLERS.has(word)).map(stemOf);
  if (telling.length === 0) return null;
  const scored = options.map((option) => {
    const known = new Set(plainWords(`${option.label} ${option.value}`.replaceAll('_', ' ')).map(stemOf));
    return { option, score: telling.filter((word) => known.has(word)).length };
  });
  const best = Math.max(...scored.map(({ score }) => score));
  // Words that none of them has mean something else.
  if (best === 0 || best * 2 < telling.length || (telling.length > 2 && best * 2 === telling.length)) return null;
  const fitting = scored.filter(({ score }) => score === best).map(({ option }) => option);
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return { kind: 'chosen', option: only };
  return fitting.length === options.length && telling.length > 1 ? null : { kind: 'several', options: fitting };
}

/** Singular and plural are the same word here. */
function stemOf(word: string): string {
  return word.length > 3 ? word.replace(/(?:ies)$/, 'y').replace(/(?<!s)s$/, '') : word;
}
