import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';

const FIELD = /^(from|to)\.([a-z][a-z0-9_]{0,49})$/;

/** The names of the two fields of a form that a range is given in. */
export function rangeFields(name: string): { from: string; to: string } {
  return { from: `from.${name}`, to: `to.${name}` };
}

/** A form without a script sends the two ends of a range apart: `from.day=…&to.day=…` becomes `filter=day:…..…`. */
@Injectable()
export class RangeFields implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    request.query = joined(request.query as Record<string, unknown>);
    return next.handle();
  }
}

function joined(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const ends = new Map<string, { from: string; to: string }>();
  const rest: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(query)) {
    const [, end, name] = FIELD.exec(key) ?? [];
    if (name === undefined || typeof value !== 'string') rest[key] = value;
    else ends.set(name, { ...(ends.get(name) ?? { from: '', to: '' }), [end ?? '']: value });
  }
  if (ends.size === 0) return rest;
  // Both left open: everything, in the place of the preset.
  const ranges = [...ends].map(([name, { from, to }]) => `${name}:${from === '' && to === '' ? '' : `${from}..${to}`}`);
  const chosen = rest['filter'] ?? [];
  return { ...rest, filter: [...(Array.isArray(chosen) ? (chosen as unknown[]) : [chosen]), ...ranges] };
}
