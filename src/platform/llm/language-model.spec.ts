import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { z } from 'zod';
import { ModelServer, USAGE } from '../../../test/support/model-server.js';
import { LlmConfig } from '../config/llm.config.js';
import { EnvironmentReader } from '../config/environment.js';
import { DomainError } from '../errors/domain-error.js';
import {
  EmbeddingModel,
  LanguageModel,
  ModelError,
  ModelLedger,
  type ModelRequest,
  type ModelUse,
  type PlannedUse,
} from './index.js';
import { Metrics } from '../observability/metrics.js';
import { ModelCalls } from './model-calls.js';
import { ModelMetrics } from './model-metrics.js';

class Book extends ModelLedger {
  readonly planned: PlannedUse[] = [];
  readonly used: ModelUse[] = [];
  refusal: DomainError | null = null;

  override async assertWithinBudget(planned: PlannedUse): Promise<void> {
    this.planned.push(planned);
    if (this.refusal !== null) throw this.refusal;
  }

  override async record(use: ModelUse): Promise<void> {
    this.used.push(use);
  }
}

const SHAPE = z.object({ sql: z.string().nullable(), reading: z.string() });

describe('a language model behind an endpoint', () => {
  let server: ModelServer;
  let book: Book;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    server = await ModelServer.start();
  });
  beforeEach(() => {
    server.reset();
    book = new Book();
  });
  afterAll(() => server.stop());

  const configured = (more: Record<string, string> = {}): LlmConfig =>
    new LlmConfig(
      new EnvironmentReader({
        LUMIERE_LLM_BASE_URL: `${server.url}/`,
        LUMIERE_LLM_API_KEY: 'sk-very-secret',
        LUMIERE_LLM_MODEL: 'writer-1',
        LUMIERE_EMBEDDING_MODEL: 'vectors-1',
        LUMIERE_LLM_TIMEOUT_SECONDS: '1',
        LUMIERE_LLM_INPUT_PRICE: '2.5',
        LUMIERE_LLM_OUTPUT_PRICE: '10',
        LUMIERE_EMBEDDING_PRICE: '0.1',
        ...more,
      }),
    );
  const opened = (more: Record<string, string> = {}): LanguageModel => {
    const config = configured(more);
    return new LanguageModel(Object.assign(config, { model: 'writer-1' }), new ModelCalls(config, book));
  };
  const request = (more: Partial<ModelRequest> = {}): ModelRequest => ({
    purpose: 'test',
    instructions: 'Do it.',
    prompt: 'This.',
    signal: new AbortController().signal,
    ...more,
  });
  const failure = async (work: Promise<unknown>): Promise<ModelError> => {
    const error: unknown = await work.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof ModelError)) throw new Error(`It did not fail as a model does: ${String(error)}`);
    return error;
  };

  it('writes, and what it took is in the ledger at the configured prices', async () => {
    server.next({ text: 'Good morning.' });
    const { value, use } = await opened().write(request());
    expect(value).toBe('Good morning.');
    expect(use).toEqual({
      userId: null,
      model: 'writer-1',
      purpose: 'test',
      calls: 1,
      inputTokens: USAGE.prompt_tokens,
      outputTokens: USAGE.completion_tokens,
      cost: (100 * 2.5 + 20 * 10) / 1e6,
    });
    expect(book.used).toEqual([use]);
    const [call] = server.calls;
    expect(call).toMatchObject({
      path: '/v1/chat/completions',
      model: 'writer-1',
      authorization: 'Bearer sk-very-secret',
    });
    expect([call?.instructions, call?.prompt, call?.body['max_tokens']]).toEqual(['Do it.', 'This.', 4096]);
  });

  it('is counted for the metrics: calls by how they ended, tokens and cost', async () => {
    const metrics = new Metrics();
    const config = Object.assign(configured({ LUMIERE_LLM_RETRIES: '0' }), { model: 'writer-1' });
    const model = new LanguageModel(config, new ModelCalls(config, book, new ModelMetrics(metrics)));
    server.next({ text: 'Good morning.' });
    await model.write(request());
    server.next({ status: 401 });
    await failure(model.write(request()));
    const told = await metrics.registry.metrics();
    for (const line of [
      'lumiere_model_calls_total{model="writer-1",purpose="test",outcome="answered"} 1',
      'lumiere_model_calls_total{model="writer-1",purpose="test",outcome="refused"} 1',
      'lumiere_model_call_duration_seconds_count{model="writer-1"} 2',
      'lumiere_model_tokens_total{model="writer-1",direction="input"} 100',
      'lumiere_model_tokens_total{model="writer-1",direction="output"} 20',
      'lumiere_model_cost_total{model="writer-1"} 0.00045',
    ]) {
      expect(told.split('\n')).toContain(line);
    }
  });

  it('is asked within its budget before every call, and not at all beyond it', async () => {
    book.refusal = new DomainError('forbidden', 'Your budget for this month is used up.');
    const error = await failure(opened().write(request({ maxOutputTokens: 100 })));
    expect([error.code, error.message]).toEqual(['over_budget', 'Your budget for this month is used up.']);
    expect(server.calls).toEqual([]);
    expect(book.planned[0]).toMatchObject({ purpose: 'test', model: 'writer-1', tokens: 104 });
    expect(book.used).toEqual([]);
  });

  it('gives objects of a shape that it was told, whether they come alone, in Markdown, or after other words', async () => {
    const object = { sql: 'SELECT 1', reading: 'One.' };
    const json = JSON.stringify(object);
    for (const text of [json, `\`\`\`json\n${json}\n\`\`\``, `Here it is: ${json}`]) {
      server.next({ text });
      expect((await opened().propose(request(), SHAPE)).value).toEqual(object);
    }
    expect(server.calls[0]?.body['response_format']).toMatchObject({ type: 'json_schema' });
    server.next({ text: json });
    await opened({ LUMIERE_LLM_JSON: 'text' }).propose(request(), SHAPE);
    expect(server.calls.at(-1)?.body['response_format']).toBeUndefined();
    // Endpoints that do not know schemas are told in words.
    expect(server.calls.at(-1)?.instructions).toContain('"reading"');
  });

  it('is not believed when its answer is of another shape; that has cost all the same', async () => {
    for (const text of ['I cannot help with that.', '{"sql": 7, "reading": "x"}', '{"sql": "SELECT', '']) {
      server.next({ text });
      const error = await failure(opened().propose(request(), SHAPE));
      expect([text, error.code, error.use?.inputTokens]).toEqual([text, 'invalid_answer', 100]);
    }
    expect(book.used).toHaveLength(4);
    expect(server.calls).toHaveLength(4);
  });

  it('streams', async () => {
    server.next({ text: 'One two three four.' });
    const stream = opened().stream(request());
    const pieces: string[] = [];
    let last = await stream.next();
    for (; last.done !== true; last = await stream.next()) pieces.push(last.value);
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.join('')).toBe('One two three four.');
    expect(last.value).toMatchObject({ value: 'One two three four.', use: { inputTokens: 100, outputTokens: 20 } });
    expect(book.used).toHaveLength(1);
  });

  it('lets a stream go that nobody reads on', async () => {
    server.next({ text: 'One two three.', stayMs: 60_000 });
    for await (const piece of opened().stream(request())) {
      expect(piece).toBe('One tw');
      break;
    }
    const deadline = Date.now() + 5000;
    while (server.open > 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(server.open).toBe(0);
  });

  it('says that a stream broke off', async () => {
    server.next('cut');
    const read = async (): Promise<void> => {
      for await (const piece of opened().stream(request())) expect(piece).toBe('Once ');
    };
    expect((await failure(read())).code).toBe('invalid_answer');
    expect(server.calls).toHaveLength(1);
  });

  it('is tried again when it had too many calls, when it says so', async () => {
    server.next({ status: 429, headers: { 'retry-after': '1' } }, { text: 'Now.' });
    const begun = performance.now();
    expect((await opened().write(request())).value).toBe('Now.');
    expect(performance.now() - begun).toBeGreaterThan(990);
    expect(server.calls).toHaveLength(2);
  });

  it('is not waited for when it wants to be left alone for long', async () => {
    server.next({ status: 429, headers: { 'retry-after': '3600' } });
    expect((await failure(opened().write(request()))).code).toBe('rate_limited');
    expect(server.calls).toHaveLength(1);
  });

  it('is tried again when it broke, twice and no more', async () => {
    server.next({ status: 500 }, { status: 503, headers: { 'retry-after': '0' } }, { text: 'Better.' });
    expect((await opened().write(request())).value).toBe('Better.');
    server.reset();
    const now = { 'retry-after': '0' };
    server.next(
      { status: 500, headers: now },
      { status: 500, headers: now },
      { status: 500, headers: now },
      { text: 'Late.' },
    );
    expect((await failure(opened().write(request()))).code).toBe('unavailable');
    expect(server.calls).toHaveLength(3);
  });

  it('is tried once where another try would end the same, and tells nothing of the key or of what was sent', async () => {
    const cases = [
      [{ status: 401 }, 'refused'],
      [{ status: 404 }, 'refused'],
      ['garbled', 'invalid_answer'],
      ['cut', 'invalid_answer'],
      ['redirect', 'unavailable'],
    ] as const;
    for (const [behaviour, code] of cases) {
      server.reset();
      server.next(behaviour);
      const error = await failure(opened().write(request({ prompt: 'my private words' })));
      expect([behaviour, error.code, server.calls.length]).toEqual([behaviour, code, 1]);
      expect(error.message).not.toMatch(/private|secret/);
    }
    expect(book.used).toEqual([]);
  });

  it('has its time, and no more', async () => {
    server.next('hang', { text: 'Slow.', afterMs: 500 });
    const model = opened();
    const begun = performance.now();
    expect((await failure(model.write(request()))).message).toBe('The model did not answer within 1 seconds.');
    expect(performance.now() - begun).toBeLessThan(3000);
    expect((await model.write(request())).value).toBe('Slow.');
    while (server.open > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });

  it('is cut off when it does not stop', async () => {
    server.next('huge');
    const error = await failure(opened({ LUMIERE_LLM_TIMEOUT_SECONDS: '20' }).write(request()));
    expect([error.code, error.message]).toEqual(['invalid_answer', 'The answer of the model was too large.']);
  });

  it('is let go when nobody waits any more, also before its turn, and between tries', async () => {
    const model = opened({ LUMIERE_LLM_CONCURRENCY: '1', LUMIERE_LLM_TIMEOUT_SECONDS: '30' });
    server.next('hang');
    const [first, second] = [new AbortController(), new AbortController()];
    const one = failure(model.write(request({ signal: first.signal })));
    const other = failure(model.write(request({ signal: second.signal })));
    while (server.calls.length < 1) await new Promise((resolve) => setTimeout(resolve, 10));
    second.abort();
    expect((await other).code).toBe('cancelled');
    first.abort();
    expect((await one).code).toBe('cancelled');
    expect(server.calls).toHaveLength(1);
    server.next({ status: 429, headers: { 'retry-after': '15' } });
    const third = new AbortController();
    const last = failure(model.write(request({ signal: third.signal })));
    while (server.calls.length < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    setTimeout(() => third.abort(), 100);
    await last;
    expect(server.calls).toHaveLength(2);
  });

  it('gets no more calls at the same time than are allowed', async () => {
    server.otherwise = () => ({ text: 'Yes.', afterMs: 50 });
    const model = opened({ LUMIERE_LLM_CONCURRENCY: '2' });
    await Promise.all(Array.from({ length: 7 }, () => model.write(request())));
    expect([server.calls.length, server.mostOpen]).toEqual([7, 2]);
  });

  it('makes vectors of length 1, in batches, in order', async () => {
    const config = configured({ LUMIERE_EMBEDDING_BATCH: '3' });
    const model = new EmbeddingModel(
      Object.assign(config, { embeddingModel: 'vectors-1' }),
      new ModelCalls(config, book),
    );
    const texts = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff', 'ggggggg'];
    const vectors = await model.embed(texts, new AbortController().signal);
    expect(vectors.map((vector) => Math.round(Math.hypot(...vector) * 1e9) / 1e9)).toEqual(texts.map(() => 1));
    expect(vectors.map(([x = 0, y = 1]) => Math.round(x / y))).toEqual(texts.map(({ length }) => length));
    expect(server.calls.map(({ body }) => (body['input'] as string[]).length)).toEqual([3, 3, 1]);
    expect(book.used.map(({ inputTokens, cost }) => [inputTokens, cost])).toEqual([
      [30, 3e-6],
      [30, 3e-6],
      [10, 1e-6],
    ]);
    expect(await model.embed([], new AbortController().signal)).toEqual([]);
    server.next('garbled');
    expect((await failure(model.embed(['a'], new AbortController().signal))).code).toBe('invalid_answer');
  });
});

describe('the configuration of a model', () => {
  const reading = (environment: Record<string, string>) => () => new LlmConfig(new EnvironmentReader(environment));

  it('is none when nothing is set, and names what is wrong', () => {
    expect(reading({})()).toMatchObject({ model: undefined, embeddingModel: undefined });
    expect(reading({ LUMIERE_LLM_MODEL: 'm' })).toThrow('LUMIERE_LLM_BASE_URL must be set');
    expect(reading({ LUMIERE_LLM_BASE_URL: 'http://x/v1' })).toThrow('LUMIERE_LLM_MODEL or LUMIERE_EMBEDDING_MODEL');
    expect(reading({ LUMIERE_LLM_BASE_URL: 'x/v1', LUMIERE_LLM_MODEL: 'm' })).toThrow(
      'LUMIERE_LLM_BASE_URL must be an address',
    );
    const url = 'http://user:secret@x/v1';
    expect(reading({ LUMIERE_LLM_BASE_URL: url, LUMIERE_LLM_MODEL: 'm' })).toThrow('must not hold a password');
    expect(reading({ LUMIERE_LLM_INPUT_PRICE: '-1' })).toThrow('LUMIERE_LLM_INPUT_PRICE must be a number');
    expect(reading({ LUMIERE_LLM_JSON: 'yaml' })).toThrow('LUMIERE_LLM_JSON must be one of');
  });
});
