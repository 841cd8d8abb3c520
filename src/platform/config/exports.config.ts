import type { EnvironmentReader } from './environment.js';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

/** Files that are made to be taken away, and reports that are sent by the clock. */
export class ExportsConfig {
  /** How long a finished file is kept. */
  readonly keptMs: number;
  readonly maxBytes: number;
  /** Exports of one person that wait or are being made. */
  readonly concurrencyPerUser: number;
  /** Finished files of one person that are kept at the same time. */
  readonly keptPerUser: number;
  /** What is larger is not attached to a mail, but linked to. */
  readonly maxAttachmentBytes: number;

  constructor(env: EnvironmentReader) {
    this.keptMs = env.integer('EXPORT_KEEP_HOURS', 168, { min: 1, max: 8760 }) * HOUR_MS;
    this.maxBytes = env.integer('EXPORT_MAX_MB', 1024, { min: 1, max: 1_048_576 }) * MIB;
    this.concurrencyPerUser = env.integer('EXPORTS_PER_USER', 4, { min: 1, max: 1000 });
    this.keptPerUser = env.integer('EXPORTS_KEPT_PER_USER', 200, { min: 1, max: 1_000_000 });
    this.maxAttachmentBytes = env.integer('REPORT_MAX_ATTACHMENT_KB', 10_240, { min: 0, max: 1_048_576 }) * 1024;
  }
}
