import { Global, Module } from '@nestjs/common';
import { MetricsModule } from '../observability/metrics.module.js';
import { EventStreams } from './event-streams.js';
import { HttpMetrics } from './http-metrics.js';

@Global()
@Module({ imports: [MetricsModule], providers: [EventStreams, HttpMetrics], exports: [EventStreams, HttpMetrics] })
export class HttpModule {}
