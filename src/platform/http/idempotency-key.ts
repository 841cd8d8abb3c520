import type { FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';

/** Visible ASCII, as header values may be sent. */
const FORM = /^[\x21-\x7e]{1,255}$/;

/** How the header is told in the OpenAPI document, for every POST that needs a caller. */
export const IDEMPOTENCY_KEY_PARAMETER = {
  name: 'Idempotency-Key',
  in: 'header' as const,
  required: false,
  description:
    'Any text of yours, up to 255 characters, new for every request that is meant: when the request is sent again with the same key ' +
    'within 24 hours, the first answer comes again, with `Idempotency-Replayed: true`, and nothing is done a second time.',
  schema: { type: 'string' as const, maxLength: 255 },
};

/**
 * The key by which a request can be told from its repetition; null when it has none, or is none that does something in
 * somebody's name.
 *
 * @throws DomainError `validation_failed`
 */
export function idempotencyKeyOf({ method, headers, user }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (method !== 'POST' || key === undefined || user === undefined) return null;
  if (typeof key === 'string' && FORM.test(key)) return key;
  throw new DomainError('validation_failed', 'Send an Idempotency-Key of 1 to 255 visible ASCII characters.', {
    errors: [{ field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }],
  });
}
