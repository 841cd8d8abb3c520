import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { Principal } from '../../platform/security/index.js';
import { Cancellations } from './cancellations.js';
import { isUnfinished, type Query } from './entities/query.entity.js';
import { QueriesService } from './queries.service.js';
import { RunningQueries } from './running-queries.js';

/** How often the row of a query is looked at that another process runs. */
const LOOK_MS = 500;

/** Waiting for the ends of queries, for those who have begun them. */
@Injectable()
export class QueryEnds {
  constructor(
    private readonly queries: QueriesService,
    private readonly running: RunningQueries,
    private readonly cancellations: Cancellations,
  ) {}

  /**
   * The query when it has ended, however it did. It is cancelled when the signal aborts.
   *
   * @throws DomainError `not_found` when it is removed meanwhile
   */
  async of(id: number, caller: Principal, signal: AbortSignal): Promise<Query> {
    for (;;) {
      const query = await this.queries.get(id, caller);
      if (!isUnfinished(query)) return query;
      if (signal.aborted) await this.cancellations.cancel(id);
      const enough = new AbortController();
      const stop = AbortSignal.any([signal, enough.signal]);
      const run = this.running.look(id);
      const pause = delay(LOOK_MS, undefined, { signal: signal.aborted ? enough.signal : stop }).catch(() => undefined);
      await Promise.race(run === null ? [pause] : [run.done, pause]);
      enough.abort();
    }
  }
}
