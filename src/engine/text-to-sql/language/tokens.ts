/** Cuts a question into tokens that remember where they stood. */

type TokenKind = 'word' | 'number' | 'quoted' | 'mark';

export interface Token {
  kind: TokenKind;
  /** As written, without the quotes of a quoted string. */
  text: string;
  /** Lower case without accents. */
  norm: string;
  /** The numeric value of a `number`. */
  value: number | null;
  /** True when the word starts with a capital and does not begin the sentence. */
  capital: boolean;
  /** Position in the question, in UTF-16 units. */
  start: number;
  end: number;
}

/** Signs that compare are read like the words for them. */
const COMPARISON = /^(?:[<>!=]=|<>|[<>=])$/;

const COMBINING_MARKS = /\p{M}+/gu;

/** Letters that are no letter with an accent to Unicode, but to people who type without them. */
const PLAIN_LETTERS: Record<string, string> = { đ: 'd', ð: 'd', ß: 'ss', ø: 'o', ł: 'l', æ: 'ae', œ: 'oe', ı: 'i' };
const MARKED_LETTERS = /[đðßøłæœı]/gu;

/** Folds case and accents, so that "São Paulo" and "sao paulo" meet, and "Đà Nẵng" and "da nang". */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(COMBINING_MARKS, '')
    .toLowerCase()
    .replace(MARKED_LETTERS, (letter) => PLAIN_LETTERS[letter] ?? letter);
}

/** The form under which values are indexed: folded words and digits, single spaces. */
export function normalizeValue(text: string): string {
  return fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const OPENING_QUOTES: Record<string, string> = { '"': '"', '“': '”', '”': '”', '„': '“', '«': '»', '`': '`', '‘': '’' };
const TOKEN =
  /\d{4}-\d{1,2}-\d{1,2}|\d{1,2}\/\d{1,2}\/\d{4}|\d+(?:st|nd|rd|th)\b|\d+(?:\.\d+)?(?:k|m|mn|bn|b|s)\b|\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|[\p{L}\p{N}]+(?:[.](?=\p{L}\.)[\p{L}])*(?:['’](?=\p{L})\p{L}+)?|[<>!=]=|<>|[^\s]/giu;

/**
 * Cuts the text into words, numbers, quoted strings and marks. A straight single quote opens a string only where no
 * letter stands before it, so that "customers'" and "don't" stay words.
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const quoted = readQuoted(text, position);
    if (quoted) {
      tokens.push(quoted);
      position = quoted.end;
      continue;
    }
    TOKEN.lastIndex = position;
    const match = TOKEN.exec(text);
    if (!match) break;
    if (match.index > position && readQuoted(text, match.index)) {
      position = match.index;
      continue;
    }
    pushMatch(tokens, match[0], match.index);
    position = match.index + match[0].length;
  }
  return tokens;
}

/** The quoted string that begins here, or null. */
export function readQuoted(text: string, position: number): Token | null {
  const opening = text[position];
  if (opening === undefined) return null;
  let closing = OPENING_QUOTES[opening];
  if (opening === "'" && !/[\p{L}\p{N}]/u.test(text[position - 1] ?? ' ')) closing = "'";
  if (closing === undefined) return null;
  let end = text.indexOf(closing, position + 1);
  // An apostrophe inside a word does not close a string.
  if (closing === "'")
    while (end !== -1 && /[\p{L}\p{N}]/u.test(text[end + 1] ?? ' ')) end = text.indexOf("'", end + 1);
  if (end === -1 || end - position > 200 || end === position + 1) return null;
  const inner = text.slice(position + 1, end).trim();
  if (inner === '') return null;
  return {
    kind: 'quoted',
    text: inner,
    norm: normalizeValue(inner),
    value: null,
    capital: true,
    start: position,
    end: end + 1,
  };
}

function pushMatch(tokens: Token[], raw: string, start: number): void {
  const end = start + raw.length;
  if (/^\d+(?:,\d{3})*(?:\.\d+)?$/.test(raw)) {
    const value = Number(raw.replaceAll(',', ''));
    tokens.push({ kind: 'number', text: raw, norm: raw.replaceAll(',', ''), value, capital: false, start, end });
    return;
  }
  if (COMPARISON.test(raw)) {
    tokens.push({ kind: 'word', text: raw, norm: raw, value: null, capital: false, start, end });
    return;
  }
  if (/[\p{L}\p{N}]/u.test(raw)) {
    const bare = raw.replace(/['’]s$/iu, '');
    const previous = tokens.at(-1);
    const beginsSentence = previous === undefined || (previous.kind === 'mark' && /[.?!:]/.test(previous.text));
    const capital = !beginsSentence && /^\p{Lu}/u.test(raw);
    tokens.push({ kind: 'word', text: raw, norm: fold(bare).replace(/['’]/gu, ' '), value: null, capital, start, end });
    return;
  }
  // A hyphen or an underscore inside a compound only separates its words.
  if (/^[-'’_]$/.test(raw) && tokens.at(-1)?.end === start) return;
  tokens.push({ kind: 'mark', text: raw, norm: raw, value: null, capital: false, start, end });
}
