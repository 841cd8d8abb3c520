import { EngineError } from '../../errors.js';
import type { WireConnection, WireParser } from './wire.js';

const HEADER = 4;
/** A packet of this length goes on in the next one. */
const FULL = 0xff_ff_ff;
/** Until the sign-in is done, nobody has a reason to send much. */
const MAX_EARLY_BYTES = 100_000;
/** A row that is larger would have to be held in memory more than once. */
export const MAX_ROW_BYTES = 32_000_000;

/**
 * Puts itself between a connection and the driver, which believes every length that it is told and gathers a packet to its
 * end before it looks at it. A packet that is too large, or out of turn, ends the connection; so does whatever the driver
 * stumbles over.
 */
export function checkFraming(connection: WireConnection): void {
  const driver = connection.packetParser;
  const frames = new Frames();
  const parser: WireParser = {
    execute: (chunk) => {
      try {
        frames.check(chunk, connection.authorized ? MAX_ROW_BYTES : MAX_EARLY_BYTES);
        driver.execute(chunk);
      } catch (error) {
        connection.stream.destroy(
          error instanceof Error ? error : new Error('The server does not speak the protocol.'),
        );
      }
    },
  };
  connection.packetParser = parser;
}

/** Follows the headers of packets through what is received, however it is cut. */
class Frames {
  private readonly header = Buffer.alloc(HEADER);
  private headerBytes = 0;
  /** Bytes of the packet that are still to come. */
  private pending = 0;
  /** Bytes of all packets that make one. */
  private together = 0;

  /** @throws EngineError `query_result_too_large` for a packet that is larger than allowed */
  check(chunk: Buffer, most: number): void {
    let at = Math.min(this.pending, chunk.length);
    this.pending -= at;
    while (at < chunk.length) {
      const taken = chunk.copy(this.header, this.headerBytes, at, at + HEADER - this.headerBytes);
      this.headerBytes += taken;
      at += taken;
      if (this.headerBytes < HEADER) return;
      this.headerBytes = 0;
      const length = this.header.readUIntLE(0, 3);
      this.together += length;
      if (this.together > most) throw tooLarge(most);
      if (length < FULL) this.together = 0;
      const here = Math.min(length, chunk.length - at);
      at += here;
      this.pending = length - here;
    }
  }
}

function tooLarge(most: number): Error {
  if (most === MAX_EARLY_BYTES) return new Error('The server does not speak the protocol.');
  return rowTooLarge();
}

export function rowTooLarge(): EngineError {
  return new EngineError(
    'query_result_too_large',
    `A row of the result is larger than ${MAX_ROW_BYTES / 1_000_000} MB. Leave out its largest columns, or cut their values.`,
  );
}
