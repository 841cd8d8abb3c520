/** How far an agent, or several together, have come. One that `needs_answer` waits for somebody. */
export const RUN_STATUSES = ['pending', 'running', 'needs_answer', 'succeeded', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** What will go on without anybody. */
export const UNDER_WAY = ['pending', 'running'] as const satisfies readonly RunStatus[];

/** Whether nothing will happen any more, unless somebody answers. */
export function isAtRest(status: RunStatus): boolean {
  return status !== 'pending' && status !== 'running';
}
