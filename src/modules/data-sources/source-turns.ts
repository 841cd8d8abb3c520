import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import { EngineError } from '../../engine/errors.js';
import { inSameName } from '../../platform/audit/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type Claim, FairQueue, type Ticket } from './fair-queue.js';

/** Who waits in front of a screen is told that there is no turn, rather than kept waiting. */
const LONGEST_WAIT_MS = 30_000;
const RETRY = { retryAfterSeconds: 5 };

/**
 * The turns of everything in this process that works at a source for long or over a connection: runs of queries, and looks
 * into databases. There are so many at a time, so many of one person and so many at one source, and people take turns.
 */
@Injectable()
export class SourceTurns implements BeforeApplicationShutdown {
  private readonly queue: FairQueue;
  private readonly closing = new AbortController();

  constructor(private readonly config: QueryConfig) {
    const { concurrency, concurrencyPerUser: perUser, concurrencyPerSource: perSource } = config;
    this.queue = new FairQueue({ concurrency, perUser, perSource });
  }

  /** @throws DomainError `overloaded` when nothing more can be taken on: too many wait, or too many of this person's, or the server is stopping */
  admit(userId: number): void {
    if (this.closing.signal.aborted) {
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
   * Calls `run` when its turn comes, for those who look after themselves while they wait.
   *
   * @throws DomainError `overloaded`
   */
  add(claim: Claim, run: () => Promise<unknown>): Ticket {
    this.admit(claim.userId);
    return this.queue.add(claim, run);
  }

  /**
   * Does the work when its turn comes, and gives what it gives.
   *
   * @param signal aborts when nobody waits for it any more; the work gets one that also aborts when the server stops
   * @throws DomainError `overloaded`, also when the turn has not come within half a minute; EngineError `query_cancelled`
   */
  take<T>(claim: Claim, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stopped = AbortSignal.any([signal, this.closing.signal]);
    const inTurn = inSameName(work);
    return new Promise((resolve, reject) => {
      const giveUp = (error: Error): void => {
        if (!ticket.leave()) return;
        settle();
        reject(error);
      };
      const onAbort = (): void => giveUp(new EngineError('query_cancelled', 'The run was cancelled.'));
      const late = setTimeout(() => giveUp(noTurn()), LONGEST_WAIT_MS);
      const settle = (): void => {
        clearTimeout(late);
        stopped.removeEventListener('abort', onAbort);
      };
      const turn = async (): Promise<void> => {
        settle();
        const working = inTurn(stopped);
        working.then(resolve, reject);
        await Promise.allSettled([working]);
      };
      stopped.addEventListener('abort', onAbort, { once: true });
      let ticket: Ticket;
      try {
        ticket = this.add(claim, turn);
      } catch (error) {
        settle();
        throw error;
      }
      if (stopped.aborted) onAbort();
    });
  }

  /** Nothing more is taken on, and what works or waits is stopped. */
  beforeApplicationShutdown(): void {
    this.closing.abort();
  }
}

function noTurn(): DomainError {
  return new DomainError(
    'overloaded',
    'Too much is going on at this source, or of yours, to look at it now. Wait for some queries to end, or cancel them.',
    RETRY,
  );
}
