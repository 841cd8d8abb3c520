/** Several agents on one question: answer, check, chart, findings, text. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, newAccount, type Problem } from './support/client.js';
import { ENDLESS_SQL, newSource, numbers, SHOP, TRIPS } from './support/data.js';
import { follow } from './support/events.js';
import { type ChatCall, ModelServer } from './support/model-server.js';
import { removeDataDir, startServer } from './support/server.mjs';
import type { Page, Query } from './support/shapes.js';

interface Step {
  id: number;
  type: string;
  status: string;
  query_id: number | null;
  output: Record<string, unknown> | null;
  outdated: boolean;
  error: string | null;
  started_at: string | null;
  finished_at: string | null;
  duration_ms: number | null;
  tokens: number;
}

interface Run {
  id: number;
  name: string | null;
  status: string;
  error: string | null;
  result_summary: string | null;
  query_id: number | null;
  clarification: { question: string; options: { value: string; label: string }[] } | null;
  steps: Step[];
  tokens: number;
  cost: number;
}

const STEPS = ['sql', 'validation', 'visualization', 'insight', 'text'];

describe('orchestrator runs', () => {
  let ada: Account;
  let bob: Account;
  let source: number;

  beforeAll(async () => {
    [ada, bob] = [await newAccount(), await newAccount()];
    ({ id: source } = await newSource(ada.client, { ...SHOP, 'trips.csv': TRIPS, 'numbers.csv': numbers(1000) }));
  });

  const start = (question: string, query = '?wait=30', more: object = {}) =>
    ada.client.post<Run & Problem>(`/orchestrator-runs${query}`, {
      name: 'Test',
      input_spec: { data_source_id: source, question, ...more },
    });
  const get = async (id: number): Promise<Run> => (await ada.client.get<Run>(`/orchestrator-runs/${id}`)).body;

  it('answer, check, draw, search and tell, each step with input, output and timing', async () => {
    const { status, headers, body } = await start('Total amount by status');
    expect([status, body.status, headers.get('location')]).toEqual([
      201,
      'succeeded',
      `/api/v1/orchestrator-runs/${body.id}`,
    ]);
    expect(body.steps.map(({ type }) => type)).toEqual(STEPS);
    for (const step of body.steps) {
      expect(step).toMatchObject({ status: 'succeeded', query_id: body.query_id, outdated: false, error: null });
      expect(step.duration_ms).toBeGreaterThanOrEqual(0);
    }
    expect(body.result_summary).toBe(body.steps.at(-1)?.output?.['text']);
    expect(body.result_summary).toMatch(/There are 3 rows/);
    expect((await ada.client.get<Query>(`/queries/${body.query_id}`)).body.rows).toHaveLength(3);
  });

  it('look up documents too, if they are told to', async () => {
    await ada.client.post('/rag/documents?wait=30', {
      title: 'Status',
      content: 'The status paid means money came.',
      data_source_id: source,
    });
    const { body } = await start('Total amount by status', '?wait=30', { with_documents: true });
    expect(body.steps.map(({ type }) => type)).toEqual([
      'sql',
      'validation',
      'visualization',
      'insight',
      'retrieval',
      'text',
    ]);
    expect(body.steps[4]?.output?.['passages']).toHaveLength(1);
  });

  it('wait for an answer when the question has several readings, and go on when they have it', async () => {
    const { status, body } = await start('How many trips by price?');
    expect([status, body.status, body.steps.length]).toEqual([201, 'needs_answer', 1]);
    expect(body.clarification?.options.length).toBeGreaterThan(1);
    const path = `/orchestrator-runs/${body.id}/answer?wait=30`;
    const wrong = await ada.client.post<Problem>(path, { option: 'no such option' });
    expect([wrong.status, wrong.body.code]).toEqual([422, 'validation_failed']);
    expect((await get(body.id)).status).toBe('needs_answer');
    const answered = await ada.client.post<Run>(path, { option: body.clarification?.options[0]?.value });
    expect([answered.status, answered.body.status]).toEqual([200, 'succeeded']);
    expect(answered.body.steps.map(({ type }) => type)).toEqual(['sql', ...STEPS]);
    expect(new Set(answered.body.steps.map((step) => step.query_id))).toEqual(new Set([body.query_id]));
    const again = await ada.client.post<Problem>(path, { text: 'net price' });
    expect([again.status, again.body.code]).toEqual([409, 'clarification_not_open']);
  });

  it('end with the reason when the data cannot answer', async () => {
    const { body } = await start('What does the weather taste like?');
    expect(body).toMatchObject({ status: 'failed', result_summary: null, error: expect.stringMatching(/\w+ \w+/) });
    expect(body.steps.map(({ status }) => status)).toEqual(['failed']);
  });

  it('tell their steps as events, from where somebody has left off', async () => {
    const { body } = await start('Total amount by status', '?wait=0');
    const all = await follow(ada.client, `/orchestrator-runs/${body.id}/events`);
    await all.ended;
    expect(all.events.map(({ id }) => id)).toEqual(all.events.map((_, place) => String(place + 1)));
    const told = all.events.map(({ event, data }) => [event, data['type'], data['status']]);
    expect(told).toEqual([
      ...STEPS.flatMap((type) => [
        ['step', type, 'running'],
        ['step', type, 'succeeded'],
      ]),
      ['finished', undefined, 'succeeded'],
    ]);
    const rest = await follow(ada.client, `/orchestrator-runs/${body.id}/events`, '8');
    await rest.ended;
    expect(rest.events).toEqual(all.events.slice(8));
    expect((await follow(ada.client, `/orchestrator-runs/${body.id}/events`, '11')).status).toBe(204);
    const odd = await follow(ada.client, `/orchestrator-runs/${body.id}/events`, 'x'.repeat(500));
    await odd.ended;
    expect(odd.events).toHaveLength(11);
    expect((await follow(bob.client, `/orchestrator-runs/${body.id}/events`)).status).toBe(404);
  });

  it('tell that they ask back, and go on from there when they are followed again', async () => {
    // Of a source of its own: what is answered once is not asked again.
    const { id } = await newSource(ada.client, { 'trips.csv': TRIPS });
    const { body } = await start('How many trips by price?', '?wait=30', { data_source_id: id });
    const first = await follow(ada.client, `/orchestrator-runs/${body.id}/events`);
    await first.ended;
    expect(first.events.map(({ event }) => event)).toEqual(['step', 'step', 'needs_answer']);
    await ada.client.post(`/orchestrator-runs/${body.id}/answer?wait=30`, {
      option: body.clarification?.options[0]?.value,
    });
    const second = await follow(ada.client, `/orchestrator-runs/${body.id}/events`, first.events.at(-1)?.id);
    await second.ended;
    expect(second.events[0]).toMatchObject({ id: '4', event: 'step', data: { type: 'sql', status: 'running' } });
    expect(second.events.at(-1)?.event).toBe('finished');
  });

  it('tell that they were cancelled while they asked back, to who comes back for it', async () => {
    const { id } = await newSource(ada.client, { 'trips.csv': TRIPS }, { name: 'Trips to be cancelled' });
    const { body } = await start('How many trips by price?', '?wait=30', { data_source_id: id });
    const first = await follow(ada.client, `/orchestrator-runs/${body.id}/events`);
    await first.ended;
    await ada.client.post(`/orchestrator-runs/${body.id}/cancel`);
    const second = await follow(ada.client, `/orchestrator-runs/${body.id}/events`, first.events.at(-1)?.id);
    await second.ended;
    expect(second.events).toMatchObject([{ id: '4', event: 'finished', data: { status: 'cancelled' } }]);
    const again = await follow(ada.client, `/orchestrator-runs/${body.id}/events`);
    await again.ended;
    expect(again.events.slice(0, 3)).toEqual(first.events);
  });

  it('begin nothing any more when they are cancelled, whatever they are at', async () => {
    const begun = Array.from({ length: 8 }, async (_, nth) => {
      const { body } = await start('Total amount by status', '?wait=0');
      await new Promise((resolve) => setTimeout(resolve, 25 * nth));
      return (await ada.client.post<Run>(`/orchestrator-runs/${body.id}/cancel`)).body;
    });
    const runs = await Promise.all(begun);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const cancelled of runs) {
      const { status, steps } = await get(cancelled.id);
      const tell = (all: Step[]): string[] => all.map((step) => `${step.type} ${step.status}`);
      expect([status, tell(steps)]).toEqual([cancelled.status, tell(cancelled.steps)]);
    }
  });

  it('are stopped with the query that they are at, and stay so', async () => {
    // Of a source whose answer takes hours: a verified query makes the question one.
    const question = 'What is the endless sum?';
    const { body: base } = await ada.client.post<Query>('/queries', { data_source_id: source, sql: 'SELECT 1 AS one' });
    const verified = await ada.client.post('/verified-queries', { query_id: base.id, question, sql: ENDLESS_SQL });
    expect(verified.status).toBe(201);
    const { body } = await start(question, '?wait=1');
    expect(['pending', 'running']).toContain(body.status);
    const running = await until(
      () => get(body.id),
      ({ query_id: id }) => id !== null,
    );
    await until(
      async () => (await ada.client.get<Query>(`/queries/${running.query_id}`)).body,
      ({ status }) => status === 'running',
    );
    const cancelled = await ada.client.post<Run>(`/orchestrator-runs/${body.id}/cancel`);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    expect((await ada.client.get<Query>(`/queries/${running.query_id}`)).body.status).toBe('cancelled');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const later = await get(body.id);
    expect([later.status, later.steps.map(({ status }) => status)]).toEqual(['cancelled', ['cancelled']]);
    expect((await ada.client.post<Run>(`/orchestrator-runs/${body.id}/cancel`)).body.status).toBe('cancelled');
  });

  it('are their owner’s alone, under the rules that hold for them', async () => {
    const { body } = await start('Total amount by status');
    const paths = [`/orchestrator-runs/${body.id}`, `/agent-runs/${body.steps[0]?.id}`];
    for (const path of paths) expect((await bob.client.get(path)).status).toBe(404);
    expect((await bob.client.post(`/orchestrator-runs/${body.id}/cancel`)).status).toBe(404);
    const foreign = await bob.client.post('/orchestrator-runs', {
      input_spec: { data_source_id: source, question: 'x' },
    });
    expect(foreign.status).toBe(404);

    const { id } = await newSource(ada.client, SHOP);
    const rules = [{ table: 'orders', predicate: "status = 'paid'", roles: [] }];
    await ada.client.put(`/data-sources/${id}/rules`, { rules });
    const { body: ruled } = await ada.client.post<Run>('/orchestrator-runs?wait=30', {
      input_spec: { data_source_id: id, question: 'Total amount by status' },
    });
    expect(ruled.result_summary).toContain('paid');
    expect(JSON.stringify(ruled)).not.toContain('shipped');
    await ada.client.put(`/data-sources/${id}/rules`, { rules: [] });
    const outdated = await get(ruled.id);
    expect([outdated.result_summary, outdated.steps.filter((step) => step.outdated).length]).toEqual([null, 4]);
  });

  it('come page by page, by status', async () => {
    const ids = [(await start('How many orders?')).body.id, (await start('How many customers?')).body.id];
    const { body } = await ada.client.get<Page<Run>>('/orchestrator-runs?limit=1&status=succeeded');
    expect([body.items[0]?.id, body.items[0]?.steps]).toEqual([ids[1], undefined]);
    const next = await ada.client.get<Page<Run>>(
      `/orchestrator-runs?limit=1&status=succeeded&cursor=${body.next_cursor}`,
    );
    expect(next.body.items[0]?.id).toBe(ids[0]);
  });

  it.each([
    [{}],
    [{ input_spec: null }],
    [{ input_spec: { data_source_id: 1 } }],
    [{ input_spec: { data_source_id: 'x', question: 'y' } }],
    [{ input_spec: { data_source_id: 1, question: ' ' } }],
    [{ input_spec: { data_source_id: 1, question: 'y', steps: 5 } }],
    [{ name: 'x'.repeat(201), input_spec: { data_source_id: 1, question: 'y' } }],
  ])('refuse what they cannot read: %j', async (request) => {
    const { status, body } = await ada.client.post<Problem>('/orchestrator-runs', request);
    expect([status, body.code]).toEqual([422, 'validation_failed']);
  });
});

describe('orchestrator runs with a language model', () => {
  let model: ModelServer;
  let server: Awaited<ReturnType<typeof startServer>>;
  let ada: Account;
  let source: number;

  beforeAll(async () => {
    model = await ModelServer.start();
    server = await startServer({
      LUMIERE_LLM_BASE_URL: model.url,
      LUMIERE_LLM_MODEL: 'writer-1',
      LUMIERE_LLM_TIMEOUT_SECONDS: '2',
      LUMIERE_LLM_OUTPUT_PRICE: '10',
    });
    ada = await newAccount(server.url);
    const PEOPLE = `email,city,salary\nada.stern@example.com,Berlin,5000\nbob.mond@example.com,Berlin,4000\ncid.sonne@example.com,Hamburg,3000\n`;
    ({ id: source } = await newSource(ada.client, { 'people.csv': PEOPLE }));
  });
  beforeEach(() => model.reset());
  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
    await model.stop();
  });

  const start = async (question: string): Promise<Run> =>
    (await ada.client.post<Run>('/orchestrator-runs?wait=30', { input_spec: { data_source_id: source, question } }))
      .body;
  const writes = (
    ...sentences: { text: string; cites?: { row?: number; column?: string; finding?: string }[] }[]
  ): void => {
    const whole = sentences.map(({ text, cites = [] }) => ({
      text,
      cites: cites.map(({ row = null, column = null, finding = null }) => ({ row, column, finding })),
    }));
    model.next({ text: JSON.stringify({ sentences: whole }) });
  };
  const QUESTION = 'Total salary by city';
  const textOf = (run: Run) =>
    run.steps.at(-1)?.output as { text: string; model: string | null; note: string | null; citations: object[] };

  it('are told in its words, with where every figure is from', async () => {
    writes({
      text: 'Berlin pays 9,000 in all, Hamburg 3,000.',
      cites: [
        { row: 0, column: 'total_salary' },
        { row: 1, column: 'total_salary' },
      ],
    });
    const probe = await start(QUESTION);
    const { columns } = (await ada.client.get<Query>(`/queries/${probe.query_id}`)).body;
    const column = columns[1]?.name ?? '';
    model.reset();
    writes({
      text: 'Berlin pays 9,000 in all, Hamburg 3,000.',
      cites: [
        { row: 0, column },
        { row: 1, column },
      ],
    });
    const run = await start(QUESTION);
    expect(run).toMatchObject({
      status: 'succeeded',
      result_summary: 'Berlin pays 9,000 in all, Hamburg 3,000.',
      tokens: 120,
    });
    expect(run.cost).toBeCloseTo(0.0002);
    expect(textOf(run)).toMatchObject({
      model: 'writer-1',
      note: null,
      citations: [
        { sentence: 0, row: 0, column },
        { sentence: 0, row: 1, column },
      ],
    });
  });

  it.each<[string, { text: string; cites?: { row?: number; column?: string; finding?: string }[] }, string]>([
    ['a figure that is not there', { text: 'Berlin pays 12,345.' }, 'figure 12,345'],
    ['a figure in words', { text: 'There are seven cities.' }, 'figure seven'],
    ['a relation of figures', { text: 'Berlin pays twice as much.' }, 'twice'],
    ['a citation of no such row', { text: 'Berlin.', cites: [{ row: 7, column: 'city' }] }, 'cited what is not'],
    ['a citation of no such finding', { text: 'Berlin.', cites: [{ finding: 'trend-9-9' }] }, 'cited what is not'],
    ['a link', { text: 'See https://example.com/x.' }, 'links or markup'],
    ['a picture', { text: '![x](//evil.example/p)' }, 'links or markup'],
    ['a value that it was not told', { text: 'It is [[value_99]].' }, 'not told'],
    ['nothing', { text: ' ' }, 'empty or too long'],
  ])('do not believe %s: the text is plain then', async (_, sentence, said) => {
    writes(sentence);
    const run = await start(QUESTION);
    expect(run.status).toBe('succeeded');
    expect(textOf(run)).toMatchObject({ model: null, note: expect.stringContaining(said), citations: [] });
    expect(run.result_summary).toMatch(/There are 2 rows; the first has /);
  });

  it.each([['garbled' as const], ['hang' as const], [{ status: 401 }], [{ text: 'no json' }]])(
    'are plain when the model fails: %j',
    async (behaviour) => {
      model.next(behaviour);
      const run = await start(QUESTION);
      expect(run.status).toBe('succeeded');
      expect(textOf(run)).toMatchObject({ model: null, note: expect.stringContaining('The text is plain.') });
    },
  );

  it('send no values of personal columns, and name them to whoever may see them', async () => {
    const question = 'Show email and salary of people with salary above 4500';
    model.otherwise = (call: ChatCall) => {
      const token = /\[\[value_\d+\]\]/.exec(call.prompt)?.[0] ?? 'nobody';
      return { text: JSON.stringify({ sentences: [{ text: `The one is ${token}.`, cites: [] }] }) };
    };
    const run = await start(question);
    const sent = model.calls.map(({ body }) => JSON.stringify(body)).join('\n');
    expect(model.calls.length).toBeGreaterThan(0);
    expect(sent).not.toContain('ada.stern');
    expect(run.result_summary).toBe('The one is ada.stern@example.com.');
    model.otherwise = () => ({ text: 'Hello.' });
  });
});

async function until<T>(look: () => Promise<T>, isIt: (one: T) => boolean): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const one = await look();
    if (isIt(one)) return one;
    if (Date.now() > deadline) throw new Error(`It did not happen: ${JSON.stringify(one)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
