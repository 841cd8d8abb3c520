/**
 * What a JSON text consists of, told in one pass over its bytes, before any parser sees them. DuckDB's reader does not
 * survive a million brackets, and takes neither a record of a gigabyte nor a list that is a member of an object.
 */

/** Brackets within brackets. */
export const MAX_DEPTH = 64;
/** Largest record, in bytes. */
export const MAX_RECORD_BYTES = 8 * 1024 * 1024;

export type JsonDefect =
  | { problem: 'too_deep' | 'record_too_large'; record: number }
  | { problem: 'not_an_object'; record: number }
  | { problem: 'several_lists' }
  | { problem: 'cut_off' };

export interface JsonShape {
  /** `array`: one list of records; `lines`: a record per line; `values`: records one after the other. */
  format: 'array' | 'lines' | 'values';
  /** Where the list begins and ends; of the whole text where it is no member of an object. */
  start: number;
  end: number;
  /** Lines that hold no object, from 1; only of `lines`. */
  strayLines: number[];
}

interface ListMember {
  start: number;
  end: number;
}

const Byte = {
  Tab: 9,
  LineFeed: 10,
  Return: 13,
  Space: 32,
  Quote: 34,
  Backslash: 92,
  OpenList: 91,
  CloseList: 93,
  OpenObject: 123,
  CloseObject: 125,
  Comma: 44,
} as const;

/** Of UTF-8. */
const BYTE_ORDER_MARK: readonly number[] = [0xef, 0xbb, 0xbf];
/** Most stray lines that are kept track of. */
const MOST_STRAYS = 10_000;

/** Reads bytes in pieces of any size. */
export class JsonScanner {
  defect: JsonDefect | null = null;
  private format: JsonShape['format'] | null = null;
  private position = 0;
  private line = 1;
  private depth = 0;
  private inString = false;
  private escaped = false;
  private records = 0;
  private recordStart = 0;
  /** A value has begun in this record. */
  private begun = false;
  private expectsElement = false;
  private topValues = 0;
  private lists: ListMember[] = [];
  private openList: ListMember | null = null;
  private listStart = 0;
  private readonly strayLines: number[] = [];

  /** @param firstLineIsWhole whether the first line is a whole object by itself: then every line has to be one */
  constructor(private readonly firstLineIsWhole: boolean) {}

  push(bytes: Uint8Array): void {
    for (let index = 0; index < bytes.length && this.defect === null; index += 1, this.position += 1) {
      const byte = bytes[index] ?? 0;
      if (this.inString && byte !== Byte.LineFeed) this.insideString(byte);
      else this.outsideString(byte);
    }
    const limit = this.format === 'array' || this.openList !== null ? 1 : 0;
    if (this.begun && (this.depth > limit || this.inString) && this.position - this.recordStart > MAX_RECORD_BYTES) {
      this.fail('record_too_large');
    }
  }

  end(): JsonShape | null {
    if (this.defect !== null) return null;
    if (this.format !== 'lines' && (this.depth > 0 || this.inString)) {
      this.defect = { problem: 'cut_off' };
      return null;
    }
    const whole = { start: this.listStart, end: this.position, strayLines: this.strayLines };
    if (this.format === 'lines') return { ...whole, format: 'lines' };
    if (this.format === 'array') return { ...whole, format: 'array' };
    const [list, ...others] = this.topValues === 1 ? this.lists : [];
    if (others.length > 0) {
      this.defect = { problem: 'several_lists' };
      return null;
    }
    return list ? { ...list, format: 'array', strayLines: [] } : { ...whole, format: 'values' };
  }

  private insideString(byte: number): void {
    if (this.escaped) this.escaped = false;
    else if (byte === Byte.Backslash) this.escaped = true;
    else if (byte === Byte.Quote) this.inString = false;
  }

  private outsideString(byte: number): void {
    switch (byte) {
      case Byte.LineFeed:
        this.line += 1;
        if (this.format === 'lines') this.nextLine();
        return;
      case Byte.Space:
      case Byte.Tab:
      case Byte.Return:
        return;
      case Byte.OpenList:
      case Byte.OpenObject:
        this.open(byte);
        return;
      case Byte.CloseList:
      case Byte.CloseObject:
        this.close();
        return;
      case Byte.Comma:
        if (this.depth === this.elementDepth()) this.expectsElement = true;
        return;
      default:
        if (this.position < 3 && BYTE_ORDER_MARK.includes(byte)) return;
        this.begin(byte);
        if (byte === Byte.Quote) this.inString = true;
    }
  }

  /** Inside a list of records, what stands at this depth is a record; -1 where no list is open. */
  private elementDepth(): number {
    if (this.format === 'array') return 1;
    return this.openList === null ? -1 : 2;
  }

  private begin(byte: number): void {
    if (this.depth === 0 && !this.begun) {
      this.format ??= byte === Byte.OpenList ? 'array' : this.firstLineIsWhole ? 'lines' : 'values';
      this.begun = true;
      this.recordStart = this.position;
      if (this.topValues === 0) this.listStart = this.position;
      this.topValues += 1;
      if (this.format !== 'array') {
        this.records += 1;
        if (byte !== Byte.OpenObject) this.stray();
      }
    } else if (this.expectsElement && this.depth === this.elementDepth()) {
      this.expectsElement = false;
      this.recordStart = this.position;
      this.records += 1;
      if (byte === Byte.OpenObject) return;
      if (this.format === 'array') this.fail('not_an_object');
      // A list of plain values inside of an object is no list of records.
      else this.openList = null;
    }
  }

  private open(byte: number): void {
    const nested = this.depth;
    this.begin(byte);
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.fail('too_deep');
    if (nested === 0 && this.format === 'array') this.expectsElement = true;
    if (nested === 1 && this.format === 'values' && byte === Byte.OpenList && this.topValues === 1) {
      this.openList = { start: this.position, end: this.position };
      this.expectsElement = true;
      this.records = 0;
    }
  }

  private close(): void {
    this.depth -= 1;
    if (this.depth <= 0) {
      this.depth = 0;
      this.begun = false;
    }
    if (this.depth === 1 && this.openList !== null) {
      if (this.records > 0) this.lists.push({ ...this.openList, end: this.position + 1 });
      this.openList = null;
    }
  }

  private nextLine(): void {
    if (this.depth > 0 || this.inString) this.depth = 0;
    this.inString = false;
    this.escaped = false;
    this.begun = false;
  }

  private stray(): void {
    if (this.format === 'lines' && this.strayLines.length < MOST_STRAYS) this.strayLines.push(this.line);
    else if (this.format !== 'lines') this.fail('not_an_object');
  }

  private fail(problem: 'too_deep' | 'record_too_large' | 'not_an_object'): void {
    this.defect ??= { problem, record: this.format === 'lines' ? this.line : Math.max(1, this.records) };
  }
}
