/**
 * Zstandard (RFC 8878) in a stream, for as long as Node has no decoder of its own in the versions that we run on. The frames
 * and blocks are told apart here, so that no header gets to ask for more memory than the bound below and no input makes
 * more than one block at a time; `fzstd` decodes the blocks.
 */
import { Decompress } from 'fzstd';

/** What the reference decoder takes unless it is told otherwise. */
const LARGEST_WINDOW = 128 * 1024 * 1024;
const LARGEST_BLOCK = 128 * 1024;
const MAGIC = 0xfd2fb528;
const SKIPPABLE = 0x184d2a50;
const LARGEST_FRAME_HEADER = 18;
const BLOCK_HEADER = 3;
const RLE = 1;
const CHECKSUM = 4;
/** A frame of no bytes, to be told that there is nothing more to come. */
const NOTHING = new Uint8Array(0);

interface FrameHeader {
  bytes: number;
  checksum: boolean;
}

/**
 * @throws Error on what is no Zstandard data, is cut off, or asks for a window of more than 128 MB
 */
export async function* unpackZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new ByteQueue(source);
  while (await input.has(1)) {
    const magic = (await input.peek(4)).readUInt32LE(0);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      const length = (await input.peek(8)).readUInt32LE(4);
      await input.skip(8 + length);
    } else if (magic === MAGIC) yield* unpackFrame(input);
    else throw new Error('This is no Zstandard frame.');
  }
}

async function* unpackFrame(input: ByteQueue): AsyncGenerator<Uint8Array> {
  const header = headerOf(await input.peekUpTo(LARGEST_FRAME_HEADER));
  let made: Uint8Array[] = [];
  const decoder = new Decompress((bytes) => made.push(bytes.slice()));
  decoder.push(await input.take(header.bytes));
  for (let last = false; !last;) {
    const blockHeader = (await input.peek(BLOCK_HEADER)).readUIntLE(0, BLOCK_HEADER);
    last = (blockHeader & 1) === 1;
    const size = blockHeader >> 3;
    if (size > LARGEST_BLOCK) throw new Error('A block is larger than any may be.');
    decoder.push(await input.take(BLOCK_HEADER + (((blockHeader >> 1) & 3) === RLE ? 1 : size)));
    yield* made;
    made = [];
  }
  if (header.checksum) decoder.push(await input.take(CHECKSUM));
  decoder.push(NOTHING, true);
  yield* made;
}

function headerOf(bytes: Buffer): FrameHeader {
  const descriptor = bytes[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(singleSegment) : 1 << sizeFlag;
  const sizeAt = (singleSegment ? 5 : 6) + dictionaryBytes;
  if (bytes.length < sizeAt + sizeBytes) throw new Error('Unexpected EOF in a frame header.');
  if (windowOf(bytes, singleSegment, sizeAt, sizeBytes) > LARGEST_WINDOW) {
    throw new Error('The frame asks for a larger window than any decoder gives unasked.');
  }
  return { bytes: sizeAt + sizeBytes, checksum: (descriptor & 4) !== 0 };
}

function windowOf(bytes: Buffer, singleSegment: boolean, sizeAt: number, sizeBytes: number): number {
  if (!singleSegment) {
    const descriptor = bytes[5] ?? 0;
    const base = 2 ** (10 + (descriptor >> 3));
    return base + (base / 8) * (descriptor & 7);
  }
  if (sizeBytes === 8) return Number(bytes.readBigUInt64LE(sizeAt));
  return bytes.readUIntLE(sizeAt, sizeBytes) + (sizeBytes === 2 ? 256 : 0);
}

/** Bytes in the order they come, in whatever pieces they come. */
class ByteQueue {
  private readonly iterator: AsyncIterator<Uint8Array>;
  private held: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.iterator = source[Symbol.asyncIterator]();
  }

  /** Whether so many bytes are still to come. */
  async has(length: number): Promise<boolean> {
    while (this.held.length < length) {
      const { done, value } = await this.iterator.next();
      if (done === true) return false;
      this.held = this.held.length === 0 ? Buffer.from(value) : Buffer.concat([this.held, value]);
    }
    return true;
  }

  async peek(length: number): Promise<Buffer> {
    if (!(await this.has(length))) throw new Error('Unexpected EOF.');
    return this.held.subarray(0, length);
  }

  async peekUpTo(length: number): Promise<Buffer> {
    await this.has(length);
    return this.held.subarray(0, length);
  }

  async take(length: number): Promise<Buffer> {
    const taken = await this.peek(length);
    this.held = this.held.subarray(length);
    return taken;
  }

  async skip(length: number): Promise<void> {
    for (let left = length; left > 0;) {
      await this.peek(1);
      const step = Math.min(left, this.held.length);
      this.held = this.held.subarray(step);
      left -= step;
    }
  }
}
