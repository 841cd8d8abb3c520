import { JobKind } from '../../platform/jobs/index.js';

/** Longer than any run may work, so that it is the run that says that its time is up. */
const LONGEST_SECONDS = 2 * 3600;

/** Has an agent do one task. */
export const DO_TASK = new JobKind<{ agentRunId: number }>('agent.task', {
  timeLimitSeconds: LONGEST_SECONDS,
  tries: 3,
  retryDelaySeconds: 2,
});

/** Goes on with an orchestrator run, from its first step that has not been done. */
export const GO_ON = new JobKind<{ runId: number }>('orchestrator.run', {
  timeLimitSeconds: LONGEST_SECONDS,
  tries: 5,
  retryDelaySeconds: 2,
});
