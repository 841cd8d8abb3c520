/**
 * Where the records of a delimited text begin and how many fields they have (RFC 4180). It reads no values: it serves to
 * find the dialect of a sample and to explain, by line, what DuckDB's reader has refused.
 */

export interface CsvDialect {
  /** One ASCII character. */
  delimiter: string;
  /** One ASCII character, or empty when nothing is quoted. */
  quote: string;
  /** What stands before a quote inside a quoted field: the quote itself, or a backslash. */
  escape: string;
}

export interface CsvRecord {
  /** Where it begins and ends, with its line end, in bytes from the first that was pushed. */
  start: number;
  end: number;
  /** The line on which it begins, from 1. */
  line: number;
  /** More than one where a quoted field holds line ends. */
  lines: number;
  fields: number;
  quotedFields: number;
  /** Fields that hold more than blanks. */
  filledFields: number;
  lastFieldEmpty: boolean;
  bytes: number;
  firstByte: number;
  /** `text_after_quote`: a closing quote is followed by more text; `unterminated_quote`: a quote is never closed. */
  problem: 'text_after_quote' | 'unterminated_quote' | null;
  /** The line on which the quote was opened. */
  problemLine: number;
}

export type LineEnd = '\n' | '\r\n' | '\r';

const LF = 10;
const CR = 13;
const SPACE = 32;

const enum State {
  FieldStart,
  Unquoted,
  Quoted,
  AfterQuote,
}

/** Reads bytes in chunks of any size and calls back for each record. */
export class CsvRecordScanner {
  readonly lineEnds = new Set<LineEnd>();
  private readonly delimiter: number;
  private readonly quote: number;
  private readonly escape: number;
  private state = State.FieldStart;
  private position = 0;
  private line = 1;
  private quoteLine = 1;
  private afterReturn = false;
  private escaped = false;
  private fieldFilled = false;
  private record = emptyRecord(1, 0);

  constructor(
    dialect: CsvDialect,
    private readonly onRecord: (record: CsvRecord) => void,
  ) {
    this.delimiter = dialect.delimiter.charCodeAt(0);
    this.quote = dialect.quote === '' ? -1 : dialect.quote.charCodeAt(0);
    this.escape = dialect.escape === '' ? -1 : dialect.escape.charCodeAt(0);
  }

  push(bytes: Uint8Array): void {
    for (const byte of bytes) {
      this.next(byte);
      this.position += 1;
    }
  }

  /** The record that is being read: where it begins, its size so far, and whether a quote is open. */
  get unfinished(): { line: number; bytes: number; quoted: boolean } {
    return { line: this.record.line, bytes: this.record.bytes, quoted: this.state === State.Quoted };
  }

  /** Closes the last record. */
  end(): void {
    if (this.afterReturn) this.endRecord('\r', this.position);
    if (this.state === State.Quoted) this.report('unterminated_quote', this.quoteLine);
    if (this.record.bytes > 0) this.endRecord(null, this.position);
  }

  private next(byte: number): void {
    if (this.afterReturn) {
      this.afterReturn = false;
      this.endRecord(byte === LF ? '\r\n' : '\r', this.position + (byte === LF ? 1 : 0));
      if (byte === LF) return;
    }
    this.record.bytes += 1;
    if (this.record.bytes === 1) this.record.firstByte = byte;
    if (this.state === State.Quoted) this.insideQuotes(byte);
    else if (byte === LF) this.endRecord('\n', this.position + 1);
    else if (byte === CR) this.afterReturn = true;
    else if (byte === this.delimiter) this.endField();
    else this.outsideQuotes(byte);
  }

  private insideQuotes(byte: number): void {
    this.fieldFilled = true;
    if (byte === LF) this.line += 1;
    if (this.escaped) this.escaped = false;
    else if (byte === this.escape && this.escape !== this.quote) this.escaped = true;
    else if (byte === this.quote) this.state = State.AfterQuote;
  }

  private outsideQuotes(byte: number): void {
    if (byte === this.quote && this.state === State.FieldStart) {
      this.state = State.Quoted;
      this.quoteLine = this.line;
      this.record.quotedFields += 1;
    } else if (byte === this.quote && this.state === State.AfterQuote && this.escape === this.quote) {
      this.state = State.Quoted;
    } else if (byte !== SPACE) {
      if (this.state === State.AfterQuote) this.report('text_after_quote', this.quoteLine);
      this.state = State.Unquoted;
      this.fieldFilled = true;
    }
  }

  private endField(): void {
    this.record.fields += 1;
    if (this.fieldFilled) this.record.filledFields += 1;
    this.record.lastFieldEmpty = !this.fieldFilled;
    this.fieldFilled = false;
    this.state = State.FieldStart;
  }

  private endRecord(lineEnd: LineEnd | null, end: number): void {
    if (lineEnd) this.lineEnds.add(lineEnd);
    this.endField();
    const { record } = this;
    if (lineEnd) record.bytes -= 1;
    this.line += 1;
    record.end = end;
    record.lines = this.line - record.line;
    this.record = emptyRecord(this.line, end);
    this.onRecord(record);
  }

  private report(problem: NonNullable<CsvRecord['problem']>, line: number): void {
    if (this.record.problem) return;
    this.record.problem = problem;
    this.record.problemLine = line;
  }
}

/** True for a line with nothing on it. */
export function isBlank(record: CsvRecord): boolean {
  return record.bytes === 0;
}

function emptyRecord(line: number, start: number): CsvRecord {
  return {
    start,
    end: start,
    line,
    lines: 1,
    fields: 0,
    quotedFields: 0,
    filledFields: 0,
    lastFieldEmpty: true,
    bytes: 0,
    firstByte: 0,
    problem: null,
    problemLine: line,
  };
}
