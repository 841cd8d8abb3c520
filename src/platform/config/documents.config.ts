import type { EnvironmentReader } from './environment.js';

export class DocumentsConfig {
  /** How long reading one document may take; less than its job may. */
  readonly readingMs: number;

  constructor(env: EnvironmentReader) {
    this.readingMs = env.integer('DOCUMENT_READING_SECONDS', 60, { min: 1, max: 500 }) * 1000;
  }
}
