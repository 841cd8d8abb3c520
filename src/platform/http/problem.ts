/** RFC 9457 problems: the one shape of every error answer. */
import type { ErrorCode, FieldError } from '../errors/domain-error.js';

interface ProblemKind {
  status: number;
  title: string;
}

/** How each code is told over HTTP. Exhaustive: a new code does not compile without a line here. */
export const PROBLEM_KINDS: Readonly<Record<ErrorCode, ProblemKind>> = {
  malformed_request: { status: 400, title: 'Malformed request' },
  validation_failed: { status: 422, title: 'Some fields are not valid' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  invalid_credentials: { status: 401, title: 'Wrong user name or password' },
  invalid_refresh_token: { status: 401, title: 'Refresh token not valid' },
  invalid_reset_token: { status: 422, title: 'Link not valid' },
  invalid_sign_in: { status: 401, title: 'Sign-in not valid' },
  sign_in_refused: { status: 403, title: 'Sign-in refused' },
  provider_unavailable: { status: 503, title: 'Sign-in provider not available' },
  link_password_needed: { status: 401, title: 'Password needed' },
  forbidden: { status: 403, title: 'Not allowed' },
  not_found: { status: 404, title: 'Not found' },
  route_not_found: { status: 404, title: 'No such route' },
  conflict: { status: 409, title: 'Conflict' },
  username_taken: { status: 409, title: 'User name taken' },
  email_taken: { status: 409, title: 'Email taken' },
  payload_too_large: { status: 413, title: 'Too large' },
  unsupported_media_type: { status: 415, title: 'Format not supported' },
  upload_incomplete: { status: 400, title: 'Upload not complete' },
  clarification_not_open: { status: 409, title: 'No open question' },
  conversation_busy: { status: 409, title: 'Conversation busy' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  result_not_ready: { status: 409, title: 'No result' },
  credential_unreadable: { status: 409, title: 'Credential not readable' },
  query_over_budget: { status: 422, title: 'Query over budget' },
  idempotency_in_progress: { status: 409, title: 'First request still at work' },
  idempotency_key_reused: { status: 422, title: 'Idempotency key used for another request' },
  result_outdated: { status: 409, title: 'Result outdated' },
  export_not_possible: { status: 422, title: 'Export not possible' },
  export_too_large: { status: 422, title: 'Export too large' },
  export_not_ready: { status: 409, title: 'No file' },
  export_expired: { status: 410, title: 'Export expired' },
  chart_not_possible: { status: 422, title: 'Chart not possible' },
  rate_limited: { status: 429, title: 'Too many requests' },
  budget_exceeded: { status: 429, title: 'Budget used up' },
  webhook_address_not_allowed: { status: 422, title: 'Address of the webhook not allowed' },
  overloaded: { status: 503, title: 'Too busy' },
  source_unavailable: { status: 503, title: 'Data source not available' },
  not_ready: { status: 503, title: 'Not ready' },
  internal_error: { status: 500, title: 'Internal error' },
  sql_invalid: { status: 422, title: 'SQL not valid' },
  sql_not_read_only: { status: 422, title: 'SQL does more than read' },
  sql_multiple_statements: { status: 422, title: 'More than one statement' },
  sql_function_not_allowed: { status: 422, title: 'Function not allowed' },
  sql_table_not_allowed: { status: 422, title: 'Table not allowed' },
  sql_construct_not_allowed: { status: 422, title: 'SQL construct not allowed' },
  sql_too_large: { status: 422, title: 'SQL too large' },
  query_failed: { status: 422, title: 'Query failed' },
  query_timeout: { status: 422, title: 'Query took too long' },
  query_cancelled: { status: 409, title: 'Query cancelled' },
  query_interrupted: { status: 503, title: 'Query interrupted' },
  query_out_of_memory: { status: 422, title: 'Query needs too much memory' },
  query_result_too_large: { status: 422, title: 'Result too large' },
  query_fetch_too_large: { status: 422, title: 'Too much to fetch' },
  source_unreachable: { status: 503, title: 'Data source not reachable' },
  source_refused: { status: 422, title: 'Data source refused access' },
  source_address_not_allowed: { status: 422, title: 'Address of the data source not allowed' },
  source_option_not_allowed: { status: 422, title: 'Option of the data source not allowed' },
  source_tls_failed: { status: 422, title: 'No trusted connection to the data source' },
  source_timeout: { status: 503, title: 'Data source does not answer' },
  source_lost: { status: 503, title: 'Connection to the data source lost' },
  source_data_invalid: { status: 422, title: 'Data of the source not readable' },
  file_empty: { status: 422, title: 'File is empty' },
  file_malformed: { status: 422, title: 'File is malformed' },
  file_format_mismatch: { status: 422, title: 'File is not what its name says' },
  file_format_not_supported: { status: 415, title: 'File format not supported' },
  file_unpacks_too_large: { status: 413, title: 'File unpacks to too much' },
};

/** The body of an error answer, `application/problem+json`. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode;
  instance: string;
  request_id: string;
  errors?: FieldError[];
}

export function problemBody(
  code: ErrorCode,
  detail: string,
  request: { url: string; id: string },
  errors: FieldError[] = [],
): ProblemBody {
  const { status, title } = PROBLEM_KINDS[code];
  return {
    type: `urn:lumiere:problem:${code.replaceAll('_', '-')}`,
    title,
    status,
    detail,
    code,
    instance: request.url.split('?')[0] ?? request.url,
    request_id: request.id,
    ...(errors.length > 0 ? { errors } : {}),
  };
}
