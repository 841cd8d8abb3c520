export { JobsModule } from './jobs.module.js';
export { type EnqueueOptions, JobQueue, type JobSchedule } from './job-queue.js';
export { type JobHandler, JobKind, type JobTry, NotWorthRetrying } from './job-kind.js';
