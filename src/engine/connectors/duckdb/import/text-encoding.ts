/** Text files come in several encodings; DuckDB's reader wants UTF-8 and one kind of line end. */
import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import chardet from 'chardet';
import { EngineError } from '../../../errors.js';

/** The encodings that can be read; windows-1252 holds ISO 8859-1. */
export const TEXT_ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1252',
  'windows-1250',
  'windows-1251',
  'windows-1253',
  'windows-1254',
  'iso-8859-2',
  'iso-8859-15',
  'koi8-r',
  'big5',
  'gb18030',
  'shift_jis',
  'euc-jp',
  'euc-kr',
] as const;
export type TextEncodingName = (typeof TEXT_ENCODINGS)[number];

/** Encodings whose letters are so unlike those of others that a guess at them can be believed, and from which confidence on. */
const TELLING = new Map<string, { encoding: TextEncodingName; confidence: number }>([
  ['Big5', { encoding: 'big5', confidence: 80 }],
  ['GB18030', { encoding: 'gb18030', confidence: 80 }],
  ['Shift_JIS', { encoding: 'shift_jis', confidence: 80 }],
  ['EUC-JP', { encoding: 'euc-jp', confidence: 80 }],
  ['EUC-KR', { encoding: 'euc-kr', confidence: 80 }],
  ['windows-1251', { encoding: 'windows-1251', confidence: 50 }],
  ['KOI8-R', { encoding: 'koi8-r', confidence: 50 }],
  ['windows-1253', { encoding: 'windows-1253', confidence: 50 }],
]);
/** The guess is made by the frequencies of letters, which this much tells as well as a megabyte. */
const GUESSED_BYTES = 64 * 1024;

/**
 * The encoding of a text from its first bytes: UTF-16 by its mark, UTF-8 when every sequence is valid, otherwise one of
 * Asia or of Cyrillic or Greek letters when the frequencies of its letters say so clearly, and windows-1252, in which every
 * byte is a character, when they do not.
 *
 * @param complete false when the sample ends in the middle of the file, perhaps of a character
 */
export function detectEncoding(sample: Buffer, complete: boolean): TextEncodingName {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  if (isUtf8(complete ? sample : withoutCutCharacter(sample))) return 'utf-8';
  const start = Math.max(0, sample.findIndex((byte) => byte > 0x7f) - GUESSED_BYTES / 2);
  const [best] = chardet.analyse(sample.subarray(start, start + GUESSED_BYTES));
  const telling = best === undefined ? undefined : TELLING.get(best.name);
  return telling !== undefined && best !== undefined && best.confidence >= telling.confidence
    ? telling.encoding
    : 'windows-1252';
}

/** The text has to be written again before DuckDB's reader can take it. */
export class NeedsConversion extends Error {
  constructor(
    readonly encoding: TextEncodingName,
    readonly unifyLineEnds: boolean,
  ) {
    super('The text needs another encoding or other line ends.');
  }
}

export interface Conversion {
  from: string;
  to: string;
  encoding: TextEncodingName;
  /** Write every line end as LF. */
  unifyLineEnds: boolean;
  signal: AbortSignal;
}

/**
 * Writes a text again as UTF-8, in a stream.
 *
 * @throws EngineError `file_malformed` when the bytes are not valid in the encoding
 */
export async function convertText({ from, to, encoding, unifyLineEnds, signal }: Conversion): Promise<void> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let heldReturn = false;
  const unify = (text: string, last: boolean): string => {
    if (!unifyLineEnds) return text;
    const whole = heldReturn ? `\r${text}` : text;
    heldReturn = !last && whole.endsWith('\r');
    return (heldReturn ? whole.slice(0, -1) : whole).replace(/\r\n?/g, '\n');
  };
  const decode = (bytes?: Uint8Array): string => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch (error) {
      throw new EngineError('file_malformed', `The text is not valid ${encoding.toUpperCase()}. Save it as UTF-8.`, {
        cause: error,
      });
    }
  };
  await pipeline(
    createReadStream(from, { highWaterMark: 256 * 1024 }),
    async function* (source: AsyncIterable<Buffer>) {
      for await (const bytes of source) yield unify(decode(bytes), false);
      yield unify(decode(), true);
    },
    createWriteStream(to, { flags: 'wx' }),
    { signal },
  );
}

/** At most three bytes at the end can belong to a character that continues beyond the sample. */
function withoutCutCharacter(sample: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, sample.length); back += 1) {
    const byte = sample[sample.length - back] ?? 0;
    if (byte >= 0xc0) return sample.subarray(0, sample.length - back);
    if (byte < 0x80) return sample;
  }
  return sample;
}
