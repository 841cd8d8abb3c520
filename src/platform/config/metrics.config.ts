import type { EnvironmentReader } from './environment.js';

/** Fewer characters could be guessed. */
const FEWEST_CHARACTERS = 16;

export class MetricsConfig {
  /** What a scraper proves itself with; undefined means that nobody gets metrics. */
  readonly token: string | undefined;

  constructor(env: EnvironmentReader) {
    this.token = env.optional('METRICS_TOKEN');
    if (this.token !== undefined && this.token.length < FEWEST_CHARACTERS) {
      env.refuse(
        `METRICS_TOKEN must have at least ${FEWEST_CHARACTERS} characters (openssl rand -base64 32 makes some).`,
      );
    }
  }
}
