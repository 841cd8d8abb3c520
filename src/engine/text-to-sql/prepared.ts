/** What is made ready of a catalogue before the first question, and kept for those that follow. */
import { DEFAULT_CALENDAR } from '../catalog/calendar.js';
import type { Catalog } from '../catalog/catalog.js';
import type { GlossaryTerm } from './contract.js';
import type { Evidence } from './evidence/evidence.js';
import { SchemaIndex } from './evidence/schema-index.js';
import { knownWords, translatedName } from './evidence/translated-names.js';
import { ValueIndex } from './evidence/value-index.js';
import { bookOf, codeOf } from './language/detection.js';
import type { PhraseBook } from './language/phrase-book.js';
import { asItStands, type KnownWords, render, type Rendering } from './language/rendering.js';
import { ENGLISH } from './lexicon/english/index.js';
import { JoinGraph } from './planning/join-graph.js';

export interface Prepared extends Evidence {
  catalog: Catalog;
  glossary: readonly GlossaryTerm[];
  graph: JoinGraph;
  /** By the language of a question: what of its words the data knows. */
  known: Map<PhraseBook, KnownWords>;
}

/** Keeps what was prepared for a catalogue, by language, so that the second question costs little. */
const PREPARED = new WeakMap<Catalog, { glossary: string; byLanguage: Map<string, Prepared> }>();

export function prepare(catalog: Catalog, glossary: readonly GlossaryTerm[], book: PhraseBook | null): Prepared {
  const key = JSON.stringify(glossary);
  let kept = PREPARED.get(catalog);
  if (kept?.glossary !== key) kept = { glossary: key, byLanguage: new Map<string, Prepared>() };
  PREPARED.set(catalog, kept);
  const ready = kept.byLanguage.get(codeOf(book));
  if (ready) return ready;
  const lexicon = ENGLISH;
  const translate = book === null ? undefined : (name: string) => translatedName(name, book, lexicon);
  const schema = new SchemaIndex(catalog, lexicon, glossary, translate);
  const values = new ValueIndex(schema, lexicon);
  const graph = new JoinGraph(catalog, schema);
  const calendar = catalog.calendar ?? DEFAULT_CALENDAR;
  const known = new Map<PhraseBook, KnownWords>();
  const prepared = { catalog, glossary, lexicon, calendar, schema, values, graph, known };
  kept.byLanguage.set(codeOf(book), prepared);
  return prepared;
}

/** The question in the words that are read. Questions before it may have been asked in another language. */
export function rendered(question: string, locale: string | null, prepared: Prepared): Rendering {
  const { known } = prepared;
  const book = bookOf(question, locale);
  if (book === null) return asItStands(question);
  const words = known.get(book) ?? knownWords(prepared, book, prepared.glossary);
  known.set(book, words);
  return render(question, book, words);
}
