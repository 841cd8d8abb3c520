/** What goes wrong between here and a source, whatever it speaks, as errors that a user can act on. */
import { EngineError } from '../../errors.js';

const UNREACHABLE = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EADDRNOTAVAIL', 'EACCES']);

/**
 * @param error what the network threw
 * @param server what should answer there, with its article: `a PostgreSQL server`
 * @param connecting true until the source has answered
 * @returns `source_tls_failed`, `source_unreachable` or `source_lost`; an EngineError comes back as it is
 */
export function networkError(error: unknown, server: string, connecting: boolean): EngineError {
  if (error instanceof EngineError) return error;
  const code = property(error, 'code') ?? '';
  if (isTls(code, property(error, 'message') ?? '')) return tlsFailed(error);
  if (UNREACHABLE.has(code) || connecting) {
    return new EngineError(
      'source_unreachable',
      `The source cannot be reached. Check host and port, and whether ${server} answers there.`,
      { cause: error },
    );
  }
  return new EngineError('source_lost', 'The connection to the source was lost. Try again.', { cause: error });
}

/** No encryption, or none that can be trusted. */
export function tlsFailed(cause: unknown): EngineError {
  return new EngineError(
    'source_tls_failed',
    'No trusted, encrypted connection to the source is possible. Check its certificate and the SSL mode.',
    { cause },
  );
}

/** Something else answers than what should. */
export function notItsProtocol(cause?: unknown): EngineError {
  return new EngineError('source_lost', 'The source sent something that is not its protocol.', { cause });
}

/** A field of an error that may come from another realm, so that its class tells nothing. */
export function property(error: unknown, name: 'code' | 'message'): string | undefined {
  const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

function isTls(code: string, message: string): boolean {
  return (
    /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_OSSL)/.test(code) ||
    /SSL connection|does not support SSL|before secure TLS connection/i.test(message)
  );
}
