import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Metrics } from '../observability/metrics.js';

/** Whatever other methods there are, no route takes them. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts requests by the template of their route, which is ours, and never by the path that somebody has sent. */
@Injectable()
export class HttpMetrics {
  private readonly requests;
  private readonly durations;

  constructor(metrics: Metrics) {
    this.requests = metrics.counter('lumiere_http_requests_total', 'Requests that were answered.', [
      'method',
      'route',
      'status',
    ]);
    this.durations = metrics.durations(
      'lumiere_http_request_duration_seconds',
      'From the first byte of a request to the last of its answer; for streams of events, how long they were open.',
      ['method', 'route'],
    );
  }

  /** @param request that has been answered */
  count({ method, routeOptions, is404 }: FastifyRequest, { statusCode, elapsedTime }: FastifyReply): void {
    const labels = {
      method: METHODS.has(method) ? method : 'other',
      route: is404 ? 'none' : (routeOptions.url ?? 'none'),
    };
    this.requests.inc({ ...labels, status: String(statusCode) });
    this.durations.observe(labels, elapsedTime / 1000);
  }
}
