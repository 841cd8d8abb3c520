import { JobKind } from '../../../platform/jobs/index.js';

export interface AttemptPayload extends Record<string, unknown> {
  deliveryId: number;
  /** From 1, over all the time that the delivery is there. */
  attempt: number;
  /** Failed attempts since it was begun, or repeated. */
  failures: number;
}

/** One attempt at a delivery. The next one is a job of its own, so that its time is known. */
export const ATTEMPT_DELIVERY = new JobKind<AttemptPayload>('webhooks.attempt', {
  timeLimitSeconds: 300,
  tries: 4,
  retryDelaySeconds: 5,
  concurrency: 4,
});

export function keyOf({ deliveryId, attempt }: AttemptPayload): string {
  return `${deliveryId}.${attempt}`;
}
