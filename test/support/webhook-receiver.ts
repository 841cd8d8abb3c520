/** A receiver of webhooks on loopback: keeps what comes, and answers as it is told. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from './patience.js';

export interface ReceivedCall {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export class WebhookReceiver {
  readonly calls: ReceivedCall[] = [];
  /** Statuses to answer with, one after the other; 200 when there is none left. */
  readonly answers: number[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {
    server.on('request', (request, reply) => {
      let body = '';
      request.setEncoding('utf8');
      request.on('data', (text: string) => {
        body += text;
      });
      request.on('end', () => {
        this.calls.push({ path: request.url ?? '', headers: request.headers, body });
        if (request.url === '/elsewhere') return reply.writeHead(302, { location: `${url}/secret` }).end();
        if (request.url === '/talkative') return void reply.writeHead(200).end('x'.repeat(5_000_000));
        return reply.writeHead(this.answers.shift() ?? 200).end('thanks');
      });
    });
  }

  static async open(): Promise<WebhookReceiver> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WebhookReceiver(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  /** Calls to a path, once there are so many. */
  callsTo(path: string, count: number): Promise<ReceivedCall[]> {
    const received = async () => this.calls.filter((call) => call.path === path);
    return eventually(received, (calls) => calls.length >= count);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

/** The signature that Standard Webhooks 1.0 asks for, made here by itself. */
export function expectedSignature(secret: string, { headers, body }: ReceivedCall): string {
  const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
}
