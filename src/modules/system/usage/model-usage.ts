import { ModelLedger, type ModelUse, type PlannedUse } from '../../../platform/llm/index.js';
import { BudgetsService } from './budgets.service.js';
import { UsageService } from './usage.service.js';

/** Nobody's id: for what the server does of its own accord, only the budgets of everybody hold. */
const NOBODY = 0;

/** Keeps account of models: within the budgets before a call, in the usage after it. */
export class ModelUsage extends ModelLedger {
  constructor(
    private readonly budgets: BudgetsService,
    private readonly usage: UsageService,
  ) {
    super();
  }

  override async assertWithinBudget({ userId }: PlannedUse): Promise<void> {
    await this.budgets.assertWithin(userId ?? NOBODY, 'token_usage', 'model_api_calls', 'cost');
  }

  override async record(use: ModelUse): Promise<void> {
    const { userId, model, purpose, calls, inputTokens, outputTokens, cost } = use;
    const details = { model, purpose, input_tokens: inputTokens, output_tokens: outputTokens };
    await this.usage.recordAll([
      { userId, metric: 'token_usage', value: inputTokens + outputTokens, cost, details },
      { userId, metric: 'model_api_calls', value: calls, details: { model, purpose } },
    ]);
  }
}
