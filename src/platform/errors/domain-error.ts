import type { EngineErrorCode } from '../../engine/errors.js';

/** A field of the request that was refused, by its path in the body or query (`file`, `tables[0].name`). */
export interface FieldError {
  field: string;
  message: string;
}

/** Stable, machine-readable codes of everything that can be refused. They are part of the API. */
export type ErrorCode =
  | 'malformed_request'
  | 'validation_failed'
  | 'unauthenticated'
  | 'invalid_credentials'
  | 'invalid_refresh_token'
  | 'invalid_reset_token'
  | 'invalid_sign_in'
  | 'sign_in_refused'
  | 'provider_unavailable'
  | 'link_password_needed'
  | 'forbidden'
  | 'not_found'
  | 'route_not_found'
  | 'conflict'
  | 'username_taken'
  | 'email_taken'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'upload_incomplete'
  | 'clarification_not_open'
  | 'conversation_busy'
  | 'method_not_allowed'
  | 'result_not_ready'
  | 'result_outdated'
  | 'query_over_budget'
  | 'idempotency_in_progress'
  | 'idempotency_key_reused'
  | 'credential_unreadable'
  | 'chart_not_possible'
  | 'export_not_ready'
  | 'export_expired'
  | 'rate_limited'
  | 'budget_exceeded'
  | 'webhook_address_not_allowed'
  | 'overloaded'
  | 'source_unavailable'
  | 'not_ready'
  | 'internal_error'
  | EngineErrorCode;

/**
 * An error that a use case throws on purpose. Plain: it knows nothing of HTTP. `detail` is a sentence for the person who
 * called and must not hold anybody's data; the cause is kept for the log.
 */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly errors: FieldError[];
  readonly retryAfterSeconds: number | undefined;
  /** Further members of the problem (RFC 9457, 3.2), under their names on the wire. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    options: {
      errors?: FieldError[];
      retryAfterSeconds?: number;
      members?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: options.cause });
    this.errors = options.errors ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.members = options.members ?? {};
  }
}

/** The row does not exist, or is not the caller's: the two are not told apart. */
export function notFound(what: string): DomainError {
  return new DomainError('not_found', `There is no such ${what}, or you may not see it.`);
}
