import { createHash, timingSafeEqual } from 'node:crypto';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { MetricsConfig } from '../../../platform/config/index.js';
import { DomainError } from '../../../platform/errors/domain-error.js';

/** Lets in who sends the token of the configuration: a scraper is no person, and must get in when the database does not answer. */
@Injectable()
export class ScrapeGuard implements CanActivate {
  constructor(private readonly config: MetricsConfig) {}

  canActivate(context: ExecutionContext): boolean {
    const { token } = this.config;
    if (token === undefined) {
      throw new DomainError(
        'forbidden',
        'This server gives nobody its metrics. Set METRICS_TOKEN to have them scraped.',
      );
    }
    const { authorization = '' } = context.switchToHttp().getRequest<FastifyRequest>().headers;
    const [, sent] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    if (sent === undefined || !isSame(sent, token)) {
      throw new DomainError('unauthenticated', 'Send the token that METRICS_TOKEN has as a bearer token.');
    }
    return true;
  }
}

/** In the same time, wherever they differ and however long they are. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
