/** German. */
import { type Language, phrasesOf } from '../language.js';
import { NOUNS } from './nouns.js';
import { ARTICLES, AUXILIARIES, GENITIVES, NEGATIONS, OF, PLAIN, SILENT, VERBS } from './words.js';
import { NUMBERS } from './numbers.js';
import { COMPOUND_PARTS, forms, isPlural, key } from './inflection.js';

export const GERMAN: Language = {
  code: 'de',
  phrases: [
    ...phrasesOf('plain', PLAIN),
    ...phrasesOf('plain', NUMBERS),
    ...phrasesOf('noun', NOUNS),
    ...phrasesOf('verb', VERBS),
    ...phrasesOf('auxiliary', AUXILIARIES),
    ...phrasesOf('negation', NEGATIONS),
    ...phrasesOf('article', ARTICLES),
    ...phrasesOf('genitive', GENITIVES),
    ...phrasesOf('of', OF),
    ...phrasesOf('silent', SILENT),
  ],
  key,
  isSpelledAs: () => true,
  forms,
  hasPlural: (noun) => !/(?:er|el|en)$/.test(noun),
  isPlural,
  compoundLinks: ['', 's', 'es', 'n', 'en', 'e', 'er'],
  compoundParts: COMPOUND_PARTS,
  isHeadFirst: false,
  isVerbFinal: true,
  decimalMark: ',',
};
