/** How a reply comes about: told in events that can be taken up again, once at a time, and ended when its process dies. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers, SHOP } from './support/data.js';
import { type Following, follow, readEvents } from './support/events.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';
import { type Message, Talk } from './support/talk.js';

describe('the reply to a message', () => {
  let server: TestServer;
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    server = await startServer();
    ada = await newAccount(server.url);
    ({ id: source } = await newSource(ada.client, { ...SHOP, 'numbers.csv': numbers(1000) }));
  });
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const begin = (): Promise<Talk> => Talk.begin(ada, { data_source_id: source });
  const stream = async (talk: Talk, text: string, headers: Record<string, string> = {}): Promise<Following> => {
    const going = new AbortController();
    const response = await ada.client.raw(`/api/v1${talk.path}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
      body: JSON.stringify({ text }),
      signal: going.signal,
    });
    return readEvents(response, going);
  };
  const namesOf = ({ events }: Following): string[] => events.map(({ event }) => event);
  const dataOf = ({ events }: Following, name: string): Record<string, unknown> =>
    events.find(({ event }) => event === name)?.data ?? {};
  /** What takes for ever, until the query is known. */
  const startEndless = async (talk: Talk): Promise<{ reply: number; query: number }> => {
    const { status, body } = await ada.client.post<Message>(`${talk.path}/messages?wait=0`, { text: ENDLESS_SQL });
    expect([status, body.status]).toEqual([202, 'in_progress']);
    const { query_id } = await eventually(
      async () => (await ada.client.get<Message>(`${talk.path}/messages/${body.id}`)).body,
      (message) => message.query_id !== null,
    );
    return { reply: body.id, query: query_id ?? 0 };
  };
  const cancel = (query: number) => ada.client.post(`/queries/${query}/cancel`);

  it('is streamed: what was said, how it is read, the answer with its rows, and the end', async () => {
    const talk = await begin();
    const streamed = await stream(talk, 'How many orders are there?');
    expect([streamed.status, streamed.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    await streamed.ended;
    expect(namesOf(streamed).filter((name) => name !== 'running')).toEqual([
      'message',
      'interpretation',
      'answer',
      'done',
    ]);
    const { reply_id: reply } = dataOf(streamed, 'message');
    expect(dataOf(streamed, 'message')).toMatchObject({
      message: { role: 'user', text: 'How many orders are there?' },
    });
    expect(dataOf(streamed, 'interpretation')).toMatchObject({
      paraphrase: 'Number of orders.',
      sql: expect.stringContaining('COUNT(*)'),
      interpretation: expect.any(Array),
    });
    expect(dataOf(streamed, 'answer')).toMatchObject({
      id: reply,
      text: 'Number of orders: 7.',
      query: { rows: [[7]] },
    });
    expect(dataOf(streamed, 'done')).toEqual({ message_id: reply, status: 'complete' });
    expect(streamed.headers.get('location')).toBe(`/api/v1${talk.path}/messages/${String(reply)}`);
  });

  it('is streamed where no query answers it', async () => {
    const greeted = await stream(await begin(), 'hello');
    await greeted.ended;
    expect(namesOf(greeted)).toEqual(['message', 'answer', 'done']);
    expect(dataOf(greeted, 'answer')).toMatchObject({ kind: 'help', query: null });
  });

  it('is streamed with a large answer in it', async () => {
    const talk = await begin();
    const streamed = await stream(talk, "SELECT n, repeat('wide ', 1000) AS text FROM numbers ORDER BY n");
    await streamed.ended;
    expect(dataOf(streamed, 'answer')).toMatchObject({ status: 'complete', query: { row_count: 1000 } });
    expect(namesOf(streamed).at(-1)).toBe('done');
  });

  it('can be followed again from where somebody was', async () => {
    const talk = await begin();
    const { reply, query } = await startEndless(talk);
    const first = await follow(ada.client, `${talk.path}/messages/${reply}/events`);
    await eventually(
      () => Promise.resolve(namesOf(first)),
      (names) => names.includes('running'),
    );
    expect(namesOf(first)).toEqual(['message', 'interpretation', 'running']);
    first.leave();
    const lastId = first.events.at(-1)?.id ?? '';
    const second = await follow(ada.client, `${talk.path}/messages/${reply}/events`, lastId);
    await cancel(query);
    await second.ended;
    expect(namesOf(second)).toEqual(['answer', 'done']);
    expect(dataOf(second, 'answer')).toMatchObject({
      kind: 'failure',
      status: 'failed',
      error: { code: 'query_cancelled' },
    });
    const all = await follow(ada.client, `${talk.path}/messages/${reply}/events`);
    await all.ended;
    expect(namesOf(all)).toEqual(['message', 'interpretation', 'answer', 'done']);
    const path = `/api/v1${talk.path}/messages/${reply}/events`;
    const over = await ada.client.raw(path, { headers: { 'last-event-id': all.events.at(-1)?.id ?? '' } });
    expect(over.status).toBe(204);
  });

  it('is found only by its owner, and what was said has none of its own', async () => {
    const talk = await begin();
    const { id, reply_to_id: said } = await talk.say('hello');
    const bob = await newAccount(server.url);
    expect((await follow(bob.client, `${talk.path}/messages/${id}/events`)).status).toBe(404);
    expect((await follow(ada.client, `${talk.path}/messages/${said ?? 0}/events`)).status).toBe(404);
  });

  it('goes on when the client goes away', async () => {
    const talk = await begin();
    const streamed = await stream(talk, 'How many customers are there?');
    streamed.leave();
    const last = await eventually(
      async () => (await talk.messages()).at(-1),
      (message) => message?.status === 'complete',
    );
    expect(last?.text).toBe('Number of customers: 4.');
  });

  it('is one at a time: what is said meanwhile is refused, and can be said afterwards', async () => {
    const talk = await begin();
    const { query } = await startEndless(talk);
    const refused = await talk.post('How many orders are there?');
    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
      409,
      'conversation_busy',
      '1',
    ]);
    const branch = await ada.client.post<Problem>(`${talk.path}/branches`, {
      message_id: (await talk.messages()).at(-1)?.id,
    });
    expect(branch.body.code).toBe('conversation_busy');
    await cancel(query);
    await eventually(
      async () => (await talk.messages()).at(-1)?.status,
      (status) => status === 'failed',
    );
    expect(await talk.say('How many orders are there?')).toMatchObject({ kind: 'answer' });
  });

  it('is one of several that are said at the very same moment', async () => {
    const talk = await begin();
    const answers = await Promise.all(Array.from({ length: 5 }, () => talk.post('How many orders are there?')));
    const statuses = answers.map(({ status }) => status).sort();
    expect(new Set(statuses)).toEqual(new Set([201, 409]));
    const messages = await talk.messages();
    expect(messages.length).toBe(2 * statuses.filter((status) => status === 201).length);
    expect(messages.map(({ role }) => role)).toEqual(messages.map((_, n) => (n % 2 === 0 ? 'user' : 'assistant')));
  });

  it('is the same when the message is sent again with its key, streamed or not', async () => {
    const talk = await begin();
    const key = { 'idempotency-key': `again-${talk.id}` };
    const first = await stream(talk, 'How many orders are there?', key);
    await first.ended;
    const second = await stream(talk, 'How many orders are there?', key);
    await second.ended;
    expect(dataOf(second, 'done')).toEqual(dataOf(first, 'done'));
    expect((await talk.messages()).length).toBe(2);
    const other = await talk.post('How many customers are there?', {}, key);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    const plain = await begin();
    const [one, two] = [await plain.post('hello', {}, key), await plain.post('hello', {}, key)];
    expect([two.headers.get('idempotency-replayed'), two.body.id]).toEqual(['true', one.body.id]);
  });

  it('ends when the conversation is deleted', async () => {
    const talk = await begin();
    const { reply, query } = await startEndless(talk);
    const following = await follow(ada.client, `${talk.path}/messages/${reply}/events`);
    expect((await ada.client.delete(talk.path)).status).toBe(200);
    await following.ended;
    expect((await ada.client.get(`/queries/${query}`)).status).toBe(404);
  });

  // The last one: afterwards it is another process.
  it('fails in clear words when its process is killed, and the conversation goes on', async () => {
    const talk = await begin();
    await talk.say('How many orders in 2024?');
    const { reply } = await startEndless(talk);
    await server.kill();
    const { dataDir } = server;
    server = await startServer({}, dataDir);
    ada = { ...ada, client: ada.client.at(server.url) };
    const again = Talk.of(ada, talk.id);
    const { body } = await ada.client.get<Message>(`${again.path}/messages/${reply}`);
    expect(body).toMatchObject({
      status: 'failed',
      kind: 'failure',
      text: expect.stringContaining('Say it again'),
      error: { code: 'query_interrupted' },
    });
    expect((await again.say('and in 2025?')).query?.rows).toEqual([[6]]);
  });
});
