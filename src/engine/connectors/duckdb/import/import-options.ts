import type { ColumnType } from '../../../catalog/catalog.js';
import { EngineError } from '../../../errors.js';
import type { ImportOptions } from './import-request.js';
import { TEXT_ENCODINGS } from './text-encoding.js';

/** What a caller may ask for, and as what DuckDB keeps it. */
const REQUESTED_TYPES: Partial<Record<ColumnType, string>> = {
  boolean: 'BOOLEAN',
  integer: 'BIGINT',
  decimal: 'DECIMAL(38,10)',
  float: 'DOUBLE',
  text: 'VARCHAR',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  timestamptz: 'TIMESTAMP WITH TIME ZONE',
  uuid: 'UUID',
};

/** DuckDB's spelling of a type that `checkImportOptions` has accepted. */
export function requestedType(type: ColumnType): string {
  return REQUESTED_TYPES[type] ?? 'VARCHAR';
}

/**
 * Makes sure that options mean something.
 *
 * @throws EngineError `file_malformed` that names the option and what it may be
 */
export function checkImportOptions(options: ImportOptions): void {
  const { delimiter, quote, types, table } = options;
  if (delimiter !== undefined && !isMark(delimiter)) {
    throw refused('delimiter', 'one character such as , ; | or a tab');
  }
  if (quote !== undefined && quote !== '' && !isMark(quote)) {
    throw refused('quote', 'one character such as " or \', or empty for none');
  }
  if (delimiter !== undefined && delimiter === quote) throw refused('quote', 'another character than the delimiter');
  if (table !== undefined && !/[\p{L}\p{N}]/u.test(table)) throw refused('table', 'a name with letters');
  const { encoding } = options;
  if (encoding !== undefined && !TEXT_ENCODINGS.includes(encoding)) {
    throw refused('encoding', `one of ${TEXT_ENCODINGS.join(', ')}`);
  }
  for (const [column, type] of Object.entries(types ?? {})) {
    if (!REQUESTED_TYPES[type]) {
      throw refused(`types.${column}`, `one of ${Object.keys(REQUESTED_TYPES).join(', ')}`);
    }
  }
}

function isMark(text: string): boolean {
  return /^[\t\x1c-\x1f\x20-\x7e]$/.test(text) && !/[A-Za-z0-9\\]/.test(text);
}

function refused(option: string, allowed: string): EngineError {
  return new EngineError('file_malformed', `The option “${option}” must be ${allowed}.`, { details: { option } });
}
