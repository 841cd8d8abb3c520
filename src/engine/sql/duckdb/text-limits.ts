/** Bounds that hold before anything is parsed, and what can be said of a text without parsing it. */
import { EngineError } from '../../errors.js';

export interface TextLimits {
  /** Largest statement, in UTF-8 bytes. */
  maxBytes: number;
  /** Deepest nesting of (), [] and {}. */
  maxNesting: number;
}

export const DEFAULT_TEXT_LIMITS: TextLimits = { maxBytes: 100_000, maxNesting: 200 };

// What is never closed runs to the end, so that the scan stays linear.
const QUOTED = String.raw`'[^']*(?:'|$)|"[^"]*(?:"|$)`;
const COMMENT = String.raw`--[^\n]*|\/\*[^]*?(?:\*\/|$)`;
const DOLLAR_QUOTED = String.raw`\$([a-z_]*)\$[^]*?(?:\$\1\$|$)`;

const QUOTED_OR_COMMENT = `${QUOTED}|${COMMENT}|${DOLLAR_QUOTED}`;
const TOKEN_OF_NESTING = new RegExp(`${QUOTED_OR_COMMENT}|[()[\\]{}]`, 'gi');

/** One word, quoted text, comment or sign of a statement. */
export const TOKEN = new RegExp(`${QUOTED_OR_COMMENT}|[\\p{L}\\p{N}_]+|[^\\s]`, 'giu');

// DuckDB's scanner reads such a run again from every comment that is opened in it, which takes minutes for 100 KB.
const OPERATOR_RUN = /[-+*/<>=~!@#%^&|`?$]{40,}/g;
const MAX_COMMENTS_IN_RUN = 20;

const LEADING_BLANKS = new RegExp(`^(?:\\s|;|${COMMENT})*`);

/**
 * Refuses a text that is empty or too much to parse. The scan knows quotes and comments but not every way to write them;
 * where it counts wrongly, the parser's own limits still hold.
 *
 * @throws EngineError `sql_too_large` or `sql_invalid`
 */
export function checkTextLimits(sql: string, limits: TextLimits): void {
  if (Buffer.byteLength(sql) > limits.maxBytes) {
    throw new EngineError('sql_too_large', `The statement is longer than ${limits.maxBytes} bytes. Shorten it.`);
  }
  if (sql.includes('\0')) {
    throw new EngineError('sql_invalid', 'The statement holds a NUL character. Remove it.');
  }
  for (const [run] of sql.matchAll(OPERATOR_RUN)) {
    if (run.split('/*').length > MAX_COMMENTS_IN_RUN) {
      throw new EngineError('sql_too_large', 'The statement has comments nested too deeply. Remove them.');
    }
  }
  let depth = 0;
  for (const [token] of sql.matchAll(TOKEN_OF_NESTING)) {
    if ('([{'.includes(token)) depth += 1;
    else if (')]}'.includes(token)) depth -= 1;
    if (depth > limits.maxNesting) {
      throw new EngineError('sql_too_large', 'The statement is nested too deeply. Use CTEs instead.');
    }
  }
}

/** The word a statement starts with, in capitals: `INSERT`, `COPY`. Empty when it does not start with a word. */
export function leadingKeyword(sql: string): string {
  const rest = sql.replace(LEADING_BLANKS, '');
  return (/^[a-z]+/i.exec(rest)?.[0] ?? '').toUpperCase();
}

/** The text after a plain `EXPLAIN`; null when it is something else, also `EXPLAIN ANALYZE` and `EXPLAIN (…)`. */
export function explainedText(sql: string): string | null {
  const rest = sql.replace(LEADING_BLANKS, '');
  return /^explain\s+(?!analy[sz]e\b|\()/i.test(rest) ? rest.replace(/^explain\s+/i, '') : null;
}
