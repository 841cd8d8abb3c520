import type { FastifyReply } from 'fastify';

export interface ReadingLimits {
  /** How long the client may take nothing of what is there for it. */
  idleMs: number;
  /** How long it may take for all of it. */
  longestMs: number;
}

/**
 * Closes the connection on a client that stops reading its answer, or never comes to its end: what the answer is made of is
 * let go then, as when the client had closed it.
 */
export function closeOnUnread({ raw }: FastifyReply, { idleMs, longestMs }: ReadingLimits): void {
  const close = (): void => void raw.destroy();
  // Node counts every byte that leaves as a sign of life, also those of a piece that is still being sent.
  raw.setTimeout(idleMs, close);
  const end = setTimeout(close, longestMs);
  raw.once('close', () => clearTimeout(end));
}
