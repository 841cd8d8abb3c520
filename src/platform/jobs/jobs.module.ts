import { Global, Module } from '@nestjs/common';
import { MetricsModule } from '../observability/metrics.module.js';
import { JobMetrics } from './job-metrics.js';
import { JobQueue } from './job-queue.js';

@Global()
@Module({ imports: [MetricsModule], providers: [JobMetrics, JobQueue], exports: [JobQueue] })
export class JobsModule {}
