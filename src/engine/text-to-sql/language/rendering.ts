/** Brings a question of another language into the words and the order of words that the readers know. */
import type { Language, PhraseKind } from '../lexicon/language.js';
import { plural, type PhraseBook, type PhraseMatch, type SourceToken } from './phrase-book.js';

/** What the data of a catalogue is called, and holds. */
export interface KnownWords {
  /** True where a table or a column is named by these English words. */
  isName(english: string): boolean;
  /** True where a table is, so that they name things that can be counted. */
  isThing(english: string): boolean;
  /** The word of a name that one of these keys belongs to. */
  nameOf(keys: readonly string[]): string | null;
  /** True for a word that people have taught: a synonym, or a term of the glossary. */
  isTerm(phrase: string): boolean;
  /** A text of the data that is spelled like this phrase. */
  valueOf(phrase: string): string | null;
}

/** A question as it is read, and where its words come from. */
export interface Rendering {
  text: string;
  /** What was said for a stretch of `text`. */
  said(start: number, end: number): string;
}

interface Part {
  english: string;
  /** A noun in the singular. */
  single?: string;
  kind: PhraseKind | 'number' | 'value' | 'mark';
  start: number;
  end: number;
  /** Written without a space behind what is before it: "3k". */
  isJoined: boolean;
}

const LONGEST_VALUE = 6;
const NAMES: ReadonlySet<Part['kind']> = new Set(['noun', 'of', 'plural']);
const QUALIFIED: ReadonlySet<Part['kind']> = new Set(['noun', 'plural', 'verb', 'postposed']);
const BY_POSITION: ReadonlySet<string> = new Set(['first', 'last']);
const VERBAL: ReadonlySet<Part['kind']> = new Set(['verb', 'auxiliary']);
const YEAR = /^(?:19|20)\d\d$/;
/** What is worked out of a noun stands before it, and a quality before that. */
const WORKED_OUT: ReadonlySet<string> = new Set(['total', 'number of', 'cumulative', 'sum of']);

/** The question as it is: for the language of the lexicon. */
export function asItStands(question: string): Rendering {
  return { text: question, said: (start, end) => question.slice(start, end) };
}

/** The question in the words of the lexicon; words that neither the language nor the data knows stay as they are. */
export function render(question: string, book: PhraseBook, known: KnownWords): Rendering {
  const source = question.normalize('NFC');
  const { language } = book;
  let parts = new PartReader(book, known).read(source);
  if (language.isVerbFinal) parts = clausesOf(parts).flatMap((clause) => timesBehind(verbForward(clause)));
  parts = qualitiesForward(parts);
  if (language.isHeadFirst) parts = nounsTied(parts);
  return written(source, parts.map(decided));
}

/** Finds phrases, values and names, the longest first. */
class PartReader {
  private readonly language: Language;

  constructor(
    private readonly book: PhraseBook,
    private readonly known: KnownWords,
  ) {
    this.language = book.language;
  }

  read(source: string): Part[] {
    const tokens = this.book.tokens(source);
    const parts: Part[] = [];
    for (let at = 0; at < tokens.length;) {
      const { length, ...said } = this.next(tokens, at, source);
      const [first, last] = [tokens[at], tokens[at + length - 1]];
      if (!first || !last) break;
      const isJoined = at > 0 && tokens[at - 1]?.kind === 'number' && tokens[at - 1]?.end === first.start;
      parts.push({ ...said, start: first.start, end: last.end, isJoined });
      at += length;
    }
    return parts;
  }

  private next(
    tokens: readonly SourceToken[],
    at: number,
    source: string,
  ): Pick<Part, 'english' | 'kind' | 'single'> & { length: number } {
    const first = tokens[at];
    const match = this.book.match(tokens, at);
    const value = this.value(tokens, at, source, match);
    if (value) return value;
    if (match)
      return {
        english: this.inflected(match, tokens[at]),
        single: match.english,
        kind: match.phrase.kind,
        length: match.length,
      };
    if (!first || first.kind === 'mark') return { english: first?.plain ?? '', kind: 'mark', length: 1 };
    if (first.kind === 'quoted') return { english: first.plain, kind: 'value', length: 1 };
    if (first.kind !== 'word') return { english: first.plain, kind: 'number', length: 1 };
    const own = this.known.nameOf(this.language.forms(first.key));
    return { english: own ?? this.book.compound(first.key, this.known.nameOf) ?? first.plain, kind: 'noun', length: 1 };
  }

  /** What people have taught; a value that is longer than any phrase; or as long as a verb, or a noun that no table or column is named by. */
  private value(
    tokens: readonly SourceToken[],
    at: number,
    source: string,
    match: PhraseMatch | null,
  ): { english: string; kind: 'value' | 'verb' | 'noun'; length: number } | null {
    for (let length = LONGEST_VALUE; length >= Math.max(1, match?.length ?? 1); length -= 1) {
      const [first, last] = [tokens[at], tokens[at + length - 1]];
      if (first?.kind !== 'word' || last?.kind !== 'word') continue;
      const written = source.slice(first.start, last.end);
      if (this.known.isTerm(written)) return { english: written, kind: 'noun', length };
      const phrase = match?.length === length ? match.phrase : null;
      const isSaid = phrase !== null && phrase.kind !== 'verb' && phrase.kind !== 'noun';
      if (isSaid || (phrase?.kind === 'noun' && this.known.isName(match?.english ?? ''))) continue;
      const value = this.known.valueOf(written);
      // A status keeps its place in the sentence: "storniert" of "wurden 2024 storniert".
      if (value !== null) return { english: value, kind: phrase?.kind === 'verb' ? 'verb' : 'value', length };
    }
    return null;
  }

  /** A noun that the data is not named by gives way to a word of the data's own names. */
  private inflected({ english, form, phrase, length }: PhraseMatch, token: SourceToken | undefined): string {
    if (phrase.kind !== 'noun' || !token) return english;
    if (length === 1 && !this.known.isName(english)) {
      const own = this.known.nameOf(this.language.forms(token.key));
      if (own !== null) return own;
    }
    // Where nouns have no plural, things are as many as the sentence makes them.
    const isUnmarked = !this.language.hasPlural(token.key) && this.known.isThing(english);
    const isMany = isUnmarked || this.language.isPlural(token.key, form);
    return isMany ? plural(english) : english;
  }
}

/** Parts between marks, each with the mark that ends it. */
function clausesOf(parts: readonly Part[]): Part[][] {
  const clauses: Part[][] = [[]];
  for (const part of parts) {
    clauses.at(-1)?.push(part);
    if (part.kind === 'mark') clauses.push([]);
  }
  return clauses.map((clause, index) => relativeClause(clause, clauses[index - 1]?.at(-1)?.english === ','));
}

/** The article that opens a clause behind a comma stands for the noun before it. */
function relativeClause(clause: Part[], isBehindComma: boolean): Part[] {
  const [first, second, ...rest] = clause;
  if (!isBehindComma || !first || !second) return clause;
  const isVerbal = clause.some(({ kind }) => VERBAL.has(kind));
  const opens = (part: Part): boolean =>
    part.kind === 'article' || part.kind === 'genitive' || part.english === 'which';
  if (!isVerbal) return clause;
  if (opens(first)) return [{ ...first, kind: 'plain', english: 'that' }, second, ...rest];
  return opens(second) ? [first, { ...second, kind: 'plain', english: 'which' }, ...rest] : clause;
}

const WHEN =
  /^(?:in |on )?(?:(?:last|this|next) (?:\d+ )?(?:day|week|month|quarter|year)s?|today|yesterday|(?:\d+ )?(?:January|February|March|April|May|June|July|August|September|October|November|December)(?: \d{4})?|Q[1-4](?: \d{4})?|(?:19|20)\d\d|(?:since|before|after|until) .*\d{4}.*|between .*\d{4}.*)$/;

/** "have in 2025 bicycles bought": when it was goes behind what it was about. */
function timesBehind(clause: Part[]): Part[] {
  const mark = clause.at(-1)?.kind === 'mark' ? clause.slice(-1) : [];
  const words = clause.slice(0, clause.length - mark.length);
  const at = words.findIndex(
    (part, index) => index > 0 && WHEN.test(part.english) && VERBAL.has(words[index - 1]?.kind ?? 'mark'),
  );
  const isMoved = at > 0 && words.slice(at + 1).some(({ kind }) => kind === 'noun');
  return isMoved ? [...words.slice(0, at), ...words.slice(at + 1), ...words.slice(at, at + 1), ...mark] : clause;
}

/** "that more than 3 orders placed have": the verbs at the end of a clause go where they stand in English. */
function verbForward(clause: Part[]): Part[] {
  const mark = clause.at(-1)?.kind === 'mark' ? clause.slice(-1) : [];
  const words = clause.slice(0, clause.length - mark.length);
  let from = words.length;
  while (from > 0 && VERBAL.has(words[from - 1]?.kind ?? 'mark')) from -= 1;
  const verbs = words.slice(from);
  if (verbs.length === 0) return clause;
  if (words[from - 1]?.kind === 'negation') verbs.unshift(...words.slice((from -= 1), from + 1));
  const rest = words.slice(0, from);
  const order: Part['kind'][] = ['auxiliary', 'negation', 'verb'];
  const ordered = verbs.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  if (rest[0]?.english === 'that') return [...rest.slice(0, 1), ...ordered, ...rest.slice(1), ...mark];
  const auxiliary = rest.findLastIndex(({ kind }) => kind === 'auxiliary');
  if (auxiliary === -1 || verbs.every(({ kind }) => kind === 'auxiliary')) return clause;
  // "How many orders has each customer placed": the verb follows who does it.
  const isSubject = rest[auxiliary + 1]?.english === 'each';
  const at = isSubject ? auxiliary + 3 : auxiliary + 1;
  return [...rest.slice(0, at), ...ordered, ...rest.slice(at), ...mark];
}

/** "price average": a quality that stands behind its nouns goes before them, and before what is worked out of them. */
function qualitiesForward(parts: readonly Part[]): Part[] {
  const ordered: Part[] = [];
  for (const part of parts) {
    if (part.kind !== 'postposed') {
      ordered.push(part);
      continue;
    }
    let at = ordered.length;
    while (at > 0 && QUALIFIED.has(ordered[at - 1]?.kind ?? 'mark')) at -= 1;
    if (at > 0 && WORKED_OUT.has(ordered[at - 1]?.english ?? '')) at -= 1;
    // "first 10 customers", but "10 cheapest products".
    if (BY_POSITION.has(part.english) && ordered[at - 1]?.kind === 'number') at -= 1;
    ordered.splice(at, 0, part.english === 'which' ? { ...part, kind: 'plain' } : part);
  }
  return ordered.map((part) => (part.kind === 'postposed' ? { ...part, kind: 'plain' } : part));
}

/** "name customer": the second noun says whose. */
function nounsTied(parts: readonly Part[]): Part[] {
  return parts.flatMap((part, index) => {
    const before = parts[index - 1];
    const isTied = before?.kind === 'noun' && (part.kind === 'noun' || part.kind === 'plural');
    return isTied ? [{ ...part, kind: 'of' as const, english: 'of', end: part.start }, part] : [part];
  });
}

/** What depends on the word before. */
function decided(part: Part, index: number, parts: readonly Part[]): Part {
  const before = parts[index - 1];
  const isBehindNoun = before !== undefined && (NAMES.has(before.kind) || before.kind === 'value');
  if (part.kind === 'genitive') return { ...part, english: isBehindNoun && before.kind !== 'of' ? 'of the' : 'the' };
  // A bare year says when; in English it would be a number.
  const isBare = before === undefined || isBehindNoun || VERBAL.has(before.kind) || before.kind === 'silent';
  if (part.kind === 'number' && YEAR.test(part.english) && isBare) return { ...part, english: `in ${part.english}` };
  if (part.kind === 'plural') return { ...part, english: 'the' };
  if (part.kind === 'noun' && /(?:^| )each$/.test(before?.english ?? ''))
    return { ...part, english: part.single ?? part.english };
  const isCounted = before?.kind === 'plural' || (before?.kind === 'number' && before.english !== '1');
  if (part.kind === 'noun' && isCounted) return { ...part, english: plural(part.english) };
  return part;
}

function written(source: string, parts: readonly Part[]): Rendering {
  let text = '';
  const spans: { start: number; end: number; part: Part }[] = [];
  for (const part of parts) {
    if (part.english === '') continue;
    if (text !== '' && !part.isJoined && !(part.kind === 'mark' && /[.,;:?!%)]/.test(part.english))) text += ' ';
    spans.push({ start: text.length, end: text.length + part.english.length, part });
    text += part.english;
  }
  return {
    text,
    said(start, end) {
      const touched = spans.filter((span) => span.start < end && span.end > start && span.part.end > span.part.start);
      if (touched.length === 0) return text.slice(start, end);
      const inOrder = touched.map(({ part }) => part).toSorted((a, b) => a.start - b.start);
      const isWhole = inOrder.every((part, index) => {
        const next = inOrder[index + 1];
        return next === undefined || source.slice(part.end, next.start).trim() === '';
      });
      return isWhole
        ? source.slice(inOrder[0]?.start, inOrder.at(-1)?.end)
        : inOrder.map((part) => source.slice(part.start, part.end)).join(' ');
    },
  };
}
