/** Names of tables and columns that are words of another language, and what is known of the data when it is asked about in that language. */
import type { KnownWords } from '../language/rendering.js';
import { fold, normalizeValue } from '../language/tokens.js';
import type { Language } from '../lexicon/language.js';
import type { PhraseBook, SourceToken } from '../language/phrase-book.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import { splitName } from './names.js';
import type { GlossaryTerm } from '../contract.js';
import type { Evidence } from './evidence.js';
import type { SchemaIndex } from './schema-index.js';

const SURE_VALUE = 0.95;
/** Longer values are prose. */
const LONGEST_VALUE = 60;

/** The words of a name in the language of the lexicon; null where it has no word that the language knows and the lexicon does not. */
export function translatedName(name: string, book: PhraseBook, lexicon: Lexicon): string | null {
  const { language } = book;
  const tokens: SourceToken[] = splitName(name).map((text) => ({
    kind: 'word',
    text,
    plain: text,
    key: language.key(text),
    start: 0,
    end: 0,
  }));
  const words: string[] = [];
  let isForeign = false;
  for (let at = 0; at < tokens.length;) {
    const token = tokens[at];
    if (!token) break;
    const match = book.match(tokens, at);
    const isKnown = lexicon.nameWords.has(token.text) || lexicon.nameWords.has(lexicon.lemma(token.text));
    const noun = match?.phrase.kind === 'noun' && !(isKnown && match.length === 1) ? match : null;
    const compound = match || isKnown ? null : book.compound(token.key, () => null);
    isForeign ||= noun !== null || compound !== null;
    words.push(noun?.english ?? compound ?? token.text);
    at += noun?.length ?? 1;
  }
  if (!isForeign) return null;
  return (language.isHeadFirst ? words.toReversed() : words).join(' ');
}

/** What the data is called and holds, for bringing questions of one language into the words of the lexicon. */
export function knownWords(
  { schema, values, lexicon }: Evidence,
  { language }: PhraseBook,
  glossary: readonly GlossaryTerm[],
): KnownWords {
  const own = new Map<string, string>();
  for (const { table, columns } of schema.tables) {
    for (const name of [table.name, ...columns.map(({ column }) => column.name)]) {
      // Words of one syllable are many words in such a language, and are not told apart by their key.
      if (language.compoundLinks === null) continue;
      for (const word of splitName(name)) {
        const key = language.key(word);
        for (const form of language.forms(key))
          if ((form === key || form.length > 3) && !own.has(form)) own.set(form, word);
      }
    }
  }
  const synonyms = schema.tables.flatMap(({ table, columns }) => [
    ...table.synonyms,
    ...columns.flatMap(({ column }) => column.synonyms),
  ]);
  const terms = new Set([...synonyms, ...glossary.map(({ term }) => term)].map(normalizeValue));
  const spelled = spelledValues(schema, language);
  return {
    isName: (english) =>
      english.split(' ').every((word) => schema.byWord.has(word) || schema.byWord.has(lexicon.lemma(word))),
    isThing: (english) =>
      schema.tables.some(({ words, otherNames }) =>
        [words, ...otherNames].some((name) => name.join(' ') === english || name.at(-1) === english),
      ),
    nameOf: (keys) => keys.map((key) => own.get(key)).find((word) => word !== undefined) ?? null,
    isTerm: (phrase) => terms.has(normalizeValue(phrase)),
    valueOf(phrase) {
      const hit = values.find(normalizeValue(phrase), phrase)[0];
      if (hit !== undefined && hit.score > SURE_VALUE) return hit.value;
      return spelled.get(language.key(phrase)) ?? null;
    },
  };
}

/** Values that the language may spell in another way, by their key: "Muenchen" for "München". */
function spelledValues({ tables }: SchemaIndex, language: Language): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { column } of tables.flatMap(({ columns }) => columns)) {
    for (const value of column.values ?? []) {
      const key = language.key(value);
      // What has neither another key nor marks is spelled in one way.
      const isMarked = key !== fold(value) || value.toLowerCase() !== fold(value);
      if (value.length <= LONGEST_VALUE && isMarked) values.set(key, value);
    }
  }
  return values;
}
