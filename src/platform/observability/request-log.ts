import { LogController } from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One line per request, when it is answered. Health checks and scrapes come every few seconds and say nothing. */
export class RequestLog extends LogController {
  constructor() {
    super({ requestIdLogLabel: 'request_id' });
  }

  override incomingRequest(): void {
    // Told with its outcome, in requestCompleted.
  }

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    if (request.url.startsWith('/health') || isScrape(request, reply)) return;
    const line = { req: request, status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 };
    if (error) reply.log.error({ ...line, err: error }, 'request failed');
    else reply.log.info(line, 'request');
  }
}

function isScrape({ url }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  return url === '/metrics' && statusCode === 200;
}
