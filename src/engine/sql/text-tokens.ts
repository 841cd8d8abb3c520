/**
 * Takes the text of a statement apart into words and signs, for what has to be known of it without a parser. It knows
 * quotes and comments, but not every way to write them, so nothing that it says is relied on for safety.
 */

// What is never closed runs to the end, so that the scan stays linear.
const QUOTED = String.raw`'[^']*(?:'|$)|"[^"]*(?:"|$)`;
const COMMENT = String.raw`--[^\n]*|\/\*[^]*?(?:\*\/|$)`;
const DOLLAR_QUOTED = String.raw`\$([a-z_]*)\$[^]*?(?:\$\1\$|$)`;

const TOKEN = new RegExp(`${QUOTED}|${COMMENT}|${DOLLAR_QUOTED}|[\\p{L}\\p{N}_]+|[^\\s]`, 'giu');
const LEADING_BLANKS = new RegExp(`^(?:\\s|;|${COMMENT})*`);

export interface Token {
  /** In capitals. */
  text: string;
  /** Position behind it. */
  end: number;
  /** How many brackets are open around it; a bracket counts as inside itself. */
  depth: number;
}

/** The words and signs of a text, without its comments. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (const match of sql.matchAll(TOKEN)) {
    const text = match[0];
    if (text.startsWith('--') || text.startsWith('/*')) continue;
    if ('([{'.includes(text)) depth += 1;
    tokens.push({ text: text.toUpperCase(), end: match.index + text.length, depth });
    if (')]}'.includes(text)) depth -= 1;
  }
  return tokens;
}

const CHANGES_AFTER_WITH = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/**
 * The kind of a statement that is not a SELECT, by the word it starts with, in capitals: `INSERT`, `COPY`. After WITH it
 * is the word that says what is changed. It is meant for messages.
 */
export function statementKeyword(sql: string): string {
  let keyword = '';
  for (const { text, depth } of tokensOf(sql)) {
    if (text === ';') continue;
    if (keyword === '') keyword = text;
    if (keyword !== 'WITH') break;
    if (depth === 0 && CHANGES_AFTER_WITH.has(text)) return text;
  }
  return /^[A-Z]+$/.test(keyword) ? keyword : 'Such';
}

/** The text after a plain `EXPLAIN`; null when it is something else, also `EXPLAIN ANALYZE` and `EXPLAIN (…)`. */
export function explainedText(sql: string): string | null {
  const rest = sql.replace(LEADING_BLANKS, '');
  return /^explain\s+(?!analy[sz]e\b|\()/i.test(rest) ? rest.replace(/^explain\s+/i, '') : null;
}
