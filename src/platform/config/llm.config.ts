import type { EnvironmentReader } from './environment.js';

/** How an endpoint is asked for JSON: by a schema that it keeps to, as any JSON, or only in words. */
export const JSON_MODES = ['schema', 'object', 'text'] as const;
export type JsonMode = (typeof JSON_MODES)[number];

/** In one unit of money per million tokens. Which money it is, only the installation knows. */
export interface TokenPrices {
  input: number;
  output: number;
  embedding: number;
}

/** A model behind an endpoint that speaks the OpenAI protocol. Without one, everything works in its deterministic way. */
export class LlmConfig {
  readonly baseUrl: string | undefined;
  readonly apiKey: string | undefined;
  /** The model that writes; undefined when there is none. */
  readonly model: string | undefined;
  /** The model that makes vectors; undefined when there is none. */
  readonly embeddingModel: string | undefined;
  readonly jsonMode: JsonMode;
  /** Of one call; a call that is tried again has it again. */
  readonly timeoutMs: number;
  /** How often a call is tried again that was turned away (429) or broke (5xx). */
  readonly retries: number;
  /** Calls at the same time, of this process. */
  readonly concurrency: number;
  readonly maxOutputTokens: number;
  /** Texts that one call makes vectors of. */
  readonly embeddingBatch: number;
  readonly prices: Readonly<TokenPrices>;

  constructor(env: EnvironmentReader) {
    this.baseUrl = env.url('LUMIERE_LLM_BASE_URL', ['http:', 'https:'])?.replace(/\/+$/, '');
    this.apiKey = env.optional('LUMIERE_LLM_API_KEY');
    this.model = env.optional('LUMIERE_LLM_MODEL');
    this.embeddingModel = env.optional('LUMIERE_EMBEDDING_MODEL');
    this.jsonMode = env.oneOf('LUMIERE_LLM_JSON', 'schema', JSON_MODES);
    this.timeoutMs = env.integer('LUMIERE_LLM_TIMEOUT_SECONDS', 60, { min: 1, max: 600 }) * 1000;
    this.retries = env.integer('LUMIERE_LLM_RETRIES', 2, { min: 0, max: 5 });
    this.concurrency = env.integer('LUMIERE_LLM_CONCURRENCY', 4, { min: 1, max: 64 });
    this.maxOutputTokens = env.integer('LUMIERE_LLM_MAX_OUTPUT_TOKENS', 4096, { min: 64, max: 131_072 });
    this.embeddingBatch = env.integer('LUMIERE_EMBEDDING_BATCH', 64, { min: 1, max: 2048 });
    const price = (name: string): number => env.number(name, 0, { min: 0, max: 1_000_000 });
    this.prices = {
      input: price('LUMIERE_LLM_INPUT_PRICE'),
      output: price('LUMIERE_LLM_OUTPUT_PRICE'),
      embedding: price('LUMIERE_EMBEDDING_PRICE'),
    };
    this.refuseHalves(env);
  }

  private refuseHalves(env: EnvironmentReader): void {
    const hasModel = this.model !== undefined || this.embeddingModel !== undefined;
    if (hasModel && this.baseUrl === undefined) {
      env.refuse(
        'LUMIERE_LLM_BASE_URL must be set where a model is: the address of its endpoint, such as https://api.openai.com/v1.',
      );
    }
    if (this.baseUrl !== undefined && !hasModel) {
      env.refuse('LUMIERE_LLM_MODEL or LUMIERE_EMBEDDING_MODEL must be set where LUMIERE_LLM_BASE_URL is.');
    }
    if (
      this.baseUrl !== undefined &&
      (new URL(this.baseUrl).username !== '' || new URL(this.baseUrl).password !== '')
    ) {
      env.refuse('LUMIERE_LLM_BASE_URL must not hold a password. Give the key as LUMIERE_LLM_API_KEY.');
    }
  }
}
