import { Injectable } from '@nestjs/common';
import { Metrics } from '../observability/metrics.js';
import type { ModelUse } from './model-ledger.js';

/** Counts calls of models: by model and purpose, which the configuration and the program name. */
@Injectable()
export class ModelMetrics {
  private readonly calls;
  private readonly durations;
  private readonly tokens;
  private readonly cost;

  constructor(metrics: Metrics) {
    this.calls = metrics.counter('lumiere_model_calls_total', 'Calls of models, by how they ended.', [
      'model',
      'purpose',
      'outcome',
    ]);
    this.durations = metrics.durations('lumiere_model_call_duration_seconds', 'How long calls of models took.', [
      'model',
    ]);
    this.tokens = metrics.counter('lumiere_model_tokens_total', 'Tokens sent to models and written by them.', [
      'model',
      'direction',
    ]);
    this.cost = metrics.counter(
      'lumiere_model_cost_total',
      'What calls of models have cost, at the configured prices.',
      ['model'],
    );
  }

  /** @param outcome `answered`, or the code of the error */
  count({ model, purpose }: { model: string; purpose: string }, outcome: string, ms: number): void {
    this.calls.inc({ model, purpose, outcome });
    this.durations.observe({ model }, ms / 1000);
  }

  used({ model, inputTokens, outputTokens, cost }: ModelUse): void {
    this.tokens.inc({ model, direction: 'input' }, inputTokens);
    this.tokens.inc({ model, direction: 'output' }, outputTokens);
    this.cost.inc({ model }, cost);
  }
}
