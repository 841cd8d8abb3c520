import { Controller, Get, Header, UseGuards, VERSION_NEUTRAL } from '@nestjs/common';
import { ApiOkResponse, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../../../platform/http/index.js';
import { Public } from '../../../platform/security/index.js';
import { Metrics } from '../../../platform/observability/metrics.js';
import { ScrapeGuard } from './scrape.guard.js';

@ApiTags('Health')
@Controller({ path: 'metrics', version: VERSION_NEUTRAL })
export class MetricsController {
  constructor(private readonly metrics: Metrics) {}

  /** What this process has counted, in the text format of Prometheus. For whoever sends `METRICS_TOKEN` as a bearer token. */
  @Get()
  @Public()
  @UseGuards(ScrapeGuard)
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @Header('cache-control', 'no-store')
  @ApiProduces('text/plain')
  @ApiOkResponse({ description: 'Metrics.', schema: { type: 'string' } })
  @ApiProblems('unauthenticated', 'forbidden')
  scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
