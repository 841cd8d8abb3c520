import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../../errors.js';
import { defectOf } from './csv-defects.js';
import type { DetectedDialect } from './csv-dialect.js';
import { clauseOf } from './csv-explanation.js';
import { type CsvRecord, CsvRecordScanner } from './csv-records.js';
import { MAX_LINE_BYTES } from './csv-table.js';
import { MOST_REJECTS_TOLD, type Rejects } from './import-request.js';

/** Beyond so many, more bad lines than good ones mean that the file is read the wrong way. */
const BAD_LINES_IN_ANY_FILE = 10_000;
/** Every record with misplaced quotes makes the reading start again behind its first line; not for ever. */
const MOST_FRESH_STARTS = 1_000;
const PIECE_BYTES = 256 * 1024;

export interface GoodRecordsRequest {
  from: string;
  /** Does not exist yet. */
  to: string;
  fileName: string;
  dialect: DetectedDialect;
  signal: AbortSignal;
}

interface Range {
  start: number;
  end: number;
}

/**
 * Copies a delimited text without the records that are not as the others. Of quotes that are not closed where they should
 * be, only the line is left out on which the record began: what follows is read anew.
 *
 * @returns what was left out
 * @throws EngineError `file_malformed` when that is most of the file
 */
export async function copyGoodRecords(request: GoodRecordsRequest): Promise<Rejects> {
  const { from, to, signal } = request;
  const rejects: Rejects = { count: 0, lines: [] };
  const bad: Range[] = [];
  let next: Place | null = { offset: 0, line: 1 };
  while (next !== null) next = await findBad(request, next, rejects, bad);
  await pipeline(
    createReadStream(from, { highWaterMark: PIECE_BYTES }),
    async function* (source: AsyncIterable<Buffer>) {
      let offset = 0;
      let index = 0;
      for await (const bytes of source) {
        let at = 0;
        while (at < bytes.length) {
          const range = bad[index];
          const upTo = range === undefined ? bytes.length : Math.min(bytes.length, range.start - offset);
          if (upTo > at) yield bytes.subarray(at, upTo);
          if (range === undefined || range.start - offset >= bytes.length) break;
          at = Math.min(bytes.length, range.end - offset);
          if (range.end - offset > bytes.length) break;
          index += 1;
        }
        offset += bytes.length;
      }
    },
    createWriteStream(to, { flags: 'wx', mode: 0o600 }),
    { signal },
  );
  return rejects;
}

interface Place {
  offset: number;
  line: number;
}

/** @returns where to go on looking: behind the first line of a record with misplaced quotes; null at the end of the text */
async function findBad(
  { from, fileName, dialect, signal }: GoodRecordsRequest,
  { offset, line: firstLine }: Place,
  rejects: Rejects,
  bad: Range[],
): Promise<Place | null> {
  const found: { good: number; misquoted: CsvRecord | null } = { good: 0, misquoted: null };
  const scanner = new CsvRecordScanner(dialect, (record) => {
    const line = record.line + firstLine - 1;
    if (line <= dialect.skippedLines || found.misquoted !== null) return;
    const defect = defectOf(record, { columns: dialect.columns, maxLineBytes: MAX_LINE_BYTES });
    if (defect === null) {
      found.good += 1;
      return;
    }
    rejects.count += 1;
    if (rejects.lines.length < MOST_REJECTS_TOLD) rejects.lines.push({ line, reason: clauseOf(defect) });
    if (record.problem !== null && record.lines > 1 && rejects.count < MOST_FRESH_STARTS) found.misquoted = record;
    else bad.push({ start: record.start + offset, end: record.end + offset });
    if (rejects.count > BAD_LINES_IN_ANY_FILE && rejects.count > found.good) throw mostlyBad(fileName, rejects);
  });
  for await (const bytes of createReadStream(from, { start: offset, highWaterMark: PIECE_BYTES, signal })) {
    scanner.push(bytes as Buffer);
    if (found.misquoted !== null) break;
  }
  scanner.end();
  if (found.misquoted === null) return null;
  const { start, line } = found.misquoted;
  const end = await endOfLine(from, start + offset, signal);
  bad.push({ start: start + offset, end });
  return { offset: end, line: line + firstLine };
}

/** Where the line that begins at an offset ends, with its line end. */
async function endOfLine(file: string, start: number, signal: AbortSignal): Promise<number> {
  let offset = start;
  for await (const bytes of createReadStream(file, { start, highWaterMark: PIECE_BYTES, signal })) {
    const at = (bytes as Buffer).findIndex((byte) => byte === 10 || byte === 13);
    if (at >= 0) return offset + at + 1;
    offset += (bytes as Buffer).length;
  }
  return offset;
}

function mostlyBad(fileName: string, { lines }: Rejects): EngineError {
  return new EngineError(
    'file_malformed',
    `Most lines of “${fileName}” are not like each other. Check delimiter and quotes, or give them in the options.`,
    { details: { problem: 'mostly_bad', line: lines[0]?.line } },
  );
}
