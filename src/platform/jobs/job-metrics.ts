import { Injectable } from '@nestjs/common';
import { Metrics } from '../observability/metrics.js';

/** How one try of a job has ended: it may be tried again (`failed`), or will not be (`given_up`). */
export type TryOutcome = 'completed' | 'failed' | 'given_up';

/** Counts tries of jobs by kind. */
@Injectable()
export class JobMetrics {
  private readonly tries;
  private readonly durations;

  constructor(private readonly metrics: Metrics) {
    this.tries = metrics.counter('lumiere_job_tries_total', 'Tries of jobs in this process, by how they ended.', [
      'kind',
      'outcome',
    ]);
    this.durations = metrics.durations('lumiere_job_duration_seconds', 'How long tries of jobs took.', ['kind']);
  }

  count(kind: string, outcome: TryOutcome, ms: number): void {
    this.tries.inc({ kind, outcome });
    this.durations.observe({ kind }, ms / 1000);
  }

  /** Tells how many jobs of the whole installation wait, by kind. @param look is called when somebody asks */
  watchWaiting(look: () => Promise<ReadonlyMap<string, number>>): void {
    const help = 'Jobs of the whole installation that are due and not begun, as of the last fifteen seconds.';
    this.metrics.gauge('lumiere_jobs_waiting', help, look, 'kind');
  }
}
