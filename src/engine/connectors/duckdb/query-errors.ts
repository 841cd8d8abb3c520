/** Turns what DuckDB throws into an error a user can act on, without paths and without values of rows. */
import { EngineError } from '../../errors.js';

const ADVICE: Record<string, string> = {
  'Conversion Error':
    'A value cannot be converted to the type that the query asks for. TRY_CAST gives NULL for such values.',
  'Out of Range Error': 'A number grew beyond the range of its type. Cast to DOUBLE or DECIMAL before computing.',
  'Mismatch Type Error': 'Two values of different types are combined. Cast one of them.',
  'Constraint Error': 'The query breaks a constraint, for example a map with the same key twice.',
  'Permission Error': 'The query reads something outside this data source. Only its tables can be read.',
  'IO Error': 'A file of this data source cannot be read. Upload it again.',
};

/** Kinds whose message speaks only of the statement's own names, and so helps without giving data away. */
const ABOUT_THE_STATEMENT = new Set(['Binder Error', 'Catalog Error', 'Parser Error', 'Syntax Error']);

/**
 * @param error what a statement threw
 * @returns `query_out_of_memory` or `query_failed`; an EngineError comes back as it is
 */
export function queryError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const text = messageOf(error);
  const kind = /^([A-Z][A-Za-z ]*? (?:Error|error|Exception))\b/.exec(text)?.[1] ?? 'Error';
  if (kind === 'Out of Memory Error' || text.includes('max_temp_directory_size')) {
    return new EngineError(
      'query_out_of_memory',
      'The query needs more memory than it may have. Filter rows earlier, select fewer columns, or aggregate first.',
    );
  }
  const message = ABOUT_THE_STATEMENT.has(kind) ? aboutStatement(text, kind) : (ADVICE[kind] ?? plainMessage(text));
  return new EngineError('query_failed', message, { details: { kind } });
}

/** What DuckDB says. Its errors are made by native code, perhaps in another realm, so their class tells nothing. */
export function messageOf(error: unknown): string {
  const isError = typeof error === 'object' && error !== null && 'message' in error;
  return isError && typeof error.message === 'string' ? error.message : String(error);
}

/** First paragraphs of DuckDB's message: the excerpt of the statement that follows shows the wrapped text, not the user's. */
function aboutStatement(text: string, kind: string): string {
  const message = text
    .slice(kind.length + 1)
    .split(/\n\s*LINE \d+:/)[0]
    ?.replace(/\s+/g, ' ')
    .trim();
  return `The query does not fit the data: ${withoutPaths(message ?? '')}`;
}

/** Everything quoted and every number may come from a row. */
function plainMessage(text: string): string {
  const known = [/more than one row returned by a subquery/i, /division by zero/i].find((pattern) =>
    pattern.test(text),
  );
  if (!known) return 'The query failed while it ran. Simplify it, or check the functions and their arguments.';
  const reason = known.exec(text)?.[0].toLowerCase() ?? '';
  return `The query failed while it ran: ${reason}.`;
}

function withoutPaths(message: string): string {
  return message.replace(/(['"])(?:\/|[A-Za-z]:\\)[^'"]*\1/g, '$1…$1');
}
