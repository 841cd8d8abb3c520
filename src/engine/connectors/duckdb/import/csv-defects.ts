import { createReadStream } from 'node:fs';
import { type CsvDialect, type CsvRecord, CsvRecordScanner, isBlank, type LineEnd } from './csv-records.js';

export type CsvDefect =
  | { kind: 'columns'; line: number; expected: number; found: number }
  | { kind: 'unterminated_quote'; line: number }
  | { kind: 'text_after_quote'; line: number }
  | { kind: 'line_too_long'; line: number; bytes: number; limit: number };

export interface DefectSearch {
  dialect: CsvDialect;
  columns: number;
  skippedLines: number;
  maxLineBytes: number;
  signal: AbortSignal;
}

export interface DefectReport {
  /** The first defect; null when every record is as expected. */
  defect: CsvDefect | null;
  lineEnds: LineEnd[];
}

/**
 * Reads a delimited text from its beginning to the first record that is not as the others. Only called when reading has
 * failed: it tells the line, as an editor counts them, also after quoted fields with line ends in them.
 */
export async function findDefect(file: string, search: DefectSearch): Promise<DefectReport> {
  let defect: CsvDefect | null = null;
  const scanner = new CsvRecordScanner(search.dialect, (record) => {
    if (record.line > search.skippedLines) defect ??= defectOf(record, search);
  });
  for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024, signal: search.signal })) {
    scanner.push(bytes as Buffer);
    // A cell of a gigabyte needs not be read to its end.
    defect ??= tooLong(scanner, search);
    if (defect) break;
  }
  if (!defect) scanner.end();
  return { defect, lineEnds: [...scanner.lineEnds] };
}

function tooLong(scanner: CsvRecordScanner, { maxLineBytes, skippedLines }: DefectSearch): CsvDefect | null {
  const { line, bytes, quoted } = scanner.unfinished;
  if (line <= skippedLines || bytes <= maxLineBytes || quoted) return null;
  return { kind: 'line_too_long', line, bytes, limit: maxLineBytes };
}

/** What is not as it should be with a record; null for nothing. */
export function defectOf(
  record: CsvRecord,
  { columns, maxLineBytes }: Pick<DefectSearch, 'columns' | 'maxLineBytes'>,
): CsvDefect | null {
  if (record.problem) return { kind: record.problem, line: record.problemLine };
  if (record.bytes > maxLineBytes) {
    return { kind: 'line_too_long', line: record.line, bytes: record.bytes, limit: maxLineBytes };
  }
  if (isBlank(record) || record.fields === columns) return null;
  if (record.fields === columns + 1 && record.lastFieldEmpty) return null;
  return { kind: 'columns', line: record.line, expected: columns, found: record.fields };
}
