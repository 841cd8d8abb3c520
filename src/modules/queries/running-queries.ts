import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import PQueue from 'p-queue';
import { inSameName } from '../../platform/audit/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';

/**
 * What is to be run. It records its own failures, and its cancellation; what goes on at the source after it has come
 * back is given to `hold`.
 */
export type Work = (signal: AbortSignal, hold: (rest: Promise<unknown>) => void) => Promise<void>;

interface Run {
  abort: AbortController;
  /** Resolves when the end of the run is recorded; never rejects. */
  done: Promise<void>;
}

/** The queries that this process is running or about to run: bounded in number, and each can be cancelled. */
@Injectable()
export class RunningQueries implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RunningQueries.name);
  private readonly runs = new Map<number, Run>();
  private readonly queue: PQueue;
  private closing = false;

  constructor(private readonly config: QueryConfig) {
    this.queue = new PQueue({ concurrency: config.concurrency });
  }

  /** The queries that run or wait here. */
  get ids(): number[] {
    return [...this.runs.keys()];
  }

  /** @throws DomainError `overloaded` when nothing more can be taken on: too many wait, or the server is stopping */
  admit(): void {
    if (this.closing) {
      throw new DomainError('overloaded', 'The server is stopping. Try again in a few seconds.', RETRY);
    }
    if (this.queue.size >= this.config.mostWaiting) {
      throw new DomainError('overloaded', 'Too many queries are waiting. Try again in a few seconds.', RETRY);
    }
  }

  /**
   * Runs the work as soon as there is a free slot.
   *
   * @returns resolves when the work is done, and never rejects: what nobody foresaw is logged
   * @throws DomainError `overloaded`
   */
  start(queryId: number, work: Work): Promise<void> {
    this.admit();
    const abort = new AbortController();
    const done = this.takeTurn(inSameName(work), abort.signal)
      .catch((error: unknown) => {
        this.logger.error(error);
      })
      .finally(() => this.runs.delete(queryId));
    this.runs.set(queryId, { abort, done });
    return done;
  }

  /** Cancels a run and waits until its end is recorded; false when this process is not running it. */
  async cancel(queryId: number): Promise<boolean> {
    const run = this.runs.get(queryId);
    if (run === undefined) return false;
    run.abort.abort();
    await run.done;
    return true;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await Promise.allSettled(this.ids.map((queryId) => this.cancel(queryId)));
  }

  /** A run that has started keeps its slot until nothing of it goes on, cancelled or not. */
  private takeTurn(work: Work, signal: AbortSignal): Promise<void> {
    const waiting = new AbortController();
    const stopWaiting = (): void => waiting.abort();
    signal.addEventListener('abort', stopWaiting, { once: true });
    return new Promise((resolve, reject) => {
      const turn = async (): Promise<void> => {
        signal.removeEventListener('abort', stopWaiting);
        const held: Promise<unknown>[] = [];
        const running = work(signal, (rest) => held.push(rest));
        running.then(resolve, reject);
        await Promise.allSettled([running]);
        await Promise.allSettled(held);
      };
      this.queue.add(turn, { signal: waiting.signal }).catch(() => {
        // Cancelled while it waited: the work needs no slot to record that.
        work(signal, () => undefined).then(resolve, reject);
      });
    });
  }
}

const RETRY = { retryAfterSeconds: 5 };
