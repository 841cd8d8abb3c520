/** English. */
import type { Lexicon } from '../lexicon.js';
import { CUES } from './cues.js';
import { FOLLOW_UPS } from './follow-ups.js';
import { lemma, stem } from './inflection.js';
import {
  ABBREVIATIONS,
  AMOUNT_WORDS,
  CONCEPTS,
  DISPLAY_WORDS,
  EMPTY_NAME_WORDS,
  NAME_WORDS,
  PREPOSITION_NAMES,
  SIDE_DATE_WORDS,
  SYNONYMS,
  LIGHT_WORDS,
  LINKING_WORDS,
  RANGE_WORDS,
  RATE_WORDS,
  REVENUE_WORDS,
  TRADE_WORDS,
  UNIT_WORDS,
  WORTH_WORDS,
  MONEY_WORDS,
} from './names.js';
import { CODES, VALUE_FORMS } from './places.js';
import { isEmptyVerb, isImplied, isParticiple, isVerb } from './verbs.js';
import { DURATIONS, MAGNITUDES, MONTHS, NUMBER_WORDS, ORDINALS, TIME_UNITS, TIME_WORDS } from './time.js';

export const ENGLISH: Lexicon = {
  language: 'en',
  followUps: FOLLOW_UPS,
  cues: CUES,
  longestCue: Math.max(...[...CUES.keys()].map((phrase) => phrase.split(' ').length)),
  isVerb,
  isEmptyVerb,
  isImplied,
  isParticiple,
  unitWords: UNIT_WORDS,
  moneyWords: MONEY_WORDS,
  durations: DURATIONS,
  rangeWords: RANGE_WORDS,
  lightWords: LIGHT_WORDS,
  linkingWords: LINKING_WORDS,
  concepts: CONCEPTS,
  synonyms: SYNONYMS,
  abbreviations: ABBREVIATIONS,
  nameWords: NAME_WORDS,
  revenueWords: REVENUE_WORDS,
  amountWords: AMOUNT_WORDS,
  tradeWords: TRADE_WORDS,
  worthWords: WORTH_WORDS,
  rateWords: RATE_WORDS,
  sideDateWords: SIDE_DATE_WORDS,
  prepositionNames: PREPOSITION_NAMES,
  displayWords: DISPLAY_WORDS,
  emptyNameWords: EMPTY_NAME_WORDS,
  valueForms: VALUE_FORMS,
  codes: CODES,
  numberWords: NUMBER_WORDS,
  ordinals: ORDINALS,
  magnitudes: MAGNITUDES,
  months: MONTHS,
  timeUnits: TIME_UNITS,
  timeWords: TIME_WORDS,
  lemma,
  stem,
};
