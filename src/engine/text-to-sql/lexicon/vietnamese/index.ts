/** Vietnamese. */
import { fold } from '../../language/tokens.js';
import { type Language, phrasesOf } from '../language.js';
import { NOUNS } from './nouns.js';
import { NUMBERS } from './numbers.js';
import { AUXILIARIES, NEGATIONS, OF, PLAIN, PLURALS, POSTPOSED, SILENT, VERBS } from './words.js';

/** The marks of a syllable, wherever in it they are typed: "hoà" and "hòa" are one. */
function marksOf(word: string): string {
  const marks = word.toLowerCase().replaceAll('đ', 'd̵').normalize('NFD').match(/\p{M}/gu) ?? [];
  return marks.toSorted().join('');
}

export const VIETNAMESE: Language = {
  code: 'vi',
  phrases: [
    ...phrasesOf('plain', PLAIN),
    ...phrasesOf('plain', NUMBERS),
    ...phrasesOf('noun', NOUNS),
    ...phrasesOf('verb', VERBS),
    ...phrasesOf('auxiliary', AUXILIARIES),
    ...phrasesOf('negation', NEGATIONS),
    ...phrasesOf('of', OF),
    ...phrasesOf('plural', PLURALS),
    ...phrasesOf('postposed', POSTPOSED),
    ...phrasesOf('silent', SILENT),
  ],
  key: fold,
  isSpelledAs: (word, phrase) => marksOf(word) === '' || marksOf(word) === marksOf(phrase),
  forms: (key) => [key],
  hasPlural: () => false,
  isPlural: () => false,
  compoundLinks: null,
  compoundParts: new Map(),
  isHeadFirst: true,
  isVerbFinal: false,
  decimalMark: ',',
};
