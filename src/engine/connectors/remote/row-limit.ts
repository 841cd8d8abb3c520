import { EngineError } from '../../errors.js';

/** A row that is larger would have to be held in memory more than once. */
export const MAX_ROW_BYTES = 32_000_000;

/** What a run ends with that gives such a row. */
export function rowTooLarge(): EngineError {
  return new EngineError(
    'query_result_too_large',
    `A row of the result is larger than ${MAX_ROW_BYTES / 1_000_000} MB. Leave out its largest columns, or cut their values.`,
  );
}
