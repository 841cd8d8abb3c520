import { setTimeout as pause } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { APICallError, NoObjectGeneratedError } from 'ai';
import PQueue from 'p-queue';
import { currentActor } from '../audit/index.js';
import type { LlmConfig } from '../config/index.js';
import { DomainError } from '../errors/domain-error.js';
import { AnswerTooLarge } from './model-endpoint.js';
import { ModelError } from './model-error.js';
import type { ModelLedger, ModelUse } from './model-ledger.js';
import type { ModelMetrics } from './model-metrics.js';

const FIRST_BACK_OFF_MS = 500;
/** An endpoint that wants to be left alone for longer is not waited for: the answer is made without it. */
const LONGEST_BACK_OFF_MS = 20_000;
/** Roughly, of European languages and SQL. */
const CHARACTERS_PER_TOKEN = 3.5;

/** What the endpoint says that a call took; what it does not say is estimated. */
export interface ToldUsage {
  inputTokens?: number | undefined;
  outputTokens?: number | undefined;
}

/** A call to be made. */
export interface ModelCall {
  model: string;
  purpose: string;
  /** Everything that is sent, for what it will take. */
  sent: string;
  mostOutputTokens: number;
  prices: { input: number; output: number };
  signal: AbortSignal;
}

export interface Answered<T> {
  value: T;
  usage: ToldUsage;
  /** For an estimate where the endpoint does not say what it took. */
  outputText: string;
}

/**
 * Makes calls: no more at a time than are allowed, each within its time, with account kept before and after. Those that are
 * turned away (429) or broke (5xx) are tried again, when the endpoint says or after 0.5 s, 1 s, 2 s …; nothing else is, because
 * it would end the same or be paid twice.
 */
export class ModelCalls {
  private readonly logger = new Logger(ModelCalls.name);
  private readonly queue: PQueue;

  constructor(
    private readonly config: LlmConfig,
    private readonly ledger: ModelLedger | null,
    private readonly metrics: ModelMetrics | null = null,
  ) {
    this.queue = new PQueue({ concurrency: config.concurrency });
  }

  /**
   * @param attempt makes the call once, and stops when its signal aborts
   * @throws ModelError
   */
  async make<T>(
    call: ModelCall,
    attempt: (signal: AbortSignal) => Promise<Answered<T>>,
  ): Promise<{ value: T; use: ModelUse }> {
    for (let tries = 0; ; tries += 1) {
      const begun = performance.now();
      try {
        const answered = await this.once(call, attempt);
        this.metrics?.count(call, 'answered', performance.now() - begun);
        return answered;
      } catch (error) {
        const failure = this.asModelError(error, call);
        this.metrics?.count(call, failure.code, performance.now() - begun);
        const wait = tries < this.config.retries ? backOff(error, tries) : null;
        if (failure.use !== null) await this.record(failure.use);
        if (wait === null || wait > LONGEST_BACK_OFF_MS || call.signal.aborted) throw failure;
        await pause(wait, undefined, { signal: call.signal }).catch(() => undefined);
      }
    }
  }

  /** What a call has taken. */
  useOf(
    { model, purpose, sent, prices }: ModelCall,
    { inputTokens, outputTokens }: ToldUsage,
    output: string,
  ): ModelUse {
    const input = inputTokens ?? estimateTokens(sent);
    const written = outputTokens ?? estimateTokens(output);
    const cost = (input * prices.input + written * prices.output) / 1e6;
    return {
      userId: currentActor().userId,
      model,
      purpose,
      calls: 1,
      inputTokens: input,
      outputTokens: written,
      cost,
    };
  }

  private async once<T>(
    call: ModelCall,
    attempt: (signal: AbortSignal) => Promise<Answered<T>>,
  ): Promise<{ value: T; use: ModelUse }> {
    const { signal } = call;
    if (signal.aborted) throw cancelled();
    const work = async (): Promise<{ value: T; use: ModelUse }> => {
      await this.assertWithinBudget(call);
      const late = AbortSignal.timeout(this.config.timeoutMs);
      const stopped = AbortSignal.any([signal, late]);
      try {
        const { value, usage, outputText } = await untilAborted(attempt(stopped), stopped);
        const use = this.useOf(call, usage, outputText);
        await this.record(use);
        return { value, use };
      } catch (error) {
        if (signal.aborted) throw cancelled();
        if (late.aborted) throw new ModelError('timeout', this.tooSlow, { cause: error });
        throw error;
      }
    };
    return this.queue.add(work, { signal }).catch((error: unknown) => {
      throw signal.aborted && !(error instanceof ModelError) ? cancelled() : error;
    });
  }

  private async assertWithinBudget({ model, purpose, sent, mostOutputTokens, prices }: ModelCall): Promise<void> {
    const input = estimateTokens(sent);
    const planned = {
      userId: currentActor().userId,
      model,
      purpose,
      tokens: input + mostOutputTokens,
      cost: (input * prices.input + mostOutputTokens * prices.output) / 1e6,
    };
    try {
      await this.ledger?.assertWithinBudget(planned);
    } catch (error) {
      if (error instanceof DomainError) throw new ModelError('over_budget', error.detail, { cause: error });
      throw error;
    }
  }

  /** An answer that is there is not lost because its cost could not be written down; that is logged. */
  private async record(use: ModelUse): Promise<void> {
    this.metrics?.used(use);
    try {
      await this.ledger?.record(use);
    } catch (error) {
      this.logger.error(error);
    }
  }

  private asModelError(error: unknown, call: ModelCall): ModelError {
    if (error instanceof ModelError) return error;
    if (NoObjectGeneratedError.isInstance(error)) {
      const use = this.useOf(call, error.usage ?? {}, error.text ?? '');
      return new ModelError('invalid_answer', 'The model answered with something else than was asked for.', { use });
    }
    const failure = failureOf(error);
    // The sentence tells nothing of what the endpoint said, which may repeat what was sent.
    const status = APICallError.isInstance(error) ? error.statusCode : undefined;
    this.logger.warn(
      { code: failure.code, status, model: call.model, purpose: call.purpose },
      'a model did not answer',
    );
    return failure;
  }

  private get tooSlow(): string {
    return `The model did not answer within ${this.config.timeoutMs / 1000} seconds.`;
  }
}

function failureOf(error: unknown): ModelError {
  const options = { cause: error };
  if (isTooLarge(error)) return new ModelError('invalid_answer', 'The answer of the model was too large.', options);
  const status = APICallError.isInstance(error) ? error.statusCode : undefined;
  if (status === 429) return new ModelError('rate_limited', 'The model has too many calls to answer.', options);
  if (status === 401 || status === 403) {
    return new ModelError('refused', 'The model refused the key that is configured for it.', options);
  }
  if (status !== undefined && status >= 400 && status < 500) {
    return new ModelError('refused', `The model refused the call (status ${status}).`, options);
  }
  if (status !== undefined && status < 300) {
    return new ModelError('invalid_answer', 'The answer of the model could not be read.', options);
  }
  return new ModelError('unavailable', 'The model could not be reached, or broke.', options);
}

/** Errors of a body come wrapped. */
function isTooLarge(error: unknown): boolean {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof AnswerTooLarge) return true;
  return false;
}

/** Milliseconds until the call may be tried again; null when it is not to be. */
function backOff(error: unknown, tries: number): number | null {
  if (!APICallError.isInstance(error)) return null;
  const { statusCode = 0, responseHeaders = {} } = error;
  if (statusCode !== 429 && statusCode < 500) return null;
  // With some jitter, so that calls which were turned away together do not come back together.
  return retryAfter(responseHeaders) ?? FIRST_BACK_OFF_MS * 2 ** tries * (0.75 + Math.random() / 2);
}

/** RFC 9110, 10.2.3: seconds or a date; some endpoints say milliseconds in a header of their own. */
function retryAfter(headers: Record<string, string>): number | null {
  const milliseconds = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const told = headers['retry-after'];
  if (told === undefined) return null;
  if (/^\d+(\.\d+)?$/.test(told.trim())) return Number(told) * 1000;
  const until = Date.parse(told) - Date.now();
  return Number.isNaN(until) ? null : Math.max(0, until);
}

/** Also when whoever does the work does not look at the signal. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new Error('aborted'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function cancelled(): ModelError {
  return new ModelError('cancelled', 'The model was not waited for any more.');
}

/** Tokens of a text, roughly. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN);
}
