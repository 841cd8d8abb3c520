import { generateText, NoObjectGeneratedError, Output, streamText } from 'ai';
import { z } from 'zod';
import type { LlmConfig } from '../config/index.js';
import { type ModelCall, type ModelCalls, type ToldUsage } from './model-calls.js';
import { openEndpoint } from './model-endpoint.js';
import { ModelError } from './model-error.js';
import type { ModelUse } from './model-ledger.js';

/** What is asked of a model. */
export interface ModelRequest {
  /** What it is for, kept with what it cost: `sql`, `text`, `title` … */
  purpose: string;
  /** What is to be done. Never anything that people or data have brought. */
  instructions: string;
  /** What it is to be done with: what people or data have brought in blocks made by `dataBlock`. */
  prompt: string;
  /** What the installation allows when left out, which is also the most. */
  maxOutputTokens?: number;
  /** Stops the call when nobody waits for it any more. */
  signal: AbortSignal;
}

export interface ModelAnswer<T> {
  value: T;
  use: ModelUse;
}

/** The model that writes, when one is configured: inject `LanguageModel | null`, and have another way where it is null. */
export class LanguageModel {
  /** As it is configured, for receipts. */
  readonly name: string;
  private readonly model;

  constructor(
    private readonly config: LlmConfig & { model: string },
    private readonly calls: ModelCalls,
  ) {
    this.name = config.model;
    this.model = openEndpoint(config).chatModel(config.model);
  }

  /**
   * A text.
   *
   * @throws ModelError
   */
  async write(request: ModelRequest): Promise<ModelAnswer<string>> {
    return this.calls.make(this.callOf(request), async (signal) => {
      const { text, usage } = await generateText({ ...this.settings(request, signal) });
      return { value: text, usage, outputText: text };
    });
  }

  /**
   * An object of that shape, and nothing else.
   *
   * @param schema of what is asked for; it is told to the model, and its answer is held to it
   * @throws ModelError `invalid_answer` when the answer is of another shape
   */
  async propose<T>(given: ModelRequest, schema: z.ZodType<T>): Promise<ModelAnswer<T>> {
    // Not every endpoint passes the schema on to its model.
    const instructions = `${given.instructions}\n\nAnswer with one JSON object and nothing else. Its JSON Schema:\n${told(schema)}`;
    const request = { ...given, instructions };
    return this.calls.make(this.callOf(request), async (signal) => {
      try {
        const output = Output.object({ schema });
        const { output: value, text, usage } = await generateText({ ...this.settings(request, signal), output });
        return { value, usage, outputText: text };
      } catch (error) {
        const found = NoObjectGeneratedError.isInstance(error) ? objectIn(error.text ?? '', schema) : null;
        if (found === null || !NoObjectGeneratedError.isInstance(error)) throw error;
        return { value: found.value, usage: error.usage ?? {}, outputText: error.text ?? '' };
      }
    });
  }

  /**
   * A text as it is written, piece by piece; what it cost at the end. The call is let go when nobody reads on.
   *
   * @throws ModelError also after pieces have come: what they say is not to be relied on then
   */
  async *stream(request: ModelRequest): AsyncGenerator<string, ModelAnswer<string>, void> {
    const pieces = new Pieces();
    const left = new AbortController();
    const call = { ...this.callOf(request), signal: AbortSignal.any([request.signal, left.signal]) };
    const answer = this.calls.make(call, async (signal) => {
      const { fullStream } = streamText({ ...this.settings(request, signal), onError: () => undefined });
      let text = '';
      let usage: ToldUsage = {};
      for await (const part of fullStream) {
        if (part.type === 'error') throw text === '' ? part.error : brokenOff(part.error);
        if (part.type === 'abort') throw new Error('aborted');
        if (part.type === 'finish') usage = part.totalUsage;
        if (part.type !== 'text-delta') continue;
        text += part.text;
        pieces.add(part.text);
      }
      return { value: text, usage, outputText: text };
    });
    answer.then(
      () => pieces.end(),
      () => pieces.end(),
    );
    try {
      yield* pieces;
    } finally {
      left.abort();
    }
    return answer;
  }

  private settings({ instructions, prompt, maxOutputTokens }: ModelRequest, abortSignal: AbortSignal) {
    return {
      model: this.model,
      system: instructions,
      prompt,
      maxOutputTokens: this.mostOutput(maxOutputTokens),
      abortSignal,
      // What is tried again, and when, is for ModelCalls to say.
      maxRetries: 0,
    };
  }

  private callOf({ purpose, instructions, prompt, maxOutputTokens, signal }: ModelRequest): ModelCall {
    const { input, output } = this.config.prices;
    return {
      model: this.name,
      purpose,
      sent: instructions + prompt,
      mostOutputTokens: this.mostOutput(maxOutputTokens),
      prices: { input, output },
      signal,
    };
  }

  private mostOutput(wished = this.config.maxOutputTokens): number {
    return Math.min(wished, this.config.maxOutputTokens);
  }
}

function told(schema: z.ZodType): string {
  const { $schema: _, ...shape } = z.toJSONSchema(schema);
  return JSON.stringify(shape);
}

/** Of models that write JSON among other words, or in a block of Markdown; null when there is no such object. */
function objectIn<T>(text: string, schema: z.ZodType<T>): { value: T } | null {
  const [begin, end] = [text.indexOf('{'), text.lastIndexOf('}')];
  if (begin < 0 || end < begin) return null;
  try {
    const { success, data } = schema.safeParse(JSON.parse(text.slice(begin, end + 1)));
    return success ? { value: data } : null;
  } catch {
    return null;
  }
}

/** Not to be tried again: what has come is with whoever reads it already. */
function brokenOff(cause: unknown): ModelError {
  return new ModelError('unavailable', 'The model broke off in the middle of its answer.', { cause });
}

/** What one side adds and the other takes, in order. */
class Pieces implements AsyncIterable<string> {
  private readonly waiting: string[] = [];
  private ended = false;
  private wake: () => void = () => undefined;

  add(piece: string): void {
    this.waiting.push(piece);
    this.wake();
  }

  end(): void {
    this.ended = true;
    this.wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, void> {
    for (;;) {
      const piece = this.waiting.shift();
      if (piece !== undefined) yield piece;
      else if (this.ended) return;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
