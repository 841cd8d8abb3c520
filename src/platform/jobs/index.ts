export { JobsModule } from './jobs.module.js';
export { type EnqueueOptions, JobQueue, type JobSchedule } from './job-queue.js';
export { type JobHandler, JobKind, type JobTry } from './job-kind.js';
