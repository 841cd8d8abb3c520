import { embedMany } from 'ai';
import type { LlmConfig } from '../config/index.js';
import type { ModelCalls } from './model-calls.js';
import { openEndpoint } from './model-endpoint.js';
import { ModelError } from './model-error.js';

/** The model that makes vectors, when one is configured: inject `EmbeddingModel | null`, and have another way where it is null. */
export class EmbeddingModel {
  /** As it is configured: vectors of different models are never compared. */
  readonly name: string;
  private readonly model;

  constructor(
    private readonly config: LlmConfig & { embeddingModel: string },
    private readonly calls: ModelCalls,
  ) {
    this.name = config.embeddingModel;
    this.model = openEndpoint(config).embeddingModel(config.embeddingModel);
  }

  /**
   * Vectors of length 1, one for each text, in order, all of the same number of dimensions.
   *
   * @throws ModelError
   */
  async embed(texts: readonly string[], signal: AbortSignal): Promise<number[][]> {
    const { embeddingBatch } = this.config;
    const vectors: number[][] = [];
    for (let from = 0; from < texts.length; from += embeddingBatch) {
      vectors.push(...(await this.embedBatch(texts.slice(from, from + embeddingBatch), signal)));
    }
    const dimensions = vectors[0]?.length ?? 0;
    const isWhole = vectors.every((vector) => vector.length === dimensions && vector.every(Number.isFinite));
    if (vectors.length === texts.length && isWhole && (dimensions > 0 || texts.length === 0))
      return vectors.map(normalised);
    throw new ModelError('invalid_answer', 'The model answered with vectors that do not fit the texts.');
  }

  private async embedBatch(values: string[], signal: AbortSignal): Promise<number[][]> {
    const call = {
      model: this.name,
      purpose: 'embedding',
      sent: values.join('\n'),
      mostOutputTokens: 0,
      prices: { input: this.config.prices.embedding, output: 0 },
      signal,
    };
    const { value } = await this.calls.make(call, async (abortSignal) => {
      const { embeddings, usage } = await embedMany({ model: this.model, values, maxRetries: 0, abortSignal });
      const inputTokens = Number.isFinite(usage.tokens) ? usage.tokens : undefined;
      return { value: embeddings, usage: { inputTokens, outputTokens: 0 }, outputText: '' };
    });
    return value;
  }
}

function normalised(vector: number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
