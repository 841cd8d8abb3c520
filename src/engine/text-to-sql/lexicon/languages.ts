/** The languages that questions may be asked in. English is the one of the lexicon: what it says is read as it stands. */
import { ENGLISH } from './english/index.js';
import { GERMAN } from './german/index.js';
import type { Language } from './language.js';
import { VIETNAMESE } from './vietnamese/index.js';

export const LANGUAGES: readonly Language[] = [GERMAN, VIETNAMESE];
export const HOME_LANGUAGE = ENGLISH.language;
