import type { FastifyReply } from 'fastify';
import { idempotencyKeyOf } from './idempotency-key.js';

/**
 * A signal that aborts when the client closes the connection before it was answered; never, when the client can come back
 * for the answer with the key of its request.
 */
export function abortOnDisconnect(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  if (idempotencyKeyOf(reply.request) !== null) return controller.signal;
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
