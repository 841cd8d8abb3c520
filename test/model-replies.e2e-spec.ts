/** Replies that a model writes about a result: only what is in the rows, sentence by sentence, and plain words without it. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, newAccount } from './support/client.js';
import { newSource, SHOP } from './support/data.js';
import { follow, type ReceivedEvent } from './support/events.js';
import { ModelServer } from './support/model-server.js';
import { removeDataDir, startServer } from './support/server.mjs';
import { Stored } from './support/stored.js';
import { type Message, Talk } from './support/talk.js';

type Told = Message & { model: string | null };

/** Total amount by country: Germany 300, and others. */
const QUESTION = 'total amount by country';
const cell = (row: number, column: string) => ({ row, column, finding: null });
const line = (text: string, ...cites: object[]): string => `${JSON.stringify({ text, cites })}\n`;

describe('replies about a result', () => {
  let model: ModelServer;
  let server: Awaited<ReturnType<typeof startServer>>;
  let ada: Account;
  let shop: number;
  let column: string;
  let germany: number;

  beforeAll(async () => {
    model = await ModelServer.start();
    server = await startServer({
      LUMIERE_LLM_BASE_URL: model.url,
      LUMIERE_LLM_MODEL: 'writer-1',
      LUMIERE_LLM_TIMEOUT_SECONDS: '2',
      LUMIERE_LLM_RETRIES: '0',
    });
    ada = await newAccount(server.url);
    ({ id: shop } = await newSource(ada.client, SHOP));
    model.otherwise = () => ({ text: 'nothing of use' });
    const { query } = await (await talk()).say(QUESTION);
    column = query?.columns[1]?.name ?? '';
    germany = query?.rows?.findIndex(([country]) => country === 'Germany') ?? -1;
  }, 150_000);
  beforeEach(() => model.reset());
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await model.stop();
  });

  const talk = (): Promise<Talk> => Talk.begin(ada, { data_source_id: shop });
  const say = async (text = QUESTION): Promise<Told> => (await (await talk()).say(text)) as Told;

  it('are written by the model, as far as their figures are in the rows that they cite', async () => {
    const text =
      line('Germany comes to 300.', cell(germany, column)) +
      line('That is 42 per cent of everything.', cell(germany, column)) +
      line('See https://example.com for more.') +
      line('No other figure is needed.');
    model.next({ text });
    const conversation = await talk();
    const reply = (await conversation.say(QUESTION)) as Told;
    expect(reply).toMatchObject({
      kind: 'answer',
      text: 'Germany comes to 300. No other figure is needed.',
      model: 'writer-1',
    });
    expect((await conversation.messages()).at(-1)).toMatchObject({ text: reply.text, model: 'writer-1' });
    expect(model.calls[0]?.prompt).toContain('Germany');
    // Once somebody may not see the rows any more, the words are not told either.
    const rules = [{ table: 'orders', column: 'amount', mask: 'hide', roles: ['analyst', 'admin'] }];
    await ada.client.put(`/data-sources/${shop}/rules`, { rules });
    expect((await conversation.messages()).at(-1)).toMatchObject({ outdated: true, model: null });
    expect((await conversation.messages()).at(-1)?.text).not.toContain('300');
    await ada.client.put(`/data-sources/${shop}/rules`, { rules: [] });
  });

  it('come as they are written, and from where somebody was', async () => {
    const text = line('Germany comes to 300.', cell(germany, column)) + line('It has the first word.');
    model.next({ text, stayMs: 1000 });
    const conversation = await talk();
    const begun = await ada.client.post<Told>(`${conversation.path}/messages?wait=0`, { text: QUESTION });
    const path = `${conversation.path}/messages/${begun.body.id}/events`;
    const stream = await follow(ada.client, path);
    await stream.ended;
    const names = (events: readonly ReceivedEvent[]): string[] => events.map(({ event }) => event);
    expect(names(stream.events).filter((name) => name !== 'running')).toEqual([
      'message',
      'interpretation',
      'text',
      'text',
      'answer',
      'done',
    ]);
    const [first, second] = stream.events.filter(({ event }) => event === 'text');
    expect([first?.data, second?.data]).toEqual([
      { text: 'Germany comes to 300.' },
      { text: 'It has the first word.' },
    ]);
    expect(stream.events.at(-2)?.data['text']).toBe('Germany comes to 300. It has the first word.');
    const again = await follow(ada.client, path, first?.id);
    await again.ended;
    expect(names(again.events)).toEqual(['answer', 'done']);
  });

  it.each([['garbled' as const], ['hang' as const], [{ status: 500 }], [{ text: 'No line of JSON.' }]])(
    'are plain when the model does not help: %j',
    async (failure) => {
      model.next(failure);
      const reply = await say();
      expect(reply).toMatchObject({ kind: 'answer', status: 'complete', model: null });
      expect(reply.text).toContain('300');
    },
  );

  it('are plain where there is one value, and no model is asked', async () => {
    expect(await say('How many orders are there?')).toMatchObject({ text: 'Number of orders: 7.', model: null });
    expect(model.calls).toEqual([]);
  });

  it('are plain when the budget is used up', async () => {
    const stored = await Stored.embedded(server.dataDir);
    try {
      await stored.rows(
        `INSERT INTO budgets (user_id, metric, limit_value, period, action) VALUES ($1, 'model_api_calls', 1, 'month', 'block')`,
        [ada.id],
      );
      expect(await say()).toMatchObject({ kind: 'answer', model: null });
      expect(model.calls).toEqual([]);
    } finally {
      await stored.rows('DELETE FROM budgets');
      await stored.close();
    }
  });
});
