import { JobKind } from '../../../platform/jobs/index.js';

const HOUR = 3600;

/** Asks the questions of a run that have not been asked yet. */
export const DO_RUN = new JobKind<{ runId: number }>('evaluation.run', {
  timeLimitSeconds: 4 * HOUR,
  tries: 3,
  retryDelaySeconds: 5,
});

/** Begins a run of a suite whose time has come. */
export const BEGIN_RUN = new JobKind<{ suiteId: number }>('evaluation.begin', { timeLimitSeconds: 60, tries: 3 });

export function scheduleKey(suiteId: number): string {
  return `suite-${suiteId}`;
}
