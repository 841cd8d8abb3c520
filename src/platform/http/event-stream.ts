import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

export interface ServerEvent {
  event: string;
  /** Written as JSON. */
  data: unknown;
  /** What the client gives as `Last-Event-ID` when it comes back. */
  id?: string;
}

/** What a reader may have left unread when something more is to be said, in bytes, beside what the connection itself holds. */
const MOST_UNREAD_BYTES = 64 * 1024;
/** Proxies end connections on which nothing is said for long, often after a minute. */
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it comes back. */
const RETRY_MS = 2_000;

/**
 * An answer made of server-sent events (WHATWG HTML, "Server-sent events"). It ends when it is told to, or when nobody reads
 * it any more: the client has gone, or reads more slowly than events come and is cut off.
 */
export class EventStream {
  private readonly body = new Readable({ read: () => undefined });
  private readonly over = new AbortController();
  private readonly heartbeat: NodeJS.Timeout;
  /** Aborts when it has ended, for whatever reason. */
  readonly ended = this.over.signal;
  /** To be given back by the route. */
  readonly answer = new StreamableFile(this.body, { type: 'text/event-stream; charset=utf-8' });

  constructor(reply: FastifyReply) {
    // No proxy may keep events back, pack them or keep them for others.
    reply.header('cache-control', 'no-cache, no-transform').header('x-accel-buffering', 'no');
    reply.raw.once('close', () => this.cut());
    this.heartbeat = setInterval(() => this.write(':\n\n'), HEARTBEAT_MS);
    this.write(`retry: ${RETRY_MS}\n\n`);
  }

  send({ event, data, id }: ServerEvent): void {
    const fields = [...(id === undefined ? [] : [`id: ${id}`]), `event: ${event}`, `data: ${JSON.stringify(data)}`];
    this.write(`${fields.join('\n')}\n\n`);
  }

  /** Ends it after what has been sent. */
  end(): void {
    if (this.ended.aborted) return;
    this.body.push(null);
    this.stop();
  }

  private write(text: string): void {
    if (this.ended.aborted) return;
    // Whoever has read all that came before may be sent an event of any size.
    if (this.body.readableLength > MOST_UNREAD_BYTES) this.cut();
    else this.body.push(text);
  }

  private cut(): void {
    this.stop();
    this.body.destroy();
  }

  private stop(): void {
    clearInterval(this.heartbeat);
    this.over.abort();
  }
}
