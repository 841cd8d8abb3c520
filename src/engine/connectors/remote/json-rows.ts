/**
 * Rows that a source writes as arrays in JSON, as the text of a stage. No value is made of a cell, so that numbers keep all
 * of their digits: a text loses its quotes, everything else is left as it is spelled.
 */
import { EngineError } from '../../errors.js';
import { MAX_ROW_BYTES, rowTooLarge } from './row-limit.js';
import { notItsProtocol } from './source-errors.js';

export interface JsonRowsOptions {
  /** For each column, whether its cells stay JSON: a text then keeps its quotes. */
  staysJson: readonly boolean[];
  /** Rows beyond this many are dropped. */
  maxRows: number;
  /** Takes rows of the stage. */
  sink: (rows: Buffer) => void;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const SLASH = 0x2f;
const ZERO = 0x30;
const BIG_N = 0x4e;
const SMALL_N = 0x6e;
const SMALL_U = 0x75;
/** What JSON and the stage both write as a backslash and this. */
const SAME_ESCAPE = new Set([...'bfnrt\\'].map((character) => character.charCodeAt(0)));
const STAGE_ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
};

export class JsonRows {
  /** Rows that the sink got. */
  rows = 0;
  /** True when there were more. */
  truncated = false;
  /** Bytes of the longest row of the stage. */
  longestRow = 0;

  constructor(private readonly options: JsonRowsOptions) {}

  /**
   * @param input whole rows, with commas or blanks between them
   * @returns how many bytes were read: all, or up to something that is no row
   * @throws EngineError `source_lost` for a row that is none, `query_result_too_large` for one that is too long,
   *   `source_data_invalid`; what the sink throws
   */
  take(input: Buffer): number {
    const { staysJson, maxRows, sink } = this.options;
    if (this.truncated) return input.length;
    const text = new Transcription(input);
    while (text.skipBetween() === OPEN) {
      if (this.rows === maxRows) {
        this.truncated = true;
        break;
      }
      const began = text.end;
      text.row(staysJson);
      this.rows += 1;
      const length = text.end - began;
      if (length > MAX_ROW_BYTES) throw rowTooLarge();
      if (length > this.longestRow) this.longestRow = length;
    }
    if (text.end > 0) sink(text.output.subarray(0, text.end));
    return this.truncated ? input.length : text.at;
  }
}

/** From JSON to the stage. Escapes are the only thing that grows: to two bytes from one, at most. */
class Transcription {
  at = 0;
  end = 0;
  readonly output: Buffer;

  constructor(private readonly input: Buffer) {
    this.output = Buffer.allocUnsafe(2 * input.length);
  }

  /** @returns the first byte that is no blank and no comma */
  skipBetween(): number | undefined {
    while (isBlank(this.input[this.at]) || this.input[this.at] === COMMA) this.at += 1;
    return this.input[this.at];
  }

  row(staysJson: readonly boolean[]): void {
    this.at += 1;
    for (const [column, stays] of staysJson.entries()) {
      if (column > 0) {
        this.expect(COMMA);
        this.output[this.end++] = TAB;
      }
      this.cell(stays);
    }
    this.expect(CLOSE);
    if (staysJson.length === 1) {
      // A row must not be an empty line.
      this.output[this.end++] = TAB;
      this.output[this.end++] = ZERO;
    }
    this.output[this.end++] = NEWLINE;
  }

  private cell(staysJson: boolean): void {
    const first = this.skipBlanks();
    if (first === SMALL_N) this.null();
    else if (first === OPEN || first === OPEN_OBJECT || (staysJson && first === QUOTE)) this.json();
    else if (first === QUOTE) this.text();
    else this.bare();
  }

  private null(): void {
    if (this.input.toString('latin1', this.at, this.at + 4) !== 'null') throw notItsProtocol();
    this.at += 4;
    this.output[this.end++] = BACKSLASH;
    this.output[this.end++] = BIG_N;
  }

  /** A number, `true` or `false`. */
  private bare(): void {
    const began = this.at;
    for (let byte = this.input[this.at]; byte !== COMMA && byte !== CLOSE; byte = this.input[this.at]) {
      if (byte === undefined || byte <= SPACE || byte === QUOTE || byte === BACKSLASH) break;
      this.output[this.end++] = byte;
      this.at += 1;
    }
    if (this.at === began) throw notItsProtocol();
  }

  private text(): void {
    const { input, output } = this;
    let { at, end } = this;
    at += 1;
    for (let byte = input[at]; byte !== QUOTE; byte = input[at]) {
      if (byte === undefined || byte < SPACE) throw notItsProtocol();
      at += 1;
      if (byte !== BACKSLASH) {
        output[end++] = byte;
        continue;
      }
      const escape = input[at++];
      if (escape === undefined) throw notItsProtocol();
      if (SAME_ESCAPE.has(escape)) {
        output[end++] = BACKSLASH;
        output[end++] = escape;
      } else if (escape === QUOTE || escape === SLASH) output[end++] = escape;
      else if (escape === SMALL_U) {
        const character = unicodeAt(input, at);
        // A pair of surrogates is written as two escapes.
        at += character.length === 2 ? 10 : 4;
        end += output.write(STAGE_ESCAPES[character] ?? character, end);
      } else throw notItsProtocol();
    }
    this.at = at + 1;
    this.end = end;
  }

  /** A text with its quotes, an array or an object: as it is, with its backslashes escaped. */
  private json(): void {
    const { input, output } = this;
    let { at, end } = this;
    let depth = 0;
    let inText = false;
    do {
      const byte = input[at++];
      if (byte === undefined || byte < SPACE) throw notItsProtocol();
      output[end++] = byte;
      if (byte === QUOTE) inText = !inText;
      else if (byte === BACKSLASH) {
        const escaped = input[at++];
        if (escaped === undefined || escaped < SPACE) throw notItsProtocol();
        output[end++] = BACKSLASH;
        output[end++] = escaped;
        if (escaped === BACKSLASH) output[end++] = BACKSLASH;
      } else if (inText) continue;
      else if (byte === OPEN || byte === OPEN_OBJECT) depth += 1;
      else if (byte === CLOSE || byte === CLOSE_OBJECT) depth -= 1;
    } while (depth > 0 || inText);
    this.at = at;
    this.end = end;
  }

  private expect(byte: number): void {
    if (this.skipBlanks() !== byte) throw notItsProtocol();
    this.at += 1;
  }

  private skipBlanks(): number | undefined {
    while (isBlank(this.input[this.at])) this.at += 1;
    return this.input[this.at];
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === TAB;
}

/** The character of an escape whose four digits begin here. */
function unicodeAt(input: Buffer, at: number): string {
  const high = hexadecimalAt(input, at);
  if (high < 0xd800 || high > 0xdfff) return String.fromCharCode(high);
  const low = input.toString('latin1', at + 4, at + 6) === '\\u' ? hexadecimalAt(input, at + 6) : 0;
  if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) {
    throw new EngineError(
      'source_data_invalid',
      'The source holds text that is not valid Unicode. Leave that column out, or convert it in the source.',
    );
  }
  return String.fromCharCode(high, low);
}

function hexadecimalAt(input: Buffer, at: number): number {
  const digits = input.toString('latin1', at, at + 4);
  if (!/^[\da-f]{4}$/i.test(digits)) throw notItsProtocol();
  return parseInt(digits, 16);
}
