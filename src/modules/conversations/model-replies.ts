import { Inject, Injectable, Logger } from '@nestjs/common';
import { EngineError } from '../../engine/errors.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { LanguageModel, ModelError } from '../../platform/llm/index.js';
import { modelSentences, ResultSubjects } from '../agents/index.js';
import { FindingsService, type Query, QueryAnswers } from '../queries/index.js';
import type { TurnAtWork } from './turn-at-work.js';

/** Who talks waits no longer for words: the plain sentence is there at once. */
const PATIENCE_MS = 20_000;
const MOST_SENTENCES = 3;
const MOST_FINDINGS = 3;

/** What a model wrote of a result. */
export interface WrittenReply {
  /** With values of the data. */
  text: string;
  model: string;
  /** What it took, in tokens; null when the model broke off before it said so. */
  tokens: number | null;
}

/**
 * Has a model say what a result says, sentence by sentence. Every figure is looked up in the rows and findings that the sentence
 * cites, and a sentence that does not hold is left out.
 */
@Injectable()
export class ModelReplies {
  private readonly logger = new Logger(ModelReplies.name);

  constructor(
    @Inject(LanguageModel) private readonly model: LanguageModel | null,
    private readonly subjects: ResultSubjects,
    private readonly findings: FindingsService,
    private readonly answers: QueryAnswers,
  ) {}

  /** Null when there is no model, it fails before its first sentence, or nothing that it wrote holds. */
  async about(query: Query, { caller, signal, onText }: TurnAtWork): Promise<WrittenReply | null> {
    const { model } = this;
    if (model === null || saysItself(query)) return null;
    const sentences: string[] = [];
    let tokens: number | null = null;
    const enough = new AbortController();
    try {
      const { findings } = await this.findings.of(query.id, caller, signal);
      const subject = await this.subjects.of(query, findings.slice(0, MOST_FINDINGS), caller, signal);
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS), enough.signal]);
      const written = modelSentences(model, subject, patience);
      for (let next = await written.next(); ; next = await written.next()) {
        if (next.done === true) {
          tokens = next.value.inputTokens + next.value.outputTokens;
          break;
        }
        // What is too much is read all the same: what a call took is known at its end.
        if (next.value === null || sentences.length === MOST_SENTENCES) continue;
        sentences.push(next.value);
        await this.answers.keepWriting(query.id, sentences);
        onText();
      }
    } catch (error) {
      // The answer is good without it.
      if (!isForeseen(error)) throw error;
      this.logger.warn({ code: error.code, query: query.id }, 'a reply is plain, or ends early');
    } finally {
      enough.abort();
    }
    return sentences.length === 0 ? null : { text: sentences.join(' '), model: model.name, tokens };
  }
}

/** One value, or nothing at all: there is no more to say than the plain sentence does. */
function saysItself({ executedRows, result }: Query): boolean {
  return executedRows === 0 || (executedRows === 1 && result?.resultMeta.columns.length === 1);
}

function isForeseen(error: unknown): error is ModelError | DomainError | EngineError {
  return error instanceof ModelError || error instanceof DomainError || error instanceof EngineError;
}
