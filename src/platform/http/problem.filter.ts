import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EngineError } from '../../engine/errors.js';
import { DomainError, type ErrorCode, type FieldError } from '../errors/domain-error.js';
import { problemBody } from './problem.js';

/** What is told of an error. */
export interface Refusal {
  code: ErrorCode;
  detail: string;
  errors?: FieldError[];
  retryAfterSeconds?: number | undefined;
  members?: Readonly<Record<string, unknown>>;
}

/** How to prove that one may, where it is not by a token: browsers ask for it by themselves (RFC 7617). */
const CHALLENGES: Partial<Record<ErrorCode, string>> = {
  link_password_needed: 'Basic realm="Shared dashboard", charset="UTF-8"',
};

/** Turns whatever was thrown into a problem answer. What was not thrown on purpose is logged and told as `internal_error`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const reply = http.getResponse<FastifyReply>();
    const refusal = refusalOf(error);
    if (refusal.code === 'internal_error') request.log.error({ err: error }, 'request failed');
    if (reply.sent || reply.raw.destroyed) return;

    const body = { ...refusal.members, ...problemBody(refusal.code, refusal.detail, request, refusal.errors) };
    if (body.status === 401) reply.header('www-authenticate', CHALLENGES[body.code] ?? 'Bearer');
    if (refusal.retryAfterSeconds !== undefined) reply.header('retry-after', String(refusal.retryAfterSeconds));
    reply.status(body.status).type('application/problem+json').send(body);
  }
}

/** What is told of whatever was thrown. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof DomainError) return { ...error, code: error.code, detail: error.detail };
  if (error instanceof EngineError) return { code: error.code, detail: error.message };
  if (error instanceof HttpException) return refusalOfNest(error);
  if (error instanceof Error && 'statusCode' in error) return refusalOfFastify(error.statusCode, error);
  return internal();
}

function refusalOfNest(error: HttpException): Refusal {
  switch (error.getStatus()) {
    case 400:
      return { code: 'malformed_request', detail: `${sentence(error.message)} Correct the request and send it again.` };
    case 401:
      return { code: 'unauthenticated', detail: 'Sign in first: send a valid bearer token or API key.' };
    case 403:
      return { code: 'forbidden', detail: 'You may not do this.' };
    case 404:
      return {
        code: 'route_not_found',
        detail: 'There is no such route. The API is described at /api/docs.',
      };
    case 413:
      return tooLarge();
    case 415:
      return wrongMediaType();
    default:
      return internal();
  }
}

/** Errors of Fastify itself: a body that is no JSON, too large, or of another type. */
function refusalOfFastify(status: unknown, error: Error): Refusal {
  switch (status) {
    case 413:
      return tooLarge();
    case 415:
      return wrongMediaType();
    case 400:
      return { code: 'malformed_request', detail: `The request could not be read: ${sentence(error.message)}` };
    default:
      return internal();
  }
}

function tooLarge(): Refusal {
  return {
    code: 'payload_too_large',
    detail:
      'The request body is larger than this server accepts. Send less at once, or ask your administrator to raise LUMIERE_MAX_BODY_KB.',
  };
}

function wrongMediaType(): Refusal {
  return {
    code: 'unsupported_media_type',
    detail: 'Send the body as application/json (uploads as multipart/form-data).',
  };
}

function internal(): Refusal {
  return {
    code: 'internal_error',
    detail: 'Something went wrong on our side. Try again; if it stays, give your administrator the request_id.',
  };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
