import { JobKind } from '../../../platform/jobs/index.js';

export interface EvaluatePayload extends Record<string, unknown> {
  alertId: number;
  /** The run to look at; null to run the query of the alert again. */
  queryId: number | null;
}

/** Looking at what an alert watches. */
export const EVALUATE_ALERT = new JobKind<EvaluatePayload>('alerts.evaluate', {
  timeLimitSeconds: 3 * 3600,
  tries: 3,
  retryDelaySeconds: 5,
});

export function scheduleKey(alertId: number): string {
  return `alert-${alertId}`;
}
