/** Tells the language of a question from its words. */
import { ENGLISH } from '../lexicon/english/index.js';
import { HOME_LANGUAGE, LANGUAGES } from '../lexicon/languages.js';
import { PhraseBook } from './phrase-book.js';
import { fold } from './tokens.js';

const BOOKS: readonly PhraseBook[] = LANGUAGES.map((language) => new PhraseBook(language));

/** Words that belong to English for certain, or may. */
const ENGLISH_WORDS: ReadonlySet<string> = new Set([
  ...[...ENGLISH.cues.keys()].flatMap((phrase) => phrase.split(' ')),
  ...ENGLISH.nameWords,
  ...ENGLISH.numberWords.keys(),
  ...ENGLISH.months.keys(),
  ...ENGLISH.timeUnits.keys(),
]);

function isEnglish(word: string): boolean {
  const norm = fold(word);
  return ENGLISH_WORDS.has(norm) || ENGLISH_WORDS.has(ENGLISH.lemma(norm)) || ENGLISH.isVerb(norm);
}

/** Questions whose language is kept: those of a conversation are read again with each that follows. */
const MOST_KEPT = 500;
const KEPT = new Map<string, PhraseBook | null>();
/** So many words at most may be a question that is nothing but a compound. */
const FEW_WORDS = 4;

/**
 * The phrases of the language that a question is asked in; null for English, which is meant unless more words belong to
 * another language only than to English only. Where these are as many, it is what the person's `locale` says.
 */
export function bookOf(question: string, locale: string | null): PhraseBook | null {
  const key = `${locale ?? ''}\n${question}`;
  const known = KEPT.get(key);
  if (known !== undefined) return known;
  const found = detect(question, locale);
  const [oldest] = KEPT.keys();
  if (KEPT.size >= MOST_KEPT && oldest !== undefined) KEPT.delete(oldest);
  KEPT.set(key, found);
  return found;
}

function detect(question: string, locale: string | null): PhraseBook | null {
  if ((question.match(/[\p{L}\p{M}]+/gu) ?? []).every(isEnglish)) return null;
  let best: PhraseBook | null = null;
  let bestLead = 0;
  for (const book of BOOKS) {
    const isLocal = locale !== null && locale.toLowerCase().split(/[-_]/)[0] === book.language.code;
    const { own, english } = wordsOf(question.normalize('NFC'), book);
    const lead = own - english + (own > 0 && isLocal ? 0.5 : 0);
    if (lead > bestLead) [best, bestLead] = [book, lead];
  }
  return best;
}

/** How many words belong to the language and not to English, and how many the other way round. */
function wordsOf(question: string, book: PhraseBook): { own: number; english: number } {
  const tokens = book.tokens(question);
  const foreign = new Set(tokens.filter(({ kind, text }) => kind === 'word' && !isEnglish(text)));
  const isKnown = [...foreign].some((token) => book.knows(token));
  if (!isKnown && tokens.length > FEW_WORDS) return { own: 0, english: 0 };
  let own = 0;
  let english = 0;
  for (let at = 0; at < tokens.length;) {
    const match = book.match(tokens, at);
    const words = tokens.slice(at, at + (match?.length ?? 1)).filter(({ kind }) => kind === 'word');
    const others = words.filter((word) => foreign.has(word)).length;
    // A phrase of several words is more than its words: "co bao nhieu".
    if (match) own += others > 0 && words.length > 1 ? words.length : others;
    else if (others > 0) own += book.compound(tokens[at]?.key ?? '', () => null) === null ? 0 : 1;
    else english += words.length;
    at += match?.length ?? 1;
  }
  return { own, english };
}

/**
 * What decides where words of two languages are as many: the language that the last of the questions was asked in, or else
 * the person's `locale`.
 */
export function spokenAfter(questions: readonly string[], locale: string | null): string | null {
  let spoken = locale;
  for (const question of questions) spoken = bookOf(question, spoken)?.language.code ?? locale;
  return spoken;
}

/** The code of a language, ISO 639-1. */
export const codeOf = (book: PhraseBook | null): string => book?.language.code ?? HOME_LANGUAGE;
