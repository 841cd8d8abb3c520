import { Injectable, type OnModuleInit } from '@nestjs/common';
import { DomainEvents } from '../../../platform/events/index.js';
import { Metrics } from '../../../platform/observability/metrics.js';
import { QUERY_FINISHED, type QueryFinished } from '../domain-events.js';

/** Counts queries that this process has brought to their end. */
@Injectable()
export class QueryMetrics implements OnModuleInit {
  private readonly queries;
  private readonly durations;

  constructor(
    metrics: Metrics,
    private readonly events: DomainEvents,
  ) {
    this.queries = metrics.counter('lumiere_queries_total', 'Queries that have come to their end, by how.', [
      'engine',
      'origin',
      'outcome',
    ]);
    this.durations = metrics.durations(
      'lumiere_query_duration_seconds',
      'How long statements took at their source; a result that was taken over from an earlier run is not counted.',
      ['engine'],
    );
  }

  onModuleInit(): void {
    this.events.on(QUERY_FINISHED, (query) => this.count(query));
  }

  private count({ engine, origin, status, executionMs, cacheHit }: Readonly<QueryFinished>): void {
    this.queries.inc({ engine, origin, outcome: status });
    if (executionMs !== null && !cacheHit) this.durations.observe({ engine }, executionMs / 1000);
  }
}
