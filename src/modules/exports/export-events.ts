import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type EventStream, EventStreams } from '../../platform/http/index.js';
import type { Principal } from '../../platform/security/index.js';
import { ExportDto } from './dto/export.dto.js';
import type { Export } from './entities/export.entity.js';
import { ExportsService } from './exports.service.js';

/** How often it is looked how far an export is, whichever process makes it. */
const LOOK_MS = 500;

/** Tells people what becomes of an export while it waits and is made. */
@Injectable()
export class ExportEvents {
  private readonly logger = new Logger(ExportEvents.name);

  constructor(
    private readonly exports: ExportsService,
    private readonly streams: EventStreams,
  ) {}

  /**
   * Starts a stream of `progress`, whenever there is something new, and `finished` when it has ended, which is its last event.
   *
   * @param lastId of the last event that the caller has got before: what it said is not said again
   * @returns null when that was the last one there is
   * @throws DomainError `not_found`, `rate_limited`, `overloaded`
   */
  async follow(id: number, lastId: string, caller: Principal, reply: FastifyReply): Promise<EventStream | null> {
    const one = await this.exports.get(id, caller);
    if (one.completedAt !== null && lastId === idOf(one)) return null;
    const stream = this.streams.start(reply, caller.userId);
    this.tell(one, lastId, caller, stream)
      .catch((error: unknown) => {
        // Removed while it was followed.
        if (!(error instanceof DomainError)) this.logger.error(error);
      })
      .finally(() => stream.end());
    return stream;
  }

  private async tell(begun: Export, lastId: string, caller: Principal, stream: EventStream): Promise<void> {
    let [one, told] = [begun, lastId];
    while (!stream.ended.aborted) {
      const id = idOf(one);
      const event = one.completedAt === null ? 'progress' : 'finished';
      if (id !== told) stream.send({ id, event, data: ExportDto.from(one) });
      if (one.completedAt !== null) return;
      told = id;
      await pause(LOOK_MS, undefined, { signal: stream.ended }).catch(() => undefined);
      if (!stream.ended.aborted) one = await this.exports.get(one.id, caller);
    }
  }
}

/** Another one whenever there is something new to tell. */
function idOf({ status, progress, completedAt }: Export): string {
  return completedAt === null ? `${status}-${progress}` : 'finished';
}
