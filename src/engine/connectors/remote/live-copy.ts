import { execFile } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { cancelled } from '../duckdb/interruption.js';
import type { EngineBounds } from '../duckdb/locked-instance.js';
import { runLocked } from '../duckdb/locked-run.js';

/** How often a statement that still waits for the pipe to be opened is let go. */
const WAKE_MS = 50;

export interface LiveCopyRequest {
  /** Where the pipe is made; it does not exist before and is removed at the end. */
  pipe: string;
  /** The one file that the statement writes. */
  resultFile: string;
  /** A COPY that reads the pipe. */
  sql: string;
  bounds: EngineBounds;
}

/**
 * A COPY of DuckDB that reads rows while they arrive, from a named pipe. The pipe is written without libuv's thread pool:
 * every such COPY holds one of its threads while it waits for rows, and writers that waited for a thread would wait for
 * ever.
 */
export class LiveCopy {
  private readonly stop = new AbortController();
  private readonly writer: Socket;
  private readonly copied: Promise<number>;
  private broken = false;
  private wake: () => void = () => undefined;

  private constructor(private readonly request: LiveCopyRequest) {
    const { pipe, resultFile, sql, bounds } = request;
    // For reading too, because a writer alone cannot open a pipe before its reader; and so the pipe stays without a reader.
    const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    this.writer = new Socket({ fd: descriptor, readable: false, writable: true });
    this.writer.on('drain', () => this.wake());
    this.writer.on('error', () => this.giveUp());
    this.copied = runLocked({ ...bounds, threads: 1, files: [pipe, resultFile] }, { signal: this.stop.signal }, (db) =>
      db.run(sql).then(({ rowsChanged }) => rowsChanged),
    );
    this.copied.catch(() => this.giveUp());
  }

  /** @returns null where the system has no named pipes */
  static async start(request: LiveCopyRequest): Promise<LiveCopy | null> {
    try {
      await promisify(execFile)('mkfifo', ['-m', '600', request.pipe]);
    } catch {
      return null;
    }
    return new LiveCopy(request);
  }

  /** Takes rows; gives a promise when it can take no more for now, and nothing once the statement has failed. */
  write(rows: Buffer): Promise<void> | undefined {
    if (this.broken || this.writer.write(rows)) return undefined;
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  /**
   * Ends the rows and waits for the statement.
   *
   * @returns the rows that were written
   * @throws what the statement throws
   */
  async end(): Promise<number> {
    try {
      if (!this.broken) this.writer.end();
      return await this.copied;
    } finally {
      await rm(this.request.pipe, { force: true });
    }
  }

  /** Stops the statement, whatever it is doing, and waits until it has ended. */
  async abandon(): Promise<void> {
    this.giveUp();
    this.stop.abort(cancelled());
    // A statement that comes to open the pipe only now waits for a writer; each of these is one, and goes at once.
    const waker = setInterval(() => {
      try {
        closeSync(openSync(this.request.pipe, constants.O_RDWR | constants.O_NONBLOCK));
      } catch {
        clearInterval(waker);
      }
    }, WAKE_MS);
    await this.copied.catch(() => undefined);
    clearInterval(waker);
    await rm(this.request.pipe, { force: true });
  }

  private giveUp(): void {
    this.broken = true;
    this.writer.destroy();
    this.wake();
  }
}
