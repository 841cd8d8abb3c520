import type { EnvironmentReader } from './environment.js';

/** What this process does: answer requests, work on jobs, or both. */
export const ROLES = ['all', 'api', 'worker'] as const;
export type Role = (typeof ROLES)[number];

export class JobsConfig {
  readonly role: Role;
  /** Jobs of one kind that this process works on at the same time. */
  readonly concurrency: number;

  /** @param embedded whether the system of record is in this process */
  constructor(env: EnvironmentReader, embedded: boolean) {
    this.role = env.oneOf('LUMIERE_ROLE', 'all', ROLES);
    this.concurrency = env.integer('JOB_CONCURRENCY', 2, { min: 1, max: 64 });
    if (this.role !== 'all' && embedded) {
      env.refuse(
        'LUMIERE_ROLE must be all with the embedded database, which one process alone can use. Set DATABASE_URL.',
      );
    }
  }

  get worksOnJobs(): boolean {
    return this.role !== 'api';
  }

  get answersRequests(): boolean {
    return this.role !== 'worker';
  }
}
