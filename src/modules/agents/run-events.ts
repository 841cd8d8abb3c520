import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../../platform/errors/domain-error.js';
import { type EventStream, EventStreams, type ServerEvent } from '../../platform/http/index.js';
import type { Principal } from '../../platform/security/index.js';
import { RunEndedEventDto, StepEventDto } from './dto/run-events.dto.js';
import type { AgentRun } from './entities/agent-run.entity.js';
import type { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { OrchestratorRunsService } from './orchestrator-runs.service.js';
import { isAtRest } from './run-status.js';

const LOOK_MS = 300;

/** Tells people how far a run of several agents is. */
@Injectable()
export class RunEvents {
  private readonly logger = new Logger(RunEvents.name);

  constructor(
    private readonly runs: OrchestratorRunsService,
    private readonly streams: EventStreams,
  ) {}

  /**
   * Starts a stream of the events of a run, which ends when the run has come to rest. All of them are made of what is kept, so
   * whoever comes back gets those that they have missed, also from another process.
   *
   * @param lastId of the last event that the caller has got before: it goes on behind it
   * @returns null when that was the last one there is
   * @throws DomainError `not_found`, `rate_limited`, `overloaded`
   */
  async follow(id: number, lastId: string, caller: Principal, reply: FastifyReply): Promise<EventStream | null> {
    const run = await this.runs.get(id, caller);
    const events = eventsOf(run, await this.runs.stepsOf(run));
    const told = placeOf(lastId);
    if (isAtRest(run.status) && told >= events.length) return null;
    const stream = this.streams.start(reply, caller.userId);
    this.tell(id, told, caller, stream)
      .catch((error: unknown) => {
        // Removed while it was followed.
        if (!(error instanceof DomainError)) this.logger.error(error);
      })
      .finally(() => stream.end());
    return stream;
  }

  private async tell(id: number, begin: number, caller: Principal, stream: EventStream): Promise<void> {
    let told = begin;
    while (!stream.ended.aborted) {
      const run = await this.runs.get(id, caller);
      const events = eventsOf(run, await this.runs.stepsOf(run));
      for (const event of events.slice(told)) stream.send(event);
      told = Math.max(told, events.length);
      if (isAtRest(run.status)) return;
      await pause(LOOK_MS, undefined, { signal: stream.ended }).catch(() => undefined);
    }
  }
}

/**
 * Everything that has happened so far, in order; more comes only at the end, so the place of an event is its id. A step begins
 * after the one before has ended.
 */
function eventsOf(run: OrchestratorRun, steps: readonly AgentRun[]): ServerEvent[] {
  const events: ServerEvent[] = steps.flatMap((step) => {
    if (step.startedAt === null) return [];
    const isOver = isAtRest(step.status);
    const began = { event: 'step', data: StepEventDto.begun(step) };
    const ended = isOver ? [{ event: 'step', data: StepEventDto.ended(step) }] : [];
    return [
      began,
      ...ended,
      ...(step.status === 'needs_answer' ? [{ event: 'needs_answer', data: StepEventDto.ended(step) }] : []),
    ];
  });
  const isFinished = isAtRest(run.status) && run.status !== 'needs_answer';
  if (isFinished) events.push({ event: 'finished', data: RunEndedEventDto.from(run) });
  return events.map((event, place) => ({ ...event, id: String(place + 1) }));
}

function placeOf(lastId: string): number {
  return /^\d{1,9}$/.test(lastId) ? Number(lastId) : 0;
}
