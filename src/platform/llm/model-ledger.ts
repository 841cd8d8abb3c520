/** A call of a model that is about to be made. */
export interface PlannedUse {
  /** Whose call it is; null for the server's own. */
  userId: number | null;
  model: string;
  /** What it is for: `sql`, `text`, `embedding` … */
  purpose: string;
  /** Tokens that it will take at the most: those of the request by their length, and those that the answer may have. */
  tokens: number;
  /** What these cost, in the unit of the configured prices. */
  cost: number;
}

/** What one or several calls have taken. */
export interface ModelUse {
  userId: number | null;
  model: string;
  purpose: string;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** In the unit of the configured prices. */
  cost: number;
}

/** Who keeps account of what models are used for and may cost. Provided by the module that keeps usage and budgets. */
export abstract class ModelLedger {
  /**
   * Called before every call.
   *
   * @throws DomainError when a budget does not allow it, with a sentence that says which
   */
  abstract assertWithinBudget(planned: PlannedUse): Promise<void>;

  /** Called after every call that was answered, whatever the answer was good for. */
  abstract record(use: ModelUse): Promise<void>;
}

/** Several uses as one; null when there are none. */
export function sumOfUses(uses: readonly ModelUse[]): ModelUse | null {
  const [first, ...rest] = uses;
  if (first === undefined) return null;
  return rest.reduce(
    (sum, use) => ({
      ...sum,
      calls: sum.calls + use.calls,
      inputTokens: sum.inputTokens + use.inputTokens,
      outputTokens: sum.outputTokens + use.outputTokens,
      cost: sum.cost + use.cost,
    }),
    first,
  );
}
