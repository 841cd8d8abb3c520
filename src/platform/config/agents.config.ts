import type { EnvironmentReader } from './environment.js';

/** Limits of what agents do for somebody. */
export class AgentsConfig {
  /** Longest work of one run, in milliseconds; the time in which it waits for an answer does not count. */
  readonly timeoutMs: number;
  /** Tokens of a language model that one run may take. */
  readonly maxTokens: number;
  /** Runs of one person that wait or go on. */
  readonly mostUnfinished: number = 10;

  constructor(env: EnvironmentReader) {
    this.timeoutMs = env.integer('AGENT_RUN_TIMEOUT_SECONDS', 300, { min: 1, max: 3600 }) * 1000;
    this.maxTokens = env.integer('AGENT_RUN_MAX_TOKENS', 50_000, { min: 0, max: 100_000_000 });
  }
}
