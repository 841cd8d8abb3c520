import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import fastify, { type FastifyInstance } from 'fastify';
import { EventStream } from './event-stream.js';

describe('a stream of server-sent events', () => {
  let server: FastifyInstance;
  let socket: Socket | undefined;

  afterEach(async () => {
    socket?.destroy();
    await server.close();
  });

  /** A stream that somebody has asked for over a connection that they may or may not read. */
  const opened = async (): Promise<{ stream: EventStream; reader: Socket }> => {
    let started: (stream: EventStream) => void = () => undefined;
    const stream = new Promise<EventStream>((resolve) => (started = resolve));
    server = fastify({ forceCloseConnections: true });
    server.get('/', (_, reply) => {
      const made = new EventStream(reply);
      started(made);
      return reply.type('text/event-stream').send(made.answer.getStream());
    });
    await server.listen({ host: '127.0.0.1', port: 0 });
    const address = server.server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const reader = connect(port, '127.0.0.1');
    socket = reader;
    reader.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return { stream: await stream, reader };
  };
  const endOf = (stream: EventStream): Promise<void> =>
    new Promise((resolve) => {
      if (stream.ended.aborted) resolve();
      else stream.ended.addEventListener('abort', () => resolve());
    });

  it('writes events as the standard has them, and ends', async () => {
    const { stream, reader } = await opened();
    let text = '';
    reader.on('data', (data) => (text += data.toString()));
    stream.send({ id: '7', event: 'status', data: { note: 'two\nlines' } });
    stream.end();
    stream.send({ event: 'status', data: 'too late' });
    while (!text.includes('0\r\n\r\n')) await new Promise((resolve) => setImmediate(resolve));
    expect(text).toContain('id: 7\nevent: status\ndata: {"note":"two\\nlines"}\n\n');
    expect(text).toContain('retry: 2000\n\n');
    expect(text).not.toContain('too late');
  });

  it('cuts off who does not read, rather than keep what they have not read', async () => {
    const { stream, reader } = await opened();
    reader.pause();
    const filler = 'x'.repeat(4_000);
    let sent = 0;
    for (; !stream.ended.aborted && sent < 100_000; sent += 1) {
      stream.send({ event: 'filler', data: filler });
      if (sent % 8 === 7) await new Promise((resolve) => setImmediate(resolve));
    }
    await endOf(stream);
    // The buffers of the two ends of the connection take some megabytes.
    expect(sent).toBeLessThan(10_000);
    const closed = new Promise((resolve) => reader.once('close', resolve));
    reader.on('error', () => undefined).resume();
    await closed;
  });

  it('ends when the client goes away', async () => {
    const { stream, reader } = await opened();
    reader.destroy();
    await endOf(stream);
    expect(stream.ended.aborted).toBe(true);
  });
});
