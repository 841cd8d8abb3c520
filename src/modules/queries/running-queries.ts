import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import type { RunProgress } from '../../engine/connectors/connector.js';
import { inSameName } from '../../platform/audit/index.js';
import { type Claim, SourceTurns, type Ticket } from '../data-sources/index.js';

/** What a run gets from those who started it. */
export interface RunContext {
  /** Aborts when the run is cancelled. */
  signal: AbortSignal;
  /** Takes how far the run is. */
  progress: (progress: RunProgress) => void;
}

/** What is to be run. It records its own failures, and its cancellation. */
export type Work = (context: RunContext) => Promise<void>;

interface Run {
  abort: AbortController;
  /** Resolves when the end of the run is recorded; never rejects. */
  done: Promise<void>;
  ticket: Ticket;
  begunAt: () => number | null;
  progress: () => RunProgress | null;
}

const NO_TICKET: Ticket = { place: () => null, leave: () => false };

/** A run as it is seen from outside. */
export interface RunState {
  /** How many turns are left until its own, 1 being the next; null when it does not wait any more. */
  place: number | null;
  /** When its turn came, in milliseconds since 1970; null while it waits. */
  begunAt: number | null;
  /** Null when nothing is known yet. */
  progress: RunProgress | null;
  /** Resolves when the end of the run is recorded. */
  done: Promise<void>;
}

/** The queries that this process is running or about to run: bounded in number, and each can be cancelled. */
@Injectable()
export class RunningQueries implements BeforeApplicationShutdown {
  private readonly logger = new Logger(RunningQueries.name);
  private readonly runs = new Map<number, Run>();

  constructor(private readonly turns: SourceTurns) {}

  /** The queries that run or wait here. */
  get ids(): number[] {
    return [...this.runs.keys()];
  }

  /** Null when this process is not running it. */
  look(queryId: number): RunState | null {
    const run = this.runs.get(queryId);
    if (run === undefined) return null;
    return { place: run.ticket.place(), begunAt: run.begunAt(), progress: run.progress(), done: run.done };
  }

  /** @throws DomainError `overloaded` */
  admit(userId: number): void {
    this.turns.admit(userId);
  }

  /**
   * Does what comes before a run, so that it can be cancelled as a run can.
   *
   * @param work gets what stops it; when it starts the run, the run takes its place
   */
  prepare<T>(queryId: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const working = Promise.resolve().then(() => work(abort.signal));
    const done = Promise.allSettled([working]).then(() => undefined);
    const run: Run = { abort, done, ticket: NO_TICKET, begunAt: () => null, progress: () => null };
    this.runs.set(queryId, run);
    return working.finally(() => {
      if (this.runs.get(queryId) === run) this.runs.delete(queryId);
    });
  }

  /**
   * Runs the work as soon as there is a free slot and it is this person's turn.
   *
   * @returns resolves when the work is done, and never rejects: what nobody foresaw is logged
   * @throws DomainError `overloaded`
   */
  start(queryId: number, claim: Claim, work: Work): Promise<void> {
    const abort = new AbortController();
    const { signal } = abort;
    const inTurn = inSameName(work);
    let settle: (done: Promise<void>) => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      settle = resolve;
    })
      .catch((error: unknown) => {
        this.logger.error(error);
      })
      .finally(() => this.runs.delete(queryId));
    let begunAt: number | null = null;
    let latest: RunProgress | null = null;
    const progress = (state: RunProgress): void => {
      latest = state;
    };
    const turn = async (): Promise<void> => {
      signal.removeEventListener('abort', stopWaiting);
      begunAt = Date.now();
      const running = inTurn({ signal, progress });
      settle(running);
      await Promise.allSettled([running]);
    };
    // Cancelled while it waits: the work needs no slot to record that.
    const stopWaiting = (): void => {
      if (ticket.leave()) settle(inTurn({ signal, progress }));
    };
    const ticket = this.turns.add(claim, turn);
    this.runs.set(queryId, { abort, done, ticket, begunAt: () => begunAt, progress: () => latest });
    signal.addEventListener('abort', stopWaiting, { once: true });
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
    this.turns.beforeApplicationShutdown();
    await Promise.allSettled(this.ids.map((queryId) => this.cancel(queryId)));
  }
}
