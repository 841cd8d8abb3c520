import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  Logger,
  type NestInterceptor,
  StreamableFile,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { catchError, finalize, from, mergeMap, type Observable, of } from 'rxjs';
import { AuditLog } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { idempotencyKeyOf, PROBLEM_KINDS, refusalOf } from '../../platform/http/index.js';
import { type Attempt, IdempotencyKeys, type KeptAnswer } from './idempotency-keys.service.js';

/**
 * `Idempotency-Key`, for every POST that needs a caller: a request that is sent again gets the answer that its first sending
 * got, and does nothing. Kept are answers of success, and refusals that come from having tried; what was not valid, not
 * there, not possible at the moment, or went wrong on our side may be tried again with the same key.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  private readonly logger = new Logger(IdempotencyInterceptor.name);

  constructor(
    private readonly keys: IdempotencyKeys,
    private readonly audit: AuditLog,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const { user, url, body } = request;
    const key = idempotencyKeyOf(request);
    if (key === null || user === undefined) return next.handle();
    const { userId, apiKeyId } = user;
    const claim = await this.keys.claim({ userId, apiKeyId, key, url, body });
    const reply = http.getResponse<FastifyReply>();
    if (claim.kind === 'repetition') {
      // What comes again may hold rows of a source.
      const details = { path: url.split('?')[0] };
      await this.audit.record({ action: 'idempotency_key.replayed', objectId: claim.id, details });
      return of(answerAgain(reply, claim.answer));
    }
    return this.first(claim.attempt, next, reply);
  }

  private first(attempt: Attempt, next: CallHandler, reply: FastifyReply): Observable<unknown> {
    const letGo = this.keys.hold(attempt);
    return next.handle().pipe(
      mergeMap(async (body: unknown) => {
        if (body instanceof StreamableFile) await this.settle(this.keys.release(attempt));
        else await this.settle(this.keys.keep(attempt, answerOf(reply, body)));
        return body;
      }),
      catchError((error: unknown) =>
        from(this.settle(this.refused(attempt, error))).pipe(
          mergeMap(() => {
            throw error;
          }),
        ),
      ),
      finalize(letGo),
    );
  }

  private refused(attempt: Attempt, error: unknown): Promise<void> {
    const { code, detail, errors = [], members = {} } = refusalOf(error);
    const isFinal = PROBLEM_KINDS[code].status === 422 && code !== 'validation_failed';
    return isFinal
      ? this.keys.keep(attempt, { refusal: { code, detail, errors, members } })
      : this.keys.release(attempt);
  }

  /** The work is done, whatever becomes of the note of it: the answer goes out, and the attempt is given up by its lease. */
  private async settle(note: Promise<void>): Promise<void> {
    try {
      await note;
    } catch (error) {
      this.logger.error(error);
    }
  }
}

function answerOf(reply: FastifyReply, body: unknown): KeptAnswer {
  const location = reply.getHeader('location');
  return { status: reply.statusCode, location: typeof location === 'string' ? location : null, body };
}

function answerAgain(reply: FastifyReply, answer: KeptAnswer): unknown {
  reply.header('idempotency-replayed', 'true');
  if ('refusal' in answer) {
    const { code, detail, errors, members } = answer.refusal;
    throw new DomainError(code, detail, { errors, members });
  }
  reply.status(answer.status);
  if (answer.location !== null) reply.header('location', answer.location);
  return answer.body;
}
