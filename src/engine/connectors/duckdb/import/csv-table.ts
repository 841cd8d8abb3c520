/** One delimited text as DuckDB's reader is told to take it. */
import { literal } from '../sql-text.js';
import type { DetectedDialect } from './csv-dialect.js';
import type { CsvColumn } from './csv-types.js';

/** Longest line, in bytes. */
export const MAX_LINE_BYTES = 2 * 1024 * 1024;
/** What the reader takes at once; DuckDB's own choice, 16 lines, doubles the memory and gains no time. */
const BUFFER_BYTES = 4 * MAX_LINE_BYTES;

export interface CsvTable {
  file: string;
  dialect: DetectedDialect;
  header: boolean;
  columns: CsvColumn[];
}

/** The rows in SQL, every column in the type that `types` gives it, or as text. */
export function csvRows({ file, dialect, header, columns }: CsvTable, types: ReadonlyMap<string, string>): string {
  const fields = columns.map(({ name }) => `${literal(name)}: ${literal(types.get(name) ?? 'VARCHAR')}`);
  const options = [
    literal(file),
    ...dialectOptions(dialect),
    'auto_detect = false',
    `header = ${header}`,
    `columns = {${fields.join(', ')}}`,
  ];
  return `read_csv(${options.join(', ')})`;
}

/** Nothing about the dialect is left to the reader's own guess. */
export function dialectOptions({ delimiter, quote, escape, skippedLines }: DetectedDialect): string[] {
  return [
    `delim = ${literal(delimiter)}`,
    `quote = ${literal(quote)}`,
    `escape = ${literal(escape)}`,
    `comment = ''`,
    `skip = ${skippedLines}`,
    `max_line_size = ${MAX_LINE_BYTES}`,
    `buffer_size = ${BUFFER_BYTES}`,
    'hive_partitioning = false',
  ];
}
