/** Bounds that hold before anything is parsed. */
import { EngineError } from '../errors.js';
import { tokensOf } from './text-tokens.js';

export interface TextLimits {
  /** Largest statement, in UTF-8 bytes. */
  maxBytes: number;
  /** Deepest nesting of (), [] and {}. */
  maxNesting: number;
}

export const DEFAULT_TEXT_LIMITS: TextLimits = { maxBytes: 100_000, maxNesting: 200 };

// DuckDB's scanner reads such a run again from every comment that is opened in it, which takes minutes for 100 KB.
const OPERATOR_RUN = /[-+*/<>=~!@#%^&|`?$]{40,}/g;
const MAX_COMMENTS_IN_RUN = 20;

/**
 * Refuses a text that is too much to parse. Where brackets are counted wrongly, the parser's own limits still hold.
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
  if (tokensOf(sql).some(({ depth }) => depth > limits.maxNesting)) {
    throw new EngineError('sql_too_large', 'The statement is nested too deeply. Use CTEs instead.');
  }
}
