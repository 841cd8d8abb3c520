/** What webhooks can be told about. A module that tells of something new gets its line here. */
export const WEBHOOK_EVENTS = [
  'notification.created',
  'alert.triggered',
  'alert.resolved',
  'alert.failed',
  'budget.warning',
  'report.delivered',
  'report.failed',
  'webhook.test',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** All of them, also those that come later. */
export const ALL_EVENTS = '*';
