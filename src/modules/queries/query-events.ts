import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type EventStream, EventStreams } from '../../platform/http/index.js';
import type { Principal } from '../../platform/security/index.js';
import { QueryProgressEventDto, type QueryStatusEventDto } from './dto/events.dto.js';
import { QuerySummaryDto } from './dto/query.dto.js';
import { isUnfinished, type Query } from './entities/query.entity.js';
import { QueriesService } from './queries.service.js';
import { RunningQueries, type RunState } from './running-queries.js';

/** How often a run in this process is looked at, and one in another by its row. */
const LOOK_MS = 500;
const LOOK_ELSEWHERE_MS = 1_000;

/** Tells people what becomes of a query while it waits and runs. */
@Injectable()
export class QueryEvents {
  private readonly logger = new Logger(QueryEvents.name);

  constructor(
    private readonly queries: QueriesService,
    private readonly running: RunningQueries,
    private readonly streams: EventStreams,
  ) {}

  /**
   * Starts a stream of `status` and `progress`, and `finished` when the query has ended, which is its last event.
   *
   * @param lastId of the last event that the caller has got before: what it said is not said again
   * @returns null when that was the last one there is
   * @throws DomainError `not_found`, `rate_limited`, `overloaded`
   */
  async follow(id: number, lastId: string, caller: Principal, reply: FastifyReply): Promise<EventStream | null> {
    const query = await this.queries.get(id, caller);
    if (!isUnfinished(query) && lastId === finishedId(query)) return null;
    const stream = this.streams.start(reply, caller.userId);
    this.tell(query, lastId, caller, stream)
      .catch((error: unknown) => {
        // Removed while it was followed.
        if (!(error instanceof DomainError)) this.logger.error(error);
      })
      .finally(() => stream.end());
    return stream;
  }

  private async tell(begun: Query, lastId: string, caller: Principal, stream: EventStream): Promise<void> {
    let query = begun;
    let told = /^(running|progress)-/.test(lastId) ? statusKey({ status: 'running', place: null }) : '';
    while (!stream.ended.aborted) {
      const run = this.running.look(query.id);
      // Where it has just ended here, or goes on in another process, its row says how it stands.
      if (run === null) query = await this.queries.get(query.id, caller);
      if (run === null && !isUnfinished(query)) {
        return stream.send({ id: finishedId(query), event: 'finished', data: QuerySummaryDto.from(query) });
      }
      const status = statusOf(query, run);
      const now = Date.now();
      if (statusKey(status) !== told) stream.send({ id: `${status.status}-${now}`, event: 'status', data: status });
      told = statusKey(status);
      if (status.status === 'running') {
        stream.send({ id: `progress-${now}`, event: 'progress', data: QueryProgressEventDto.from(query, run) });
      }
      await nextLook(run, stream.ended);
    }
  }
}

function statusOf(query: Query, run: RunState | null): QueryStatusEventDto {
  if (run === null) return { status: query.status, place: null };
  return run.begunAt === null ? { status: 'pending', place: run.place } : { status: 'running', place: null };
}

function statusKey({ status, place }: QueryStatusEventDto): string {
  return `${status} ${place}`;
}

/** A query that is answered after it has asked back ends again, at another time. */
function finishedId(query: Query): string {
  return `finished-${query.finishedAt?.getTime() ?? 0}`;
}

/** Resolves after a while, as soon as the run has ended, or when nobody listens any more. */
async function nextLook(run: RunState | null, ended: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const signal = AbortSignal.any([ended, enough.signal]);
  const pause = delay(run === null ? LOOK_ELSEWHERE_MS : LOOK_MS, undefined, { signal }).catch(() => undefined);
  await Promise.race(run === null ? [pause] : [pause, run.done]);
  enough.abort();
}
