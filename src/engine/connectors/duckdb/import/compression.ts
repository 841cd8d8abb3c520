/** Files that come compressed: told by their first bytes, unpacked in a stream, within bounds. */
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { EngineError } from '../../../errors.js';
import { messageOf } from '../query-errors.js';
import { refuseBomb } from './unpacked-size.js';
import { unpackZstd } from './zstd.js';

export type Compression = 'gzip' | 'zstd';

/** How a file that begins like this is compressed; null when it is not. */
export function compressionOf(head: Buffer): Compression | null {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  return head.length >= 4 && head.readUInt32LE(0) === 0xfd2fb528 ? 'zstd' : null;
}

/** The name of the file inside: `sales.csv.gz` holds `sales.csv`. */
export function unpackedName(fileName: string): string {
  return fileName.trim().replace(/\.(gz|gzip|zst|zstd)$/i, '');
}

export interface Unpacking {
  from: string;
  /** Does not exist yet; on failure it is left for the caller to remove. */
  to: string;
  fileName: string;
  compression: Compression;
  maxUnpackedBytes: number;
  signal: AbortSignal;
}

/**
 * Unpacks a file. What grows out of all proportion is given up while it is unpacked, so a bomb costs no more than the
 * bounds of `refuseBomb`.
 *
 * @throws EngineError `file_unpacks_too_large`, `file_malformed` when it is cut off or damaged
 */
export async function unpack({ from, to, fileName, compression, maxUnpackedBytes, signal }: Unpacking): Promise<void> {
  const { size } = await stat(from);
  let unpacked = 0;
  const counted = async function* (source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const bytes of source) {
      unpacked += bytes.length;
      refuseBomb({ fileName, packed: size, unpacked, maxUnpackedBytes });
      yield bytes;
    }
  };
  const packed = createReadStream(from, { highWaterMark: 64 * 1024 });
  const target = createWriteStream(to, { flags: 'wx', mode: 0o600 });
  try {
    if (compression === 'gzip') {
      await pipeline(packed, createGunzip({ chunkSize: 256 * 1024 }), counted, target, { signal });
    } else {
      await pipeline(packed, unpackZstd, counted, target, { signal });
    }
  } catch (error) {
    if (error instanceof EngineError || signal.aborted || isSystemError(error)) throw error;
    const cut = /unexpected e(nd of file|of)/i.test(messageOf(error));
    throw new EngineError(
      'file_malformed',
      cut
        ? `“${fileName}” ends before its ${compression} data does. Upload it again, whole.`
        : `“${fileName}” begins like a ${compression} file but cannot be unpacked. Compress it anew and upload it again.`,
      { cause: error, details: { problem: cut ? 'truncated' : 'damaged' } },
    );
  }
}

/** A disk that is full is no fault of the file. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
