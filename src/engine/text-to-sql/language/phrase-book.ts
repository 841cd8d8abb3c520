/** The phrases of one language, to be found in a sentence. */
import type { Language, Phrase } from '../lexicon/language.js';
import { readQuoted } from './tokens.js';

export interface SourceToken {
  kind: 'word' | 'number' | 'date' | 'quoted' | 'mark';
  /** As written. */
  text: string;
  /** What is read for it when no phrase says otherwise. */
  plain: string;
  /** The key of a word; else the text. */
  key: string;
  start: number;
  end: number;
}

export interface PhraseMatch {
  phrase: Phrase;
  /** What is read for it, its placeholders filled in. */
  english: string;
  /** Number of tokens. */
  length: number;
  /** The dictionary form by which a phrase of one word was found. */
  form: string;
}

const TOKEN =
  /\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{1,3}(?:\.\d{3})+(?:,\d+)?(?![\d.])|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:[.,]\d+)?|[\p{L}\p{M}\p{N}]+(?:['’]\p{L}+)?|[<>!=]=|<>|[^\s]/gu;
const DAY_FIRST = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/;
const MONTHS = 'January February March April May June July August September October November December'.split(' ');
/** What a phrase that is a date or a period in another language says in English. */
const DATED = new RegExp(`^(?:in |\\d+ )?(?:Q[1-4]|${MONTHS.join('|')}|20\\d\\d|19\\d\\d)(?: \\d{4})?$`);
/** Most words of the nouns that `{x}` stands for. */
const MOST_BETWEEN = 4;
const SHORTEST_PART = 3;

export class PhraseBook {
  private readonly byFirst = new Map<string, Phrase[]>();
  private readonly keys = new Map<string, string>();
  private readonly elements = new Set<string>();
  /** What was found in the tokens of a sentence, by their place; phrases within phrases look there again and again. */
  private readonly found = new WeakMap<readonly SourceToken[], Map<number, PhraseMatch | null>>();

  constructor(readonly language: Language) {
    for (const phrase of language.phrases) {
      const [first = ''] = phrase.source;
      const key = first.startsWith('{') ? first : this.keyOf(first);
      for (const element of phrase.source) if (!element.startsWith('{')) this.elements.add(this.keyOf(element));
      const known = this.byFirst.get(key);
      if (known) known.push(phrase);
      else this.byFirst.set(key, [phrase]);
    }
    for (const phrases of this.byFirst.values()) phrases.sort((a, b) => b.source.length - a.source.length);
  }

  /** True where the word, or a form of it, is part of some phrase. */
  knows({ kind, key }: SourceToken): boolean {
    return kind === 'word' && this.language.forms(key).some((form) => this.elements.has(form));
  }

  tokens(text: string): SourceToken[] {
    const tokens: SourceToken[] = [];
    for (let position = 0; position < text.length;) {
      const quoted = readQuoted(text, position);
      if (quoted) {
        const raw = text.slice(position, quoted.end);
        tokens.push({ kind: 'quoted', text: raw, plain: raw, key: raw, start: position, end: quoted.end });
        position = quoted.end;
        continue;
      }
      TOKEN.lastIndex = position;
      const match = TOKEN.exec(text);
      if (!match) break;
      // A quoted string begins before the next token does only where a space stands in between.
      const start = match.index;
      if (start > position && readQuoted(text, start)) {
        position = start;
        continue;
      }
      tokens.push(this.token(match[0], start));
      position = start + match[0].length;
    }
    // A hyphen inside a compound only separates its words.
    return tokens.filter(({ text: raw, start, end }) => !/^[-‐–_]$/.test(raw) || isApart(tokens, start, end));
  }

  /** The longest phrase that begins at this token; only those that begin with a word where `isWorded`. */
  match(tokens: readonly SourceToken[], at: number, isWorded = false): PhraseMatch | null {
    const known = this.found.get(tokens) ?? new Map<number, PhraseMatch | null>();
    this.found.set(tokens, known);
    const place = 2 * at + Number(isWorded);
    const found = known.get(place);
    if (found !== undefined) return found;
    const match = this.longest(tokens, at, isWorded);
    known.set(place, match);
    return match;
  }

  private longest(tokens: readonly SourceToken[], at: number, isWorded: boolean): PhraseMatch | null {
    const first = tokens[at];
    if (!first) return null;
    let best: PhraseMatch | null = null;
    const starts = first.kind === 'word' ? this.language.forms(first.key) : [];
    for (const start of isWorded ? starts : [...starts, '{n}', '{d}', '{w}']) {
      for (const phrase of this.byFirst.get(start) ?? []) {
        if (best && phrase.source.length <= best.phrase.source.length) break;
        const found = this.fill(phrase, tokens, at);
        if (found && found.length > (best?.length ?? 0)) best = { phrase, form: start, ...found };
      }
    }
    return best;
  }

  /** "Bestelldatum" as "order date"; null where a part is neither a noun nor, by `nameOf`, a word of a name. */
  compound(key: string, nameOf: (keys: readonly string[]) => string | null): string | null {
    const links = this.language.compoundLinks;
    if (links === null) return null;
    for (let cut = SHORTEST_PART; cut <= key.length - SHORTEST_PART; cut += 1) {
      const last = this.part(key.slice(cut), nameOf);
      if (last === null) continue;
      for (const link of links) {
        const before = key.slice(0, cut);
        if (!before.endsWith(link)) continue;
        const stem = before.slice(0, before.length - link.length);
        const first =
          this.language.compoundParts.get(stem) ??
          this.part(stem, nameOf) ??
          (stem.length > 2 * SHORTEST_PART ? this.compound(stem, nameOf) : null);
        if (first !== null) return last.endsWith(' of') ? `${last} ${plural(first)}` : `${first} ${last}`;
      }
    }
    return null;
  }

  private part(key: string, nameOf: (keys: readonly string[]) => string | null): string | null {
    if (key.length < SHORTEST_PART) return null;
    const token: SourceToken = { kind: 'word', text: key, plain: key, key, start: 0, end: key.length };
    const match = this.match([token], 0);
    if (match?.english.endsWith(' of')) return match.english;
    if (match?.phrase.kind === 'noun')
      return this.language.isPlural(key, match.form) ? plural(match.english) : match.english;
    return nameOf(this.language.forms(key));
  }

  /** What a run of tokens says when it is a number or a date; null for anything else. */
  private valueOf(
    tokens: readonly SourceToken[],
    at: number,
    wanted: 'n' | 'd',
  ): { english: string; length: number } | null {
    const token = tokens[at];
    if (!token) return null;
    if (token.kind === 'number' && (wanted === 'n' || /^(?:1[5-9]|20|21)\d\d$/.test(token.plain)))
      return { english: token.plain, length: 1 };
    if (wanted === 'd' && token.kind === 'date') return { english: token.plain, length: 1 };
    const isDated = wanted === 'd' && (token.kind === 'number' || token.kind === 'word');
    if (token.kind !== 'word' && !isDated) return null;
    const match = this.match(tokens, at, token.kind === 'word');
    if (!match || match.phrase.kind !== 'plain') return null;
    if (wanted === 'n') return /^\d+$/.test(match.english) ? { english: match.english, length: match.length } : null;
    if (!DATED.test(match.english)) return null;
    let { length } = match;
    let english = match.english.replace(/^in /, '');
    const year = tokens[at + length];
    if (/^[A-Z]\p{L}+$/u.test(english) && year && /^(?:19|20)\d\d$/.test(year.plain)) {
      english += ` ${year.plain}`;
      length += 1;
    }
    return { english, length };
  }

  private fill(phrase: Phrase, tokens: readonly SourceToken[], at: number): { english: string; length: number } | null {
    const values: string[] = [];
    const length = this.fit(phrase.source, 0, tokens, at, values);
    if (length === null) return null;
    const english = phrase.english.replace(/\{(\d)(:month)?\}/g, (_, index: string, month?: string) => {
      const value = values[Number(index) - 1] ?? '';
      return month === undefined ? value : (MONTHS[Number(value) - 1] ?? value);
    });
    return { english, length };
  }

  /** Number of tokens that the elements from `index` on take; null where they do not fit. */
  private fit(
    source: readonly string[],
    index: number,
    tokens: readonly SourceToken[],
    at: number,
    values: string[],
  ): number | null {
    const element = source[index];
    if (element === undefined) return 0;
    const token = tokens[at];
    if (!token) return null;
    if (element === '{w}') {
      if (token.kind === 'mark') return null;
      values.push(token.text);
      const rest = this.fit(source, index + 1, tokens, at + 1, values);
      if (rest === null) values.pop();
      return rest === null ? null : rest + 1;
    }
    if (element === '{x}') return this.fitBetween(source, index, tokens, at, values);
    if (element === '{n}' || element === '{d}') {
      const value = this.valueOf(tokens, at, element === '{n}' ? 'n' : 'd');
      if (!value) return null;
      values.push(value.english);
      const rest = this.fit(source, index + 1, tokens, at + value.length, values);
      if (rest === null) values.pop();
      return rest === null ? null : rest + value.length;
    }
    if (!this.isElement(token, element)) return null;
    const rest = this.fit(source, index + 1, tokens, at + 1, values);
    return rest === null ? null : rest + 1;
  }

  private fitBetween(
    source: readonly string[],
    index: number,
    tokens: readonly SourceToken[],
    at: number,
    values: string[],
  ): number | null {
    for (let length = 1; length <= MOST_BETWEEN && tokens[at + length - 1]?.kind === 'word'; length += 1) {
      const nouns = this.nouns(tokens.slice(at, at + length));
      if (nouns === null) continue;
      values.push(nouns);
      const rest = this.fit(source, index + 1, tokens, at + length, values);
      if (rest !== null) return rest + length;
      values.pop();
    }
    return null;
  }

  /** Nouns one behind the other, and nothing else. */
  private nouns(tokens: readonly SourceToken[]): string | null {
    const nouns: string[] = [];
    for (let at = 0; at < tokens.length;) {
      const match = this.match(tokens, at);
      if (match?.phrase.kind !== 'noun') return null;
      nouns.push(match.english);
      at += match.length;
    }
    return plural((this.language.isHeadFirst ? nouns.toReversed() : nouns).join(' '));
  }

  private isElement(token: SourceToken, element: string): boolean {
    if (token.kind === 'mark') return token.text === element;
    return (
      token.kind === 'word' &&
      this.language.isSpelledAs(token.text, element) &&
      this.language.forms(token.key).includes(this.keyOf(element))
    );
  }

  private keyOf(word: string): string {
    const known = this.keys.get(word);
    if (known !== undefined) return known;
    const key = this.language.key(word);
    this.keys.set(word, key);
    return key;
  }

  private token(raw: string, start: number): SourceToken {
    const end = start + raw.length;
    const day = DAY_FIRST.exec(raw);
    if (day) {
      const iso = `${day[3] ?? ''}-${(day[2] ?? '').padStart(2, '0')}-${(day[1] ?? '').padStart(2, '0')}`;
      return { kind: 'date', text: raw, plain: iso, key: raw, start, end };
    }
    if (/^\d{4}-/.test(raw)) return { kind: 'date', text: raw, plain: raw, key: raw, start, end };
    if (/^\d+(?:[.,]\d+)*$/.test(raw))
      return { kind: 'number', text: raw, plain: this.number(raw), key: raw, start, end };
    if (/[\p{L}\p{N}]/u.test(raw))
      return { kind: 'word', text: raw, plain: raw, key: this.language.key(raw), start, end };
    return { kind: 'mark', text: raw, plain: raw, key: raw, start, end };
  }

  /** "1.234,56" as "1234.56"; where only one mark stands, three digits behind it are thousands if it may be such a mark. */
  private number(raw: string): string {
    const { decimalMark } = this.language;
    const last = Math.max(raw.lastIndexOf('.'), raw.lastIndexOf(','));
    if (last === -1) return raw;
    const mark = raw[last] ?? '';
    const isMixed = raw.includes('.') && raw.includes(',');
    const isDecimal = isMixed || (raw.indexOf(mark) === last && (mark === decimalMark || raw.length - last !== 4));
    const whole = raw.slice(0, isDecimal ? last : raw.length).replace(/[.,]/g, '');
    return isDecimal ? `${whole}.${raw.slice(last + 1)}` : whole;
  }
}

function isApart(tokens: readonly SourceToken[], start: number, end: number): boolean {
  return !tokens.some((token) => token.end === start) || !tokens.some((token) => token.start === end);
}

/** The plural of an English noun. */
export function plural(english: string): string {
  if (/(?:s|x|z|ch|sh)$/.test(english)) return /(?:ss|us|x|z|ch|sh)$/.test(english) ? `${english}es` : english;
  if (english.endsWith('person')) return english.replace(/person$/, 'people');
  return /[^aeiou]y$/.test(english) ? `${english.slice(0, -1)}ies` : `${english}s`;
}
