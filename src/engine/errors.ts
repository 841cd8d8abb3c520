/**
 * The one kind of error that the engine throws on purpose. `code` is stable and machine-readable; `message` is a plain
 * sentence that says what to do and never holds data of the user's rows.
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: { cause?: unknown; details?: Record<string, unknown> },
  ) {
    super(message, options);
    this.details = options?.details ?? {};
  }

  readonly details: Record<string, unknown>;
}

export type EngineErrorCode =
  // guard
  | 'sql_invalid'
  | 'sql_not_read_only'
  | 'sql_multiple_statements'
  | 'sql_function_not_allowed'
  | 'sql_table_not_allowed'
  | 'sql_construct_not_allowed'
  | 'sql_too_large'
  // execution
  | 'query_failed'
  | 'query_timeout'
  | 'query_cancelled'
  | 'query_interrupted'
  | 'query_out_of_memory'
  | 'query_result_too_large'
  | 'query_fetch_too_large'
  // remote sources
  | 'source_unreachable'
  | 'source_refused'
  | 'source_address_not_allowed'
  | 'source_option_not_allowed'
  | 'source_tls_failed'
  | 'source_timeout'
  | 'source_lost'
  | 'source_data_invalid'
  // files
  | 'file_empty'
  | 'file_malformed'
  | 'file_format_mismatch'
  | 'file_format_not_supported'
  | 'file_unpacks_too_large'
  // charts
  | 'chart_not_possible'
  // publishing
  | 'export_not_possible'
  | 'export_too_large';
