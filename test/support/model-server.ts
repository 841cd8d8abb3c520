/**
 * An endpoint that speaks the OpenAI protocol ("Chat Completions", "Embeddings"), with everything that goes wrong at such
 * endpoints: what it does about a call is said beforehand, or found by looking at the call.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export interface ChatCall {
  path: string;
  authorization: string | undefined;
  model: string;
  /** What was said to be done. */
  instructions: string;
  prompt: string;
  body: Record<string, unknown>;
}

export type Behaviour =
  /** A stream that stays open for a while after its text. */
  | { text: string; usage?: { prompt_tokens: number; completion_tokens: number }; afterMs?: number; stayMs?: number }
  /** An error as the endpoint tells it. */
  | { status: number; headers?: Record<string, string> }
  /** 200, but what comes is no JSON. */
  | 'garbled'
  /** Takes the call and never answers. */
  | 'hang'
  /** Breaks off in the middle of the body. */
  | 'cut'
  /** Never stops to answer. */
  | 'huge'
  | 'redirect';

export type Answering = (call: ChatCall) => Behaviour;

export const USAGE = { prompt_tokens: 100, completion_tokens: 20 };

export class ModelServer {
  readonly calls: ChatCall[] = [];
  /** Calls that are being answered, and the most there were at the same time. */
  open = 0;
  mostOpen = 0;
  /** What is done when nothing was said. */
  otherwise: Answering = () => ({ text: 'Hello.' });
  /** Where a text lies. */
  vectorOf: (text: string) => number[] = asLongAsItIs;
  private readonly planned: Behaviour[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  static async start(): Promise<ModelServer> {
    const double = new ModelServer();
    double.server.listen(0, '127.0.0.1');
    await once(double.server, 'listening');
    return double;
  }

  get url(): string {
    const address = this.server.address();
    return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/v1`;
  }

  /** What to do about the next calls, one after the other. */
  next(...behaviours: Behaviour[]): void {
    this.planned.push(...behaviours);
  }

  /** Forgets what was planned and what has been. */
  reset(): void {
    this.planned.length = 0;
    this.calls.length = 0;
    this.mostOpen = 0;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.open += 1;
    this.mostOpen = Math.max(this.mostOpen, this.open);
    response.on('close', () => (this.open -= 1));
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>;
    const messages = (body['messages'] ?? []) as { role: string; content: string }[];
    const call: ChatCall = {
      path: request.url ?? '',
      authorization: request.headers.authorization,
      model: String(body['model']),
      instructions: messages.find(({ role }) => role === 'system')?.content ?? '',
      prompt: messages.findLast(({ role }) => role === 'user')?.content ?? '',
      body,
    };
    this.calls.push(call);
    const behaviour = this.planned.shift() ?? this.otherwise(call);
    if (behaviour === 'hang') return;
    if (behaviour === 'redirect')
      return void response.writeHead(307, { location: 'http://127.0.0.1:9/elsewhere' }).end();
    if (typeof behaviour === 'object' && 'status' in behaviour) {
      response.writeHead(behaviour.status, { 'content-type': 'application/json', ...behaviour.headers });
      const message = `What you have sent was: ${JSON.stringify(body).slice(0, 200)}`;
      return void response.end(JSON.stringify({ error: { message, type: 'error', code: null } }));
    }
    if (behaviour === 'garbled') {
      return void response.writeHead(200, { 'content-type': 'application/json' }).end('{"choices": [{"mess');
    }
    if (call.path === '/v1/embeddings') return this.embed(body, response);
    const isStream = body['stream'] === true;
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' });
    if (behaviour === 'huge') return pour(response);
    if (behaviour === 'cut') {
      response.write(
        isStream ? chunk(call.model, { content: 'Once ' }) : '{"id": "chat-1", "choices": [{"message": {"content": "On',
      );
      setTimeout(() => response.destroy(), 20);
      return;
    }
    const { text, usage = USAGE, afterMs = 0, stayMs = 0 } = behaviour;
    if (afterMs > 0) await new Promise((resolve) => setTimeout(resolve, afterMs));
    const told = { ...usage, total_tokens: usage.prompt_tokens + usage.completion_tokens };
    if (!isStream) {
      const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
      const answer = { id: 'chat-1', object: 'chat.completion', created: 1, model: call.model, choices, usage: told };
      return void response.end(JSON.stringify(answer));
    }
    for (const content of text.match(/.{1,6}/gs) ?? []) response.write(chunk(call.model, { content }));
    if (stayMs > 0) await new Promise((resolve) => setTimeout(resolve, stayMs).unref());
    response.write(chunk(call.model, {}, 'stop'));
    const last = {
      id: 'chat-1',
      object: 'chat.completion.chunk',
      created: 1,
      model: call.model,
      choices: [],
      usage: told,
    };
    response.end(`data: ${JSON.stringify(last)}\n\ndata: [DONE]\n\n`);
  }

  private embed(body: Record<string, unknown>, response: ServerResponse): void {
    const texts = body['input'] as string[];
    const data = texts.map((text, index) => ({ object: 'embedding', index, embedding: this.vectorOf(text) }));
    const usage = { prompt_tokens: texts.length * 10, total_tokens: texts.length * 10 };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ object: 'list', data, model: body['model'], usage }));
  }
}

function chunk(model: string, delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: 'chat-1', object: 'chat.completion.chunk', created: 1, model, choices })}\n\n`;
}

/** Longer the longer the text: whoever gets it has to bring it to length 1. */
function asLongAsItIs(text: string): number[] {
  return [text.length, 1, 0];
}

function pour(response: ServerResponse): void {
  response.write('{"choices": [{"message": {"content": "');
  const piece = 'x'.repeat(64 * 1024);
  const more = (): void => {
    if (response.destroyed) return;
    if (response.write(piece)) setImmediate(more);
    else response.once('drain', more);
  };
  more();
}
