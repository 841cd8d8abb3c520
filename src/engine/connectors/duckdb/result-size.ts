import { EngineError } from '../../errors.js';

/** What a run ends with whose result has grown beyond its limit. */
export function resultTooLarge(maxResultBytes: number): EngineError {
  const megabytes = Math.round(maxResultBytes / 1_000_000);
  return new EngineError(
    'query_result_too_large',
    `The result is larger than ${megabytes} MB. Select fewer columns, filter, or aggregate.`,
    { details: { max_bytes: maxResultBytes } },
  );
}
