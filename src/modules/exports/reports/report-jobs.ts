import { JobKind } from '../../../platform/jobs/index.js';

/** Looking which reports are due. */
export const BEGIN_DUE_REPORTS = new JobKind<Record<string, never>>('reports.due', {
  timeLimitSeconds: 120,
  tries: 1,
  concurrency: 1,
});

export interface DeliverPayload extends Record<string, unknown> {
  deliveryId: number;
}

/** Making a report for one recipient, and sending it to them. */
export const DELIVER_REPORT = new JobKind<DeliverPayload>('reports.deliver', {
  timeLimitSeconds: 3600,
  tries: 4,
  retryDelaySeconds: 15,
});
