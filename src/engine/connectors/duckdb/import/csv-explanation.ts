import { EngineError } from '../../../errors.js';
import { messageOf } from '../query-errors.js';
import { type CsvDefect, findDefect } from './csv-defects.js';
import type { DetectedDialect } from './csv-dialect.js';
import { MAX_LINE_BYTES } from './csv-table.js';
import type { ReaderRequest } from './import-request.js';
import { NeedsConversion } from './text-encoding.js';

/** What is wrong with a file that DuckDB's reader has refused. */
export async function explainRefusal(
  error: unknown,
  file: string,
  dialect: DetectedDialect,
  { fileName, signal, file: original }: ReaderRequest,
): Promise<Error> {
  const message = messageOf(error);
  if (message.startsWith('Out of Memory Error')) {
    return new EngineError('file_malformed', `“${fileName}” needs more memory to read than there is. Split it.`, {
      cause: error,
    });
  }
  const { columns, skippedLines } = dialect;
  const { defect, lineEnds } = await findDefect(file, {
    dialect,
    columns,
    skippedLines,
    maxLineBytes: MAX_LINE_BYTES,
    signal,
  });
  if (message.includes('not utf-8 encoded') && file === original) return new NeedsConversion('windows-1252', true);
  if (defect) return malformed(fileName, defect, error);
  if (lineEnds.length > 1 && file === original) return new NeedsConversion('utf-8', true);
  return new EngineError(
    'file_malformed',
    `“${fileName}” cannot be read as a table. Check delimiter and quotes, or give them in the options.`,
    { cause: error },
  );
}

function malformed(fileName: string, defect: CsvDefect, cause: unknown): EngineError {
  const { kind: problem, ...details } = defect;
  const sentence = `line ${defect.line} ${clauseOf(defect)}. ${adviceOn(defect)}`;
  return new EngineError('file_malformed', `“${fileName}”, ${sentence}`, {
    cause,
    details: { problem, ...details },
  });
}

/** What is wrong with a line, as a clause that goes behind its number. */
export function clauseOf(defect: CsvDefect): string {
  switch (defect.kind) {
    case 'columns':
      return `has ${plural(defect.found, 'column')} where ${defect.expected} are expected`;
    case 'unterminated_quote':
      return 'opens a quote that is never closed';
    case 'text_after_quote':
      return 'has text after a closing quote';
    case 'line_too_long':
      return `is longer than ${Math.round(defect.limit / 1024)} kB`;
  }
}

function adviceOn(defect: CsvDefect): string {
  switch (defect.kind) {
    case 'columns':
      return 'Correct the line, or quote fields that hold the delimiter.';
    case 'unterminated_quote':
      return 'Close it, or double it if it is part of the text.';
    case 'text_after_quote':
      return 'Double the quotes that are part of a quoted text.';
    case 'line_too_long':
      return 'Check its line ends and quotes.';
  }
}

/** `1 line`, `2 lines`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
