import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { QueryConfig } from '../../platform/config/index.js';

interface Run {
  abort: AbortController;
  done: Promise<void>;
}

/** The queries that this process is running or about to run: bounded in number, and each can be cancelled. */
@Injectable()
export class RunningQueries implements BeforeApplicationShutdown {
  private readonly runs = new Map<number, Run>();
  private readonly slots: ReturnType<typeof pLimit>;

  constructor(config: QueryConfig) {
    this.slots = pLimit(config.concurrency);
  }

  /**
   * Runs the work as soon as there is a free slot. The work records its own failures and does not reject.
   *
   * @returns resolves when the work is done
   */
  start(queryId: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    const done = this.slots(() => work(abort.signal)).finally(() => this.runs.delete(queryId));
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
    await Promise.all([...this.runs.keys()].map((queryId) => this.cancel(queryId)));
  }
}
