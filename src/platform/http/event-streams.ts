import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import { Metrics } from '../observability/metrics.js';
import { EventStream } from './event-stream.js';

/** Streams that one person may have open in this process. */
const MOST_PER_PERSON = 20;
const RETRY = { retryAfterSeconds: 5 };

/** The streams of events that are open: bounded for each person, and ended when the server stops. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly open = new Map<number, Set<EventStream>>();
  private closing = false;

  constructor(metrics: Metrics) {
    metrics.gauge('lumiere_event_streams', 'Streams of server-sent events that are open.', () =>
      [...this.open.values()].reduce((sum, { size }) => sum + size, 0),
    );
  }

  /** @throws DomainError `rate_limited` when the person has too many open, `overloaded` when the server is stopping */
  start(reply: FastifyReply, userId: number): EventStream {
    if (this.closing) throw new DomainError('overloaded', 'The server is stopping. Try again in a few seconds.', RETRY);
    const ofPerson = this.open.get(userId) ?? new Set();
    if (ofPerson.size >= MOST_PER_PERSON) {
      throw new DomainError('rate_limited', 'You follow too many things at the same time. Close some streams.', RETRY);
    }
    const stream = new EventStream(reply);
    this.open.set(userId, ofPerson.add(stream));
    stream.ended.addEventListener('abort', () => {
      ofPerson.delete(stream);
      if (ofPerson.size === 0) this.open.delete(userId);
    });
    return stream;
  }

  beforeApplicationShutdown(): void {
    this.closing = true;
    for (const ofPerson of this.open.values()) for (const stream of ofPerson) stream.end();
  }
}
