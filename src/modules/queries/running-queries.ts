import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import PQueue from 'p-queue';
import { QueryConfig } from '../../platform/config/index.js';

interface Run {
  abort: AbortController;
  done: Promise<void>;
}

/** The queries that this process is running or about to run: bounded in number, and each can be cancelled. */
@Injectable()
export class RunningQueries implements BeforeApplicationShutdown {
  private readonly runs = new Map<number, Run>();
  private readonly queue: PQueue;

  constructor(config: QueryConfig) {
    this.queue = new PQueue({ concurrency: config.concurrency });
  }

  /**
   * Runs the work as soon as there is a free slot. The work records its own failures, and its cancellation.
   *
   * @returns resolves when the work is done
   */
  start(queryId: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const abort = new AbortController();
    const done = this.takeTurn(work, abort.signal).finally(() => this.runs.delete(queryId));
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

  private async takeTurn(work: (signal: AbortSignal) => Promise<void>, signal: AbortSignal): Promise<void> {
    let running: Promise<void> | undefined;
    const turn = this.queue.add(() => (running = work(signal)), { signal });
    await turn.catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    // Cancelled while it waited: the work needs no slot to record that.
    await (running ?? work(signal));
  }
}
