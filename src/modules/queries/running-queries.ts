import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { inSameName } from '../../platform/audit/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type Claim, FairQueue } from './fair-queue.js';

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
  private readonly queue: FairQueue;
  private closing = false;

  constructor(private readonly config: QueryConfig) {
    const { concurrency, concurrencyPerUser: perUser, concurrencyPerSource: perSource } = config;
    this.queue = new FairQueue({ concurrency, perUser, perSource });
  }

  /** The queries that run or wait here. */
  get ids(): number[] {
    return [...this.runs.keys()];
  }

  /** @throws DomainError `overloaded` when nothing more can be taken on: too many wait, or too many of this person's, or the server is stopping */
  admit(userId: number): void {
    if (this.closing) {
      throw new DomainError('overloaded', 'The server is stopping. Try again in a few seconds.', RETRY);
    }
    const { mostWaiting, mostWaitingPerUser } = this.config;
    if (this.queue.size(userId) >= mostWaitingPerUser) {
      throw new DomainError('overloaded', 'Too many of your queries are waiting. Wait for some of them to end.', RETRY);
    }
    if (this.queue.size() >= mostWaiting) {
      throw new DomainError('overloaded', 'Too many queries are waiting. Try again in a few seconds.', RETRY);
    }
  }

  /**
   * Runs the work as soon as there is a free slot and it is this person's turn.
   *
   * @returns resolves when the work is done, and never rejects: what nobody foresaw is logged
   * @throws DomainError `overloaded`
   */
  start(queryId: number, claim: Claim, work: Work): Promise<void> {
    this.admit(claim.userId);
    const abort = new AbortController();
    const done = this.takeTurn(claim, inSameName(work), abort.signal)
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
  private takeTurn(claim: Claim, work: Work, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = async (): Promise<void> => {
        signal.removeEventListener('abort', stopWaiting);
        const held: Promise<unknown>[] = [];
        const running = work(signal, (rest) => held.push(rest));
        running.then(resolve, reject);
        await Promise.allSettled([running]);
        await Promise.allSettled(held);
      };
      // Cancelled while it waits: the work needs no slot to record that.
      const stopWaiting = (): void => {
        if (leave()) work(signal, () => undefined).then(resolve, reject);
      };
      signal.addEventListener('abort', stopWaiting, { once: true });
      const leave = this.queue.add(claim, turn);
    });
  }
}

const RETRY = { retryAfterSeconds: 5 };
