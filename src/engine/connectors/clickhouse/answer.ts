/**
 * The answer to a statement: names, types and rows, each as an array in JSON on a line of its own, and at the end a mark that
 * only this answer has. What breaks off earlier is not whole: the server writes an exception that happens after the first
 * rows behind them, in a form that differs between versions and that rows could imitate.
 */
import { randomBytes } from 'node:crypto';
import type { EngineError } from '../../errors.js';
import { MAX_ROW_BYTES, rowTooLarge } from '../remote/row-limit.js';
import { notItsProtocol } from '../remote/source-errors.js';
import { exceptionError, exceptionIn } from './clickhouse-errors.js';

export interface AnswerHead {
  names: string[];
  types: string[];
}

export interface AnswerSink {
  /** Takes whole rows, and says up to where it found rows. */
  take(rows: Buffer): number;
}

/** Appended to a statement; a statement that has a FORMAT of its own becomes invalid by it. */
export const FORMAT = 'FORMAT CustomSeparatedWithNamesAndTypes';

const NEWLINE = 0x0a;
const TAIL_BYTES = 16_000;

/** A mark that nothing else ends with. */
export function newEndMark(): string {
  return `end ${randomBytes(16).toString('hex')}`;
}

/** What the server has to be told to spell an answer so, and every value of it without loss. */
export function answerSettings(endMark: string): Record<string, string> {
  return {
    format_custom_escaping_rule: 'JSON',
    format_custom_result_before_delimiter: '',
    format_custom_row_before_delimiter: '[',
    format_custom_field_delimiter: ',',
    format_custom_row_after_delimiter: ']\n',
    format_custom_row_between_delimiter: '',
    format_custom_result_after_delimiter: endMark,
    output_format_json_quote_64bit_integers: '0',
    output_format_json_quote_decimals: '1',
    output_format_json_quote_denormals: '1',
    output_format_json_escape_forward_slashes: '0',
    output_format_json_named_tuples_as_objects: '1',
    output_format_decimal_trailing_zeros: '1',
    date_time_output_format: 'iso',
  };
}

/**
 * Reads an answer.
 *
 * @param onHead called once, with what every row has; gives what takes the rows
 * @throws EngineError what the server says went wrong, `source_lost` when the answer breaks off; what sink and pieces throw
 */
export async function readAnswer<S extends AnswerSink>(
  pieces: AsyncIterable<Buffer>,
  endMark: string,
  onHead: (head: AnswerHead) => S,
): Promise<S> {
  const head: string[][] = [];
  let sink: S | undefined;
  let rest: Buffer[] = [];
  let restBytes = 0;
  let tail: Buffer = Buffer.alloc(0);
  try {
    for await (const piece of pieces) {
      tail = Buffer.concat([tail, piece.subarray(-TAIL_BYTES)]).subarray(-TAIL_BYTES);
      const lines = piece.lastIndexOf(NEWLINE) + 1;
      rest.push(piece.subarray(0, lines === 0 ? piece.length : lines));
      restBytes += piece.length;
      if (lines === 0) {
        if (restBytes > MAX_ROW_BYTES) throw rowTooLarge();
        continue;
      }
      let whole = Buffer.concat(rest);
      rest = [piece.subarray(lines)];
      restBytes = piece.length - lines;
      while (head.length < 2 && whole.length > 0) {
        const end = whole.indexOf(NEWLINE) + 1;
        head.push(headLine(whole.subarray(0, end)));
        whole = whole.subarray(end);
      }
      const [names, types] = head;
      if (names && types) sink ??= onHead({ names, types });
      if (sink && whole.length > 0 && sink.take(whole) < whole.length) throw notItsProtocol();
    }
  } catch (error) {
    throw isBrokenOff(error) ? (exceptionAtEnd(tail) ?? error) : error;
  }
  if (!sink || Buffer.concat(rest).toString('latin1') !== endMark) throw exceptionAtEnd(tail) ?? notItsProtocol();
  return sink;
}

function headLine(line: Buffer): string[] {
  try {
    const parsed: unknown = JSON.parse(line.toString('utf8'));
    if (Array.isArray(parsed) && parsed.length > 0 && parsed.every((name) => typeof name === 'string')) return parsed;
  } catch (error) {
    throw notItsProtocol(error);
  }
  throw notItsProtocol();
}

function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'source_lost';
}

function exceptionAtEnd(tail: Buffer): EngineError | undefined {
  const exception = exceptionIn(tail.toString('utf8'));
  return exception && exceptionError(exception);
}
