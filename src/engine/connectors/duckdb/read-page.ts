import type { EngineBounds } from './engine-bounds.js';
import type { Page, StoredRows } from './stored-result.js';
import { perform } from './tasks/perform.js';

export interface PageRequest extends StoredRows {
  bounds: EngineBounds;
  signal: AbortSignal;
}

/**
 * Rows of a stored result, in their stored order, as JSON values.
 *
 * @throws EngineError `query_cancelled`, `query_failed` when the file cannot be read
 */
export function readPage({ bounds, signal, ...rows }: PageRequest): Promise<Page> {
  return perform('page', bounds, rows, { signal });
}
