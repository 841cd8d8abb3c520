import { Injectable } from '@nestjs/common';
import { Metrics } from '../../platform/observability/metrics.js';
import { RunningQueries } from './running-queries.js';

/** Tells how many queries run in this process, and how many wait for their turn. */
@Injectable()
export class RunningQueryMetrics {
  constructor(
    metrics: Metrics,
    private readonly running: RunningQueries,
  ) {
    metrics.gauge(
      'lumiere_queries_under_way',
      'Queries that run in this process or wait there for their turn.',
      () => this.count(),
      'state',
    );
  }

  private count(): ReadonlyMap<string, number> {
    const states = this.running.ids.map((id) => this.running.look(id));
    const running = states.filter((state) => state !== null && state.begunAt !== null).length;
    return new Map([
      ['running', running],
      ['waiting', states.length - running],
    ]);
  }
}
