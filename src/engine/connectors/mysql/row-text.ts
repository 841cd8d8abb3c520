import type { CellEncoding } from './column-types.js';

const [TAB, LINE_END, BACKSLASH, MINUS, ZERO, DASH, COLON, DOT, BLANK] = [9, 10, 92, 45, 48, 45, 58, 46, 32];
const HEX = Buffer.from('0123456789ABCDEF', 'latin1');
/** By byte: the letter behind the backslash that it is spelled with, or 0. */
const ESCAPED = new Uint8Array(256);
ESCAPED.set([ZERO, 0, 0, 0, 0, 0, 0, 0, 0, 116, 110, 0, 0, 114]);
ESCAPED[BACKSLASH] = BACKSLASH;
/** More than any value that is not text takes as text. */
const LONGEST_VALUE = 40;
/** Before the nulls of a row: the byte that says that it is one. */
const ROW_HEADER = 1;
/** The nulls of a row begin at the third bit. */
const NULL_OFFSET = 2;

export interface RowTextColumn {
  encoding: CellEncoding;
  /** Digits of a second's fraction that are always shown; above 6, as many as there are. */
  decimals: number;
}

/**
 * Spells rows of the binary protocol ("Binary Protocol Resultset Row") as a stage wants them, into one buffer after the
 * other. It is run for every value of a result and makes no objects of them.
 */
export class RowText {
  private out: Buffer;
  private end = 0;
  /** Where it reads. */
  private from: Buffer = Buffer.alloc(0);
  private at = 0;

  /** @param size bytes of a buffer; a row that needs more gets one of its own */
  constructor(
    private readonly columns: readonly RowTextColumn[],
    private readonly size = 262_144,
  ) {
    this.out = Buffer.allocUnsafe(size);
  }

  /** Bytes that have been spelled and not been taken. */
  get length(): number {
    return this.end;
  }

  /** What has been spelled; it belongs to the caller from now on. */
  take(): Buffer {
    const taken = this.out.subarray(0, this.end);
    this.out = Buffer.allocUnsafe(this.size);
    this.end = 0;
    return taken;
  }

  /** True when a row of so many bytes fits; otherwise what is there has to be taken first. */
  hasRoomFor(packetBytes: number): boolean {
    return this.end + this.mostBytes(packetBytes) <= this.out.length;
  }

  /**
   * Adds a row.
   *
   * @param packet holds the row from `start` to `end`
   * @returns the bytes of its text
   * @throws Error when it is not a row of these columns
   */
  add(packet: Buffer, start: number, end: number): number {
    const most = this.mostBytes(end - start);
    if (this.end === 0 && most > this.out.length) this.out = Buffer.allocUnsafe(most);
    const before = this.end;
    const { columns, out } = this;
    const nulls = start + ROW_HEADER;
    this.from = packet;
    this.at = nulls + ((columns.length + NULL_OFFSET + 7) >> 3);
    for (let index = 0; index < columns.length; index += 1) {
      if (index > 0) out[this.end++] = TAB;
      const bit = index + NULL_OFFSET;
      const column = columns[index];
      if (((packet[nulls + (bit >> 3)] ?? 0) >> (bit & 7)) & 1) {
        out[this.end++] = BACKSLASH;
        out[this.end++] = 78;
      } else if (column) {
        this.value(column, end);
      }
    }
    if (this.at !== end) throw notARow();
    // A row of one empty text would be an empty line.
    if (columns.length === 1) {
      out[this.end++] = TAB;
      out[this.end++] = ZERO;
    }
    out[this.end++] = LINE_END;
    return this.end - before;
  }

  private mostBytes(packetBytes: number): number {
    return 2 * packetBytes + LONGEST_VALUE * (this.columns.length + 1);
  }

  private value({ encoding, decimals }: RowTextColumn, end: number): void {
    switch (encoding) {
      case 'int8':
        return this.whole((this.byte() << 24) >> 24);
      case 'uint8':
        return this.whole(this.byte());
      case 'int16':
        return this.whole((this.uint16() << 16) >> 16);
      case 'uint16':
        return this.whole(this.uint16());
      case 'int32':
        return this.whole(this.uint32() | 0);
      case 'uint32':
        return this.whole(this.uint32());
      case 'int64':
      case 'uint64':
        return this.long(encoding === 'int64');
      case 'float':
        return this.number(this.from.readFloatLE(this.skip(4)));
      case 'double':
        return this.number(this.from.readDoubleLE(this.skip(8)));
      case 'date':
      case 'timestamp':
      case 'timestamptz':
        return this.moment(encoding, decimals);
      case 'time':
        return this.time(decimals);
      case 'digits':
        return this.digits(end);
      case 'text':
        return this.text(end);
      case 'bits':
        return this.bits(end);
      case 'bytes':
        return this.bytes(end);
    }
  }

  private byte(): number {
    return this.from[this.at++] ?? 0;
  }

  private uint16(): number {
    return this.byte() | (this.byte() << 8);
  }

  private uint32(): number {
    return (this.uint16() | (this.uint16() << 16)) >>> 0;
  }

  private skip(bytes: number): number {
    const start = this.at;
    this.at += bytes;
    return start;
  }

  /** The length of a value that comes with one. */
  private lengthOf(end: number): number {
    let length = this.byte();
    if (length === 0xfc) length = this.uint16();
    else if (length === 0xfd) length = this.uint16() | (this.byte() << 16);
    else if (length === 0xfe) length = this.uint32() + this.uint32() * 2 ** 32;
    if (this.at + length > end) throw notARow();
    return length;
  }

  private whole(value: number): void {
    let rest = value;
    if (rest < 0) {
      this.out[this.end++] = MINUS;
      rest = -rest;
    }
    let width = 1;
    for (let power = 10; rest >= power; power *= 10) width += 1;
    this.padded(rest, width);
  }

  /** The last digits of a whole number below 2^53. */
  private padded(value: number, width: number): void {
    let rest = value;
    for (let position = this.end + width - 1; position >= this.end; position -= 1) {
      const tenth = rest < 2 ** 31 ? (rest / 10) | 0 : Math.floor(rest / 10);
      this.out[position] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    this.end += width;
  }

  private long(signed: boolean): void {
    const low = this.uint32();
    const high = signed ? this.uint32() | 0 : this.uint32();
    if (high < 2 ** 21 && high > -(2 ** 21)) return this.whole(high * 2 ** 32 + low);
    this.ascii(String((BigInt(high) << 32n) | BigInt(low)));
  }

  private number(value: number): void {
    if (Number.isInteger(value) && Math.abs(value) < 1e15 && !Object.is(value, -0)) return this.whole(value);
    this.ascii(Object.is(value, -0) ? '-0' : String(value));
  }

  private ascii(text: string): void {
    this.end += this.out.write(text, this.end, 'latin1');
  }

  private moment(encoding: 'date' | 'timestamp' | 'timestamptz', decimals: number): void {
    const length = this.byte();
    const year = length >= 4 ? this.uint16() : 0;
    this.padded(year, 4);
    this.out[this.end++] = DASH;
    this.padded(length >= 4 ? this.byte() : 0, 2);
    this.out[this.end++] = DASH;
    this.padded(length >= 4 ? this.byte() : 0, 2);
    if (encoding === 'date') return;
    this.out[this.end++] = BLANK;
    this.clock(length >= 7 ? this.byte() : 0, length >= 7, length >= 11, decimals);
    // The zero moment has no offset, and is kept as it is.
    if (encoding === 'timestamptz' && length > 0) this.ascii('+00');
  }

  private time(decimals: number): void {
    const length = this.byte();
    const isNegative = length >= 8 && this.byte() === 1;
    const days = length >= 8 ? this.uint32() : 0;
    const hours = days * 24 + (length >= 8 ? this.byte() : 0);
    if (isNegative) this.out[this.end++] = MINUS;
    this.clock(hours, length >= 8, length >= 12, decimals);
  }

  private clock(hours: number, hasMinutes: boolean, hasFraction: boolean, decimals: number): void {
    if (hours < 100) this.padded(hours, 2);
    else this.whole(hours);
    for (let part = 0; part < 2; part += 1) {
      this.out[this.end++] = COLON;
      this.padded(hasMinutes ? this.byte() : 0, 2);
    }
    const micros = hasFraction ? this.uint32() : 0;
    if (decimals > 6 ? micros === 0 : decimals === 0) return;
    this.out[this.end++] = DOT;
    const shown = decimals > 6 ? 6 : decimals;
    this.padded(Math.floor(micros / 10 ** (6 - shown)), shown);
  }

  private digits(end: number): void {
    const length = this.lengthOf(end);
    const { from, out } = this;
    for (let index = 0; index < length; index += 1) out[this.end++] = from[this.at++] ?? 0;
  }

  private text(end: number): void {
    const stop = this.lengthOf(end) + this.at;
    const { from, out } = this;
    let position = this.end;
    for (let index = this.at; index < stop; index += 1) {
      const byte = from[index] ?? 0;
      const letter = ESCAPED[byte] ?? 0;
      if (letter === 0) {
        out[position++] = byte;
      } else {
        out[position++] = BACKSLASH;
        out[position++] = letter;
      }
    }
    this.at = stop;
    this.end = position;
  }

  /** The number that the bits are, the highest first. */
  private bits(end: number): void {
    const length = this.lengthOf(end);
    let value = 0n;
    for (let index = 0; index < length; index += 1) value = (value << 8n) | BigInt(this.byte());
    this.ascii(String(value));
  }

  private bytes(end: number): void {
    const stop = this.lengthOf(end) + this.at;
    const { from, out } = this;
    out[this.end++] = BACKSLASH;
    out[this.end++] = BACKSLASH;
    out[this.end++] = 120;
    for (let index = this.at; index < stop; index += 1) {
      const byte = from[index] ?? 0;
      out[this.end++] = HEX[byte >> 4] ?? 0;
      out[this.end++] = HEX[byte & 15] ?? 0;
    }
    this.at = stop;
  }
}

function notARow(): Error {
  return new Error('The server sent something that is not a row of the result.');
}
