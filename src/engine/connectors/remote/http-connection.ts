/**
 * HTTP to a remote source over Node's own client, which lets the connection be made here, as the address policy needs it,
 * and gives the body piece by piece.
 */
import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request as httpRequest } from 'node:http';
import { connect, isIPv6, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { EngineError } from '../../errors.js';
import type { AddressPolicy } from './address-policy.js';
import { interruptibly, sourceTimeout } from './interruption.js';
import { openConnection, type Route } from './open-connection.js';
import { readOptions, type SourceAddress } from './source-address.js';
import { networkError, notItsProtocol, tlsFailed } from './source-errors.js';

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** With its query; never with anything secret. */
  path: string;
  headers: OutgoingHttpHeaders;
  body?: string;
  /** How long the source may say nothing, in milliseconds; without it, only the signal ends the request. */
  silenceMs?: number;
}

const MAX_HEADER_BYTES = 64_000;
const MAX_SOCKETS = 4;
/** So that a peer that has gone without a word is noticed while a long statement runs. */
const PROBE_MS = 15_000;

/**
 * Connections to one source. The host is resolved and checked once, and every connection goes to the address that answered
 * first, encrypted as the first one was. Redirects are never followed, and nothing is decompressed.
 */
export class HttpConnection {
  /** From the first packet until the source accepts statements. */
  readonly connectTimeoutMs: number;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  private readonly sockets = new Set<Socket>();
  private route: Route | undefined;
  /** The connection by which the route was found, until a request takes it. */
  private first: Socket | undefined;
  private answered = false;

  /**
   * @param server what should answer there, with its article
   * @throws EngineError `source_option_not_allowed`
   */
  constructor(
    private readonly source: SourceAddress,
    private readonly policy: AddressPolicy,
    private readonly server: string,
  ) {
    this.connectTimeoutMs = readOptions(source.options).connectTimeoutMs;
    this.agent.createConnection = () => this.takeSocket();
  }

  get isEncrypted(): boolean {
    return this.route !== undefined && this.route.tls !== false;
  }

  /** Scheme, host and port of the source, as they stand in a URL. */
  get origin(): string {
    return `${this.isEncrypted ? 'https' : 'http'}://${this.authority}`;
  }

  /**
   * Finds out how the source is reached.
   *
   * @throws EngineError `source_address_not_allowed`, `source_unreachable`, `source_tls_failed`, `source_timeout`; what the
   *   signal was aborted for
   */
  async open(signal: AbortSignal): Promise<void> {
    const { source, policy, server } = this;
    await openConnection({
      source,
      policy,
      signal,
      timeoutMs: this.connectTimeoutMs,
      connect: async (route, timeoutMs) => {
        const { socket, ready } = this.dial(route);
        await interruptibly(ready, timeoutMs, signal, () => socket.destroy());
        this.route = route;
        this.first = socket;
      },
      explain: (error) => networkError(error, server, true),
    });
  }

  /**
   * Sends a request and waits for the head of its answer. The body has to be read, or the answer destroyed.
   *
   * @throws EngineError `source_unreachable` before the source has ever answered, `source_lost` later, `source_timeout`,
   *   `source_address_not_allowed` for a redirect; what the signal was aborted for
   */
  async request(
    { method, path, headers, body, silenceMs }: HttpRequest,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = httpRequest({
        agent: this.agent,
        method,
        path,
        headers: { ...headers, host: this.authority, 'accept-encoding': 'identity', 'user-agent': 'lumiere' },
        maxHeaderSize: MAX_HEADER_BYTES,
      });
      let end = (error: Error): void => void sent.destroy(error);
      const onAbort = (): void => end(reasonOf(signal));
      signal.addEventListener('abort', onAbort, { once: true });
      if (silenceMs !== undefined) sent.setTimeout(silenceMs, () => end(sourceTimeout(silenceMs)));
      sent.once('close', () => signal.removeEventListener('abort', onAbort));
      sent.on('error', reject);
      sent.once('response', (head) => {
        end = (error) => void head.destroy(error);
        resolve(head);
      });
      sent.end(body);
    }).catch((error: unknown) => {
      throw networkError(error, this.server, !this.answered);
    });
    return this.checked(answer);
  }

  /**
   * Reads a body to its end.
   *
   * @throws EngineError as `pieces` does, and `source_lost` for one that is longer
   */
  async read(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const piece of this.pieces(answer)) {
      bytes += piece.length;
      if (bytes > maxBytes) throw notItsProtocol();
      parts.push(piece);
    }
    return Buffer.concat(parts);
  }

  /**
   * The body as it comes, no faster than it is taken.
   *
   * @throws EngineError `source_lost` when it breaks off, `source_timeout`; what the signal of the request was aborted for
   */
  async *pieces(answer: IncomingMessage): AsyncGenerator<Buffer> {
    try {
      for await (const piece of answer) yield piece as Buffer;
      this.answered = true;
    } catch (error) {
      throw networkError(error, this.server, !this.answered);
    } finally {
      answer.destroy();
    }
  }

  close(): void {
    this.agent.destroy();
    for (const socket of this.sockets) socket.destroy();
  }

  private get authority(): string {
    const { host, port } = this.source;
    return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  }

  private checked(answer: IncomingMessage): IncomingMessage {
    const { statusCode = 0, headers } = answer;
    const encoding = headers['content-encoding'] ?? 'identity';
    if (statusCode >= 200 && (statusCode < 300 || statusCode >= 400) && encoding === 'identity') return answer;
    answer.destroy();
    if (statusCode < 300 || statusCode >= 400) throw notItsProtocol();
    throw new EngineError(
      'source_address_not_allowed',
      'The source sends us to another address, which is not followed. Give the address of the server itself.',
    );
  }

  private takeSocket(): Socket {
    const { first, route } = this;
    this.first = undefined;
    if (first && !first.destroyed) return first;
    if (!route) throw new TypeError('The connection is not open.');
    const { socket, ready } = this.dial(route);
    // What goes wrong is told to the request that the connection is made for.
    ready.catch(() => undefined);
    return socket;
  }

  private dial({ address, port, tls }: Route): { socket: Socket; ready: Promise<void> } {
    const plain = connect({ host: address, port, keepAlive: true, keepAliveInitialDelay: PROBE_MS });
    const socket: Socket = tls ? connectTls({ ...tls, socket: plain }) : plain;
    this.sockets.add(socket);
    const ready = new Promise<void>((resolve, reject) => {
      let reached = false;
      plain.once('connect', () => {
        reached = true;
      });
      socket.once(tls ? 'secureConnect' : 'connect', resolve);
      const fail = (error: Error): void =>
        reject(tls && reached ? tlsFailed(error) : networkError(error, this.server, true));
      plain.on('error', fail);
      socket.on('error', fail);
      socket.once('close', () => {
        this.sockets.delete(socket);
        fail(new Error('The connection was closed.'));
      });
    });
    return { socket, ready };
  }
}

/**
 * A text as the value of a header, in UTF-8.
 *
 * @throws EngineError `source_refused` for one that cannot be a header
 */
export function headerText(text: string): string {
  if (!/\p{Cc}/u.test(text)) return Buffer.from(text, 'utf8').toString('latin1');
  throw new EngineError(
    'source_refused',
    'User name, password and database must not hold control characters, which HTTP cannot carry.',
  );
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('The request was aborted.');
}
