import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ResultStreamsConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { ReadingLimits } from '../../platform/http/index.js';

/** When a place may be free again. */
const RETRY_AFTER_SECONDS = 10;

/** Bounds how many files are on their way to clients at the same time, of each person and of all: each holds its reader until it has been taken. */
@Injectable()
export class ResultStreams {
  private readonly ofUser = new Map<number, number>();
  private open = 0;

  constructor(private readonly config: ResultStreamsConfig) {}

  /** How long a client may take for a file. */
  get limits(): ReadingLimits {
    return { idleMs: this.config.idleMs, longestMs: this.config.longestMs };
  }

  /**
   * Opens a stream if there is a place for it, which it keeps until it is closed.
   *
   * @param signal closes the stream when it aborts, also when nobody has begun to read
   * @throws DomainError `rate_limited` when the person has too many open, `overloaded` when this server has
   */
  async admit<T extends { stream: Readable }>(userId: number, signal: AbortSignal, open: () => Promise<T>): Promise<T> {
    this.enter(userId);
    try {
      const opened = await open();
      const { stream } = opened;
      const close = (): void => void stream.destroy();
      stream.once('close', () => {
        signal.removeEventListener('abort', close);
        this.leave(userId);
      });
      if (signal.aborted) close();
      else signal.addEventListener('abort', close, { once: true });
      return opened;
    } catch (error) {
      this.leave(userId);
      throw error;
    }
  }

  private enter(userId: number): void {
    const own = this.ofUser.get(userId) ?? 0;
    const retry = { retryAfterSeconds: RETRY_AFTER_SECONDS };
    if (own >= this.config.concurrencyPerUser) {
      const detail = `You are taking ${own} files already. Wait until one of them has arrived, and try again.`;
      throw new DomainError('rate_limited', detail, retry);
    }
    if (this.open >= this.config.concurrency) {
      throw new DomainError('overloaded', 'Too many files are on their way. Try again in a moment.', retry);
    }
    this.ofUser.set(userId, own + 1);
    this.open += 1;
  }

  private leave(userId: number): void {
    const left = (this.ofUser.get(userId) ?? 0) - 1;
    if (left > 0) this.ofUser.set(userId, left);
    else this.ofUser.delete(userId);
    this.open -= 1;
  }
}
