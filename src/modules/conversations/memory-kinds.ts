/** What a conversation can keep in mind, and what each of it does. Nothing is kept that does nothing. */
import type { Synonym } from '../../engine/dialogue/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { ConversationMemory, MemoryType } from './entities/conversation-memory.entity.js';

export const CONTEXT_KEY = 'context';
export const MAX_ROWS_KEY = 'max_rows';
const SYNONYM_PREFIX = 'synonym:';
const LONGEST_TERM = 60;
const MOST_ROWS = 100_000_000;

/** What can be kept, by its type and key. */
export interface Memorable {
  type: MemoryType;
  key: string;
  value: Record<string, unknown>;
}

type Stored = Pick<ConversationMemory, 'memoryType' | 'key' | 'value'>;

/** Terms are the same whatever their case. */
export function synonymKey(term: string): string {
  return `${SYNONYM_PREFIX}${term.trim().toLowerCase()}`;
}

export function synonymMemory({ term, means }: Synonym): Memorable {
  return { type: 'long_term', key: synonymKey(term), value: { means: means.trim() } };
}

export function maxRowsMemory(rows: number): Memorable {
  return { type: 'user_pref', key: MAX_ROWS_KEY, value: { rows } };
}

export function synonymsIn(memories: readonly Stored[]): Synonym[] {
  return memories.flatMap(({ memoryType, key, value }) =>
    memoryType === 'long_term' && typeof value['means'] === 'string'
      ? [{ term: key.slice(SYNONYM_PREFIX.length), means: value['means'] }]
      : [],
  );
}

export function maxRowsIn(memories: readonly Stored[]): number | null {
  const rows = memories.find(({ memoryType, key }) => memoryType === 'user_pref' && key === MAX_ROWS_KEY)?.value[
    'rows'
  ];
  return typeof rows === 'number' ? rows : null;
}

/** The query that the next question goes on from. */
export function contextIn(memories: readonly Stored[]): number | null {
  const id = memories.find(({ memoryType, key }) => memoryType === 'short_term' && key === CONTEXT_KEY)?.value[
    'query_id'
  ];
  return typeof id === 'number' ? id : null;
}

/** What a memory does, in a plain sentence. */
export function effectOf({ memoryType, key, value }: Stored): string {
  if (memoryType === 'short_term') return `The next question may go on from query ${String(value['query_id'])}.`;
  if (memoryType === 'user_pref')
    return `At most ${String(value['rows'])} rows are kept for the questions of this conversation.`;
  const term = key.slice(SYNONYM_PREFIX.length);
  return `“${term}” is read as “${String(value['means'])}” in the questions of this conversation.`;
}

/**
 * What was given, checked and made plain.
 *
 * @throws DomainError `validation_failed`
 */
export function checkedMemory({ type, key, value }: Memorable): Memorable {
  if (type === 'short_term' && key === CONTEXT_KEY)
    return { type, key, value: { query_id: wholeNumber(value, 'query_id', 2_147_483_647) } };
  if (type === 'user_pref' && key === MAX_ROWS_KEY)
    return { type, key, value: { rows: wholeNumber(value, 'rows', MOST_ROWS) } };
  if (type === 'long_term' && key.startsWith(SYNONYM_PREFIX)) {
    const [term, means] = [key.slice(SYNONYM_PREFIX.length), value['means']];
    if (!isTerm(term)) throw notValid('key', `must be synonym: and a term of up to ${LONGEST_TERM} characters`);
    if (!isTerm(means)) throw notValid('value.means', `must be a text of up to ${LONGEST_TERM} characters`);
    return { type, key: synonymKey(term), value: { means: means.trim() } };
  }
  throw notValid('key', 'must be context (short_term), synonym: and a term (long_term), or max_rows (user_pref)');
}

function wholeNumber(value: Record<string, unknown>, field: string, most: number): number {
  const number = value[field];
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number;
  throw notValid(`value.${field}`, `must be a whole number from 1 to ${most}`);
}

function isTerm(text: unknown): text is string {
  return typeof text === 'string' && /[\p{L}\p{N}]/u.test(text) && text.trim().length <= LONGEST_TERM;
}

function notValid(field: string, message: string): DomainError {
  return new DomainError('validation_failed', 'This cannot be kept in mind. See the errors for what can.', {
    errors: [{ field, message }],
  });
}
