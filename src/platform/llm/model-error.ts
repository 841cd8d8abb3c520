import type { ModelUse } from './model-ledger.js';

/**
 * Why there is no answer of a model: it is not there or broke, did not answer in time, had too many calls, refused the call,
 * answered with something else than was asked for, may not be used any more, or is not waited for any more.
 */
export type ModelErrorCode =
  'unavailable' | 'timeout' | 'rate_limited' | 'refused' | 'invalid_answer' | 'over_budget' | 'cancelled';

/**
 * A model did not help. Whoever asked it goes on in their deterministic way and says so with `message`, a plain sentence that
 * holds nothing of what was sent, of the answer, or of the key.
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  /** What it has cost all the same; null when nothing was answered. */
  readonly use: ModelUse | null;

  constructor(
    readonly code: ModelErrorCode,
    message: string,
    { use = null, cause }: { use?: ModelUse | null; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.use = use;
  }
}
