/** Finds the tables and columns that words of a question may name. */
import { editDistance, typingErrorLimit } from '../language/edit-distance.js';
import { fold, type Token } from '../language/tokens.js';
import type { Lexicon } from '../lexicon/lexicon.js';
import {
  type ColumnEntry,
  holdsShares,
  holdsYears,
  isTemporal,
  isText,
  type NamedEntry,
  type TableEntry,
} from '../evidence/schema-index.js';
import type { Evidence } from '../evidence/evidence.js';
import { splitName } from '../evidence/names.js';

export interface NameReading {
  entry: NamedEntry;
  /** 0 to 1. */
  score: number;
  /** True when the phrase names the column's table as well: "customer name". */
  qualified: boolean;
  /** True for "texts of paragraphs" as one name. */
  isLinked?: boolean;
  /** True for "country name" of a column `country`: the last word is not in the name. */
  isLoose?: boolean;
}

/** How well a word of the question matches a word of a name. */
type WordMatches = ReadonlyMap<string, number>;

const STEM_MATCH = 0.92;
const SYNONYM_MATCH = 0.84;
const TYPO_MATCH = 0.8;
const IMPLIED_MATCH = 0.82;
const LEAST_SCORE = 0.5;
const MOST_READINGS = 24;

export class NameLinker {
  private tokens: readonly Token[] = [];
  private matches: WordMatches[] = [];
  private readonly cache = new Map<number, NameReading[]>();

  constructor(private readonly evidence: Evidence) {}

  begin(tokens: readonly Token[]): void {
    this.tokens = tokens;
    this.cache.clear();
    this.matches = tokens.map((token) =>
      token.kind === 'word' || token.kind === 'number' ? this.match(token) : new Map(),
    );
  }

  before(token: Token): Token | undefined {
    return this.tokens[this.tokens.indexOf(token) - 1];
  }

  position(token: Token): number {
    return this.tokens.indexOf(token);
  }

  /** Readings of a span, best first. */
  read(start: number, length: number): NameReading[] {
    const key = start * 16 + length;
    const known = this.cache.get(key);
    if (known) return known;
    const readings = this.compute(start, length);
    this.cache.set(key, readings);
    return readings;
  }

  /** The tables whose rows a verb says the doing of: lines of orders for "sold". */
  deeds(verb: string): NameReading[] {
    const { lexicon, schema } = this.evidence;
    if (lexicon.isEmptyVerb(verb)) return [];
    return schema.tables
      .filter(({ words }) => lexicon.isImplied(verb, words))
      .map((entry) => ({ entry, score: IMPLIED_MATCH, qualified: false }));
  }

  private compute(start: number, length: number): NameReading[] {
    const spanned: WordMatches[] = [];
    let isLinked = false;
    const links: string[] = [];
    for (let index = start; index < start + length; index += 1) {
      const matches = this.matches[index];
      const norm = this.tokens[index]?.norm ?? '';
      if (!matches) return [];
      if (matches.size === 0) {
        const isInside = index > start && index < start + length - 1;
        if (isInside && this.evidence.lexicon.linkingWords.has(norm)) {
          isLinked = true;
          links.push(norm);
          continue;
        }
        return [];
      }
      spanned.push(matches);
    }
    const entries = new Set<NamedEntry>();
    for (const matches of spanned) {
      for (const word of matches.keys())
        for (const entry of this.evidence.schema.byWord.get(word) ?? []) entries.add(entry);
    }
    const readings: NameReading[] = [];
    for (const entry of entries) {
      const reading = this.isWritten(start, length, entry)
        ? { entry, score: 1, qualified: false }
        : this.readAs(spanned, entry);
      // "makers of cars" are car makers, but "items per order" are no order items, and "the name of the car" is a name.
      if (isLinked && entry.kind === 'table' && !this.isBareOf(links)) continue;
      // "size of the warehouse" is two phrases; only a name's own words may be linked.
      if (reading && reading.score >= LEAST_SCORE && !(isLinked && reading.qualified))
        readings.push(isLinked ? { ...reading, isLinked } : reading);
    }
    if (length > 1 && !isLinked) readings.push(...this.headTables(spanned));
    const isSpelled = readings.some(({ entry, score }) => score > 0.98 && entry.words.length === spanned.length);
    return readings
      .filter(({ isLoose }) => !isLoose || !isSpelled)
      .toSorted((a, b) => b.score - a.score)
      .slice(0, MOST_READINGS);
  }

  private isBareOf(links: readonly string[]): boolean {
    return links.every((word) => this.evidence.lexicon.cues.get(word)?.kind === 'of');
  }

  /** "car models" may be the rows of a table of models, where "car" is a word of another table. */
  private headTables(spanned: readonly WordMatches[]): NameReading[] {
    const head = spanned.at(-1);
    if (!head) return [];
    const { byWord } = this.evidence.schema;
    const isTableWord = (matches: WordMatches): boolean =>
      [...matches.keys()].some((word) => byWord.get(word)?.some((entry) => entry.kind === 'table'));
    if (!spanned.slice(0, -1).every(isTableWord)) return [];
    const readings: NameReading[] = [];
    for (const word of head.keys()) {
      for (const entry of byWord.get(word) ?? []) {
        if (entry.kind !== 'table') continue;
        const reading = tableReading([head], entry, entry.words, this.evidence.lexicon);
        if (reading && reading.score > 0.85) readings.push({ ...reading, score: reading.score - 0.06 });
      }
    }
    return readings;
  }

  /** "mpg" of a column `MPG`, whatever the letters stand for. */
  private isWritten(start: number, length: number, entry: NamedEntry): boolean {
    const [only] = this.tokens.slice(start, start + length);
    const name = entry.kind === 'table' ? entry.table.name : entry.column.name;
    return length === 1 && only !== undefined && only.norm.length > 1 && fold(name) === only.norm;
  }

  private readAs(spanned: readonly WordMatches[], entry: NamedEntry): NameReading | null {
    let best: NameReading | null = null;
    for (const words of [entry.words, ...entry.otherNames]) {
      const reading =
        entry.kind === 'table'
          ? tableReading(spanned, entry, words, this.evidence.lexicon)
          : columnReading(spanned, entry, words, this.evidence.lexicon);
      if (reading && reading.score > (best?.score ?? 0)) best = reading;
    }
    return best;
  }

  private match(token: Token): WordMatches {
    const { lexicon, schema } = this.evidence;
    const matches = new Map<string, number>();
    const note = (word: string, weight: number): void => {
      if (schema.byWord.has(word) && (matches.get(word) ?? 0) < weight) matches.set(word, weight);
    };
    const kind = lexicon.cues.get(token.norm)?.kind;
    if (kind === 'be' || kind === 'and' || kind === 'or' || kind === 'of') return matches;
    const isPronoun = kind === 'pronoun';
    const lemma = lexicon.lemma(token.norm);
    if (lexicon.shareWords.has(token.norm)) matches.set(token.norm, 1);
    if (lexicon.codeWords.has(lemma)) matches.set(lemma, 1);
    note(lemma, 1);
    note(token.norm, 0.99);
    for (const word of (lexicon.abbreviations.get(token.norm) ?? '').split(' ')) note(word, 0.95);
    if (token.kind === 'number' || token.norm.length < 2 || isPronoun) return matches;
    for (const word of schema.wordsByStem.get(lexicon.stem(token.norm)) ?? []) note(word, STEM_MATCH);
    for (const synonym of lexicon.synonyms.get(lemma) ?? []) note(synonym, SYNONYM_MATCH);
    if (matches.size === 0 && !lexicon.cues.has(token.norm)) this.matchMistyped(lemma, note);
    return matches;
  }

  private matchMistyped(lemma: string, note: (word: string, weight: number) => void): void {
    const limit = typingErrorLimit(lemma.length);
    if (limit === 0) return;
    for (const word of this.evidence.schema.byWord.keys()) {
      if (word[0] !== lemma[0] || Math.abs(word.length - lemma.length) > limit) continue;
      if (editDistance(word, lemma, limit) <= limit) note(word, TYPO_MATCH);
    }
  }
}

/** Matches each word of the phrase to a word of its own; null when a word finds none. */
function assign(
  spanned: readonly WordMatches[],
  words: readonly string[],
): { used: Map<number, number>; left: number[] } {
  const used = new Map<number, number>();
  const left: number[] = [];
  for (const [position, matches] of spanned.entries()) {
    let best = -1;
    let bestWeight = 0;
    for (const [index, word] of words.entries()) {
      const weight = matches.get(word) ?? 0;
      if (weight > bestWeight && !used.has(index)) {
        best = index;
        bestWeight = weight;
      }
    }
    if (best === -1) left.push(position);
    else used.set(best, bestWeight);
  }
  return { used, left };
}

function average(weights: Iterable<number>): number {
  let sum = 0;
  let count = 0;
  for (const weight of weights) {
    sum += weight;
    count += 1;
  }
  return count === 0 ? 0 : sum / count;
}

function tableReading(
  spanned: readonly WordMatches[],
  entry: TableEntry,
  words: readonly string[],
  lexicon: Lexicon,
): NameReading | null {
  const { used, left } = assign(spanned, words);
  if (left.length > 0 || used.size === 0) return null;
  let penalty = entry.isShortened ? 0.04 : 0;
  for (const [index, word] of words.entries()) {
    if (used.has(index)) continue;
    const isHead = index === words.length - 1 && !lexicon.isParticiple(word, word);
    penalty += isHead ? (lexicon.lightWords.has(word) ? 0.1 : 0.3) : 0.12;
  }
  return { entry, score: average(used.values()) - penalty, qualified: false };
}

function columnReading(
  spanned: readonly WordMatches[],
  entry: ColumnEntry,
  words: readonly string[],
  lexicon: Lexicon,
): NameReading | null {
  const { used, left } = assign(spanned, words);
  if (used.size === 0) return null;
  const weights = [...used.values()];
  if (left.length > 0) {
    // "reports written by" is a thing and a condition on it, no name.
    if (words.includes('by')) return null;
    const last = spanned.length - 1;
    // "country name" of a column `country`; but "sales songs" are two phrases, where the thing comes last.
    if (
      left.length === 1 &&
      left[0] === last &&
      ([...lexicon.displayWords].some((word) => spanned[last]?.has(word)) ||
        [...lexicon.codeWords].some((word) => spanned[last]?.get(word) === 1)) &&
      words.every((word, index) => used.has(index) || lexicon.lightWords.has(word)) &&
      isText(entry)
    )
      return { entry, score: average(weights) - 0.03, qualified: false, isLoose: true };
    // "discount rate" of a column of discounts between 0 and 1.
    const isShareSaid = left.length === 1 && left[0] === last && holdsShares(entry);
    if (isShareSaid && [...lexicon.shareWords].some((word) => spanned[last]?.get(word) === 1))
      return { entry, score: average(weights) - 0.03, qualified: false, isLoose: true };
    if (left.includes(last)) return null;
    // "books published", "books in stock" say what books are like.
    const isSaid = isTemporal(entry) || holdsYears(entry) || entry.column.type === 'boolean';
    const [opening = ''] = splitName(entry.column.name);
    if (isSaid && (lexicon.isParticiple(opening, opening) || lexicon.cues.get(opening)?.kind === 'in')) return null;
    const rest = left.flatMap((position) => spanned[position] ?? []);
    const ofTable = assign(rest, entry.table.words);
    if (ofTable.left.length > 0) return null;
    weights.push(...ofTable.used.values());
  }
  let covered = 0;
  let penalty = 0;
  let counted = 0;
  for (const [index, word] of words.entries()) {
    const isFree = entry.table.words.includes(word) && !used.has(index) && words.length > 1;
    if (isFree) {
      penalty += 0.01;
      continue;
    }
    counted += 1;
    if (used.has(index)) covered += 1;
    else if (index === words.length - 1)
      penalty += lexicon.displayWords.has(word) ? 0.03 : lexicon.lightWords.has(word) ? 0.1 : 0.12;
  }
  const coverage = counted === 0 ? 1 : covered / counted;
  const usesOnlyTableWords = [...used.keys()].every((index) => entry.table.words.includes(words[index] ?? ''));
  // "customer" alone does not name the column `customer_name` of the table `customer`.
  if (usesOnlyTableWords && covered < counted) penalty += 0.15;
  const score = average(weights) * (0.6 + 0.4 * coverage) - penalty;
  return { entry, score, qualified: left.length > 0 };
}
