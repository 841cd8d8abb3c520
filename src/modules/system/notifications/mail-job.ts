import { JobKind } from '../../../platform/jobs/index.js';

/** Sending a notification by mail. */
export const MAIL_NOTIFICATION = new JobKind<{ notificationId: number }>('notifications.mail', {
  timeLimitSeconds: 120,
  tries: 6,
  retryDelaySeconds: 2,
});

export function keyOf(notificationId: number): string {
  return String(notificationId);
}
