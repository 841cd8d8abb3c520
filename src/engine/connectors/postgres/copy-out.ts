import { MAX_ROW_BYTES, rowTooLarge } from '../remote/row-limit.js';
import { notItsProtocol } from '../remote/source-errors.js';
import type { WireConnection, WireStatement } from './wire.js';
import { isServerMessage } from './wire.js';

/** Takes rows, and how many have come in all; gives a promise when it can take no more for now. */
export type RowSink = (rows: Buffer, arrived: number) => Promise<void> | undefined;

export interface CopyOutRequest {
  /** COPY … TO STDOUT. */
  text: string;
  /** Rows beyond this many are counted and dropped. */
  maxRows: number;
  sink: RowSink;
}

export interface CopiedRows {
  /** Rows that the sink got. */
  rows: number;
  /** True when the source had more. */
  truncated: boolean;
  /** Bytes of the longest row. */
  longestRow: number;
}

const COPY_DATA = 'd'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
/** A byte that tells the kind of the message, and four that tell its length (without the first byte). */
const HEADER = 5;
/** Whatever is not a row is short: notices, the end of the rows, an error. */
const MAX_MESSAGE_BYTES = 1_000_000;

/**
 * Runs a COPY … TO STDOUT and hands on the text of its rows. The driver makes an object and an event of every row; here
 * the rows of a packet are moved together within the packet and handed on in one piece. Everything else that the server
 * says goes to the driver as before. PostgreSQL sends every row as one message ("always one per row", Message Flow, COPY
 * Operations), which is what the rows are counted by.
 */
export class CopyOut implements WireStatement {
  private readonly copiedRows: CopiedRows = { rows: 0, truncated: false, longestRow: 0 };
  private error: Error | undefined;
  private connection: WireConnection | undefined;
  private driver: ((data: Buffer) => void) | undefined;
  private readonly onData = (data: Buffer): void => this.receive(data);
  /** The beginning of a message that is not a row, or of a header. */
  private rest: Buffer | undefined;
  /** Bytes of the current row that are still to come, and whether they are wanted. */
  private pending = 0;
  private wanted = true;
  private settle: { resolve: (copied: CopiedRows) => void; reject: (error: Error) => void } | undefined;
  readonly copied: Promise<CopiedRows>;

  constructor(private readonly request: CopyOutRequest) {
    this.copied = new Promise((resolve, reject) => {
      this.settle = { resolve, reject };
    });
  }

  submit(connection: WireConnection): void {
    const { stream } = connection;
    const [driver] = stream.listeners('data');
    if (typeof driver !== 'function') throw new TypeError('The driver does not listen to its connection.');
    this.connection = connection;
    this.driver = (data) => void Reflect.apply(driver, stream, [data]);
    stream.removeListener('data', driver as (data: Buffer) => void);
    stream.on('data', this.onData);
    this.giveBack = () => {
      stream.removeListener('data', this.onData);
      stream.on('data', driver as (data: Buffer) => void);
      this.giveBack = () => undefined;
    };
    stream.cork();
    connection.parse({ name: '', text: this.request.text });
    connection.bind({ portal: '', statement: '', values: [] });
    connection.execute({ portal: '', rows: 0 });
    connection.sync();
    stream.uncork();
  }

  handleRowDescription(): void {
    // COPY has none.
  }

  handleCommandComplete(): void {
    // The rows have been counted.
  }

  handleError(error: Error): void {
    this.error ??= error;
    // After what the server itself says it still reports that it is ready, and until then the packets come here.
    if (!isServerMessage(error)) this.giveBack();
    this.settle?.reject(this.error);
  }

  handleReadyForQuery(): void {
    this.settle?.resolve(this.copiedRows);
  }

  private giveBack: () => void = () => undefined;

  private receive(data: Buffer): void {
    const packet = this.rest ? Buffer.concat([this.rest, data]) : data;
    this.rest = undefined;
    // Rows are moved to the beginning of the packet, over what has been read of it.
    let end = 0;
    let at = 0;
    const take = (length: number): void => {
      if (this.wanted) {
        // Of all ways to move bytes the cheapest for a row: no object is made.
        packet.copyWithin(end, at, at + length);
        end += length;
      }
      at += length;
      this.pending -= length;
    };
    take(Math.min(this.pending, packet.length));
    while (packet.length - at >= HEADER) {
      const length = packet.readInt32BE(at + 1) + 1;
      if (packet[at] === COPY_DATA) {
        if (!this.startRow(length - HEADER)) return;
        at += HEADER;
        take(Math.min(this.pending, packet.length - at));
      } else {
        if (length < HEADER || length > MAX_MESSAGE_BYTES) {
          return this.fail(notItsProtocol());
        }
        if (packet.length - at < length) break;
        if (packet[at] === READY) return this.finish(packet.subarray(0, end), packet.subarray(at));
        this.driver?.(Buffer.from(packet.subarray(at, at + length)));
        at += length;
      }
    }
    if (at < packet.length) this.rest = Buffer.from(packet.subarray(at));
    void this.hand(packet.subarray(0, end));
  }

  private startRow(length: number): boolean {
    this.wanted = this.copiedRows.rows < this.request.maxRows && this.error === undefined;
    this.pending = length;
    if (this.copiedRows.rows >= this.request.maxRows) {
      this.copiedRows.truncated = true;
      return true;
    }
    this.copiedRows.rows += 1;
    if (length > this.copiedRows.longestRow) this.copiedRows.longestRow = length;
    if (length <= MAX_ROW_BYTES) return true;
    this.fail(rowTooLarge());
    return false;
  }

  /** The stream is not read to its end: the connection is of no further use. */
  private fail(error: Error): void {
    this.error ??= error;
    this.settle?.reject(this.error);
    this.connection?.stream.destroy();
  }

  private finish(rows: Buffer, ready: Buffer): void {
    this.giveBack();
    const handOver = (): void => this.driver?.(ready);
    const waiting = this.hand(rows);
    if (waiting) void waiting.then(handOver);
    else handOver();
  }

  private hand(rows: Buffer): Promise<void> | undefined {
    if (rows.length === 0) return undefined;
    try {
      const waiting = this.request.sink(rows, this.copiedRows.rows);
      if (!waiting) return undefined;
      const stream = this.connection?.stream;
      stream?.pause();
      return waiting.then(
        () => void stream?.resume(),
        (error: Error) => this.fail(error),
      );
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }
}
