import { JobKind } from '../../platform/jobs/index.js';

export interface ExportPayload extends Record<string, unknown> {
  exportId: number;
}

/** Making the file of an export. */
export const MAKE_EXPORT = new JobKind<ExportPayload>('exports.make', {
  timeLimitSeconds: 3600,
  tries: 3,
  retryDelaySeconds: 2,
});

/** Removing files whose time is over, and those that nobody owns any more. */
export const SWEEP_EXPORTS = new JobKind<Record<string, never>>('exports.sweep', {
  timeLimitSeconds: 600,
  tries: 1,
  concurrency: 1,
});

/** The folder of an export's file. */
export function folderOf(exportId: number): string {
  return `exports/${exportId}`;
}
