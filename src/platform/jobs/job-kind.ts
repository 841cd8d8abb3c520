/** What may be in a job: what JSON can hold. */
export type JobPayload = Readonly<Record<string, unknown>>;

export interface JobLimits {
  /** One try may take so long; then it counts as failed. */
  timeLimitSeconds: number;
  /** How often it is tried in all, when it fails or its process dies. */
  tries: number;
  /** Before the second try, in seconds; before every further one twice as long. */
  retryDelaySeconds?: number;
  /** Jobs of this kind that one process works on at the same time; what the installation sets when left out. */
  concurrency?: number;
}

/** A kind of long work. The type of what its jobs are given is part of it. */
export class JobKind<P extends JobPayload> {
  declare private readonly payload: P;

  /** @param name lower case and dots, `domain.verb`; jobs that wait are known by it, so it stays */
  constructor(
    readonly name: string,
    readonly limits: JobLimits,
  ) {}
}

/** One try of a job. */
export interface JobTry {
  id: string;
  /** From 1. */
  attempt: number;
  /** Aborts when the time is up, when the job is cancelled, and when the server stops. */
  signal: AbortSignal;
}

/** Who works on the jobs of a kind. Jobs are tried at least once, so doing one twice must do no harm. */
export interface JobHandler<P extends JobPayload> {
  /** @throws whatever goes wrong: the job is tried again, unless it is a `NotWorthRetrying` or the tries are used up */
  work(payload: P, attempt: JobTry): Promise<void>;
  /** The job will not be tried again, and somebody may wait for it; also called when its process was killed. */
  givenUp?(payload: P, reason: string): Promise<void>;
}

/** Fails a job at once: another try would end the same. */
export class NotWorthRetrying extends Error {
  override readonly name = 'NotWorthRetrying';
}
