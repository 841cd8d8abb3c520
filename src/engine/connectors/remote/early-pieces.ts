import { stat } from 'node:fs/promises';

/** Writes the rows of one piece of text as Parquet, and says how many they were. */
export type PieceWriter = (text: string, target: string, signal: AbortSignal) => Promise<number>;

/**
 * Turns pieces of a result into Parquet, one after the other, while further ones come from the source. It is work ahead:
 * when a piece cannot be written this way, no further one is tried, and all is written from the text when it is whole.
 */
export class EarlyPieces {
  /** Bytes of what has been written. */
  bytes = 0;
  /** Rows of what has been written. */
  rows = 0;
  private readonly targets: string[] = [];
  private readonly written: string[] = [];
  private readonly stopped = new AbortController();
  private readonly signal: AbortSignal;
  private readonly waiting: string[] = [];
  private working: Promise<void> | undefined;
  private failed = false;

  constructor(
    private readonly write: PieceWriter,
    signal: AbortSignal,
  ) {
    this.signal = AbortSignal.any([signal, this.stopped.signal]);
  }

  /** Takes the next piece, which is whole. */
  add(text: string): void {
    this.waiting.push(text);
    this.working ??= this.work();
  }

  /**
   * Waits for the piece that is being written and begins no other.
   *
   * @returns the Parquet files of the first pieces, in their order; null when one could not be written
   */
  async end(): Promise<string[] | null> {
    this.waiting.length = 0;
    await this.working;
    return this.failed ? null : this.written;
  }

  /**
   * As `end`, for when they are not wanted any more.
   *
   * @returns the files that are there, or may be
   */
  async stop(): Promise<readonly string[]> {
    this.stopped.abort();
    await this.end();
    return this.targets;
  }

  private async work(): Promise<void> {
    try {
      for (let text = this.waiting.shift(); text !== undefined && !this.failed; text = this.waiting.shift()) {
        const target = `${text}.parquet`;
        this.targets.push(target);
        const rows = await this.write(text, target, this.signal);
        this.bytes += (await stat(target)).size;
        this.rows += rows;
        this.written.push(target);
      }
    } catch {
      // The reason is met again, and told, when the result is written from its text.
      this.failed = true;
    } finally {
      this.working = undefined;
    }
  }
}
