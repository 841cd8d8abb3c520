/** Server-sent events as a client reads them. */
import type { Client } from './client.js';

export interface ReceivedEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

export interface Following {
  status: number;
  headers: Headers;
  /** Everything that has come so far. */
  events: ReceivedEvent[];
  /** What stands between events: comments, and how long to wait before coming back. */
  others: string[];
  /** Resolves when the stream has ended; rejects when it was cut. */
  ended: Promise<void>;
  /** The client goes away. */
  leave: () => void;
}

/** Follows `/queries/{id}/events`, or another stream. */
export async function follow(client: Client, path: string, lastEventId?: string): Promise<Following> {
  const going = new AbortController();
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  return readEvents(await client.raw(`/api/v1${path}`, { headers, signal: going.signal }), going);
}

/** The events of an answer that is made of them. */
export function readEvents(response: Response, going: AbortController): Following {
  const events: ReceivedEvent[] = [];
  const others: string[] = [];
  const read = async (): Promise<void> => {
    let text = '';
    const decoder = new TextDecoder();
    for await (const part of response.body ?? []) {
      text += decoder.decode(part as Uint8Array, { stream: true });
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
        const [id, event, data] = [fields.get('id'), fields.get('event'), fields.get('data')];
        if (event === undefined || data === undefined) others.push(block);
        else events.push({ id: id ?? '', event, data: JSON.parse(data) as Record<string, unknown> });
      }
    }
  };
  const ended = read();
  ended.catch(() => undefined);
  return { status: response.status, headers: response.headers, events, others, ended, leave: () => going.abort() };
}
