import { Inject, Injectable } from '@nestjs/common';
import { LanguageModel, ModelError } from '../../../platform/llm/index.js';
import { FindingsService } from '../../queries/index.js';
import type { ConfigOf, InputOf } from '../agent-types.js';
import { type Citation, MOST_OUTPUT_TOKENS, modelText } from '../text/model-text.js';
import { plainText } from '../text/plain-text.js';
import { ResultSubjects } from '../text/result-subjects.js';
import type { Subject } from '../text/subject.js';
import type { AgentStep, StepContext, StepOutcome } from './agent-step.js';

/** What a model is sent of a result, roughly, on top of what it may write. */
const SENT_TOKENS = 4000;

interface Written {
  text: string;
  citations: Citation[];
  /** The name of the model that wrote it; null for the deterministic way. */
  model: string | null;
  /** Why no model wrote it although one could have been asked. */
  note: string | null;
  tokens: number;
  cost: number;
}

/** Says in words what a result says: by a model where there is one and its figures are right, else in plain sentences. */
@Injectable()
export class TextStep implements AgentStep<'text'> {
  constructor(
    @Inject(LanguageModel) private readonly model: LanguageModel | null,
    private readonly subjects: ResultSubjects,
    private readonly findings: FindingsService,
  ) {}

  async perform(
    { query_id: id }: InputOf<'text'>,
    config: ConfigOf<'text'>,
    context: StepContext,
  ): Promise<StepOutcome> {
    const { caller, signal } = context;
    const { query, findings } = await this.findings.of(id, caller, signal);
    const subject = await this.subjects.of(query, findings.slice(0, config.max_findings), caller, signal);
    const { tokens, cost, ...output } = await this.write(subject, config, context);
    return { status: 'succeeded', output: { query_id: id, ...output }, tokens, cost };
  }

  private async write(
    subject: Subject,
    config: ConfigOf<'text'>,
    { signal, tokensLeft }: StepContext,
  ): Promise<Written> {
    const plainly = { text: plainText(subject), citations: [], model: null, note: null, tokens: 0, cost: 0 };
    const { model } = this;
    if (model === null || !config.use_model || subject.rowCount === 0) return plainly;
    if (tokensLeft < SENT_TOKENS + MOST_OUTPUT_TOKENS) {
      return { ...plainly, note: 'The tokens of this run are used up, so the text is plain.' };
    }
    try {
      const written = await modelText(model, subject, signal);
      const { use } = written;
      const spent = { tokens: use.inputTokens + use.outputTokens, cost: use.cost };
      if (written.kind === 'text') {
        const { text, citations } = written;
        return { text, citations, model: model.name, note: null, ...spent };
      }
      return { ...plainly, ...spent, note: `A model wrote a text that was not used: ${written.because}.` };
    } catch (error) {
      if (!(error instanceof ModelError) || error.code === 'cancelled') throw error;
      const spent = {
        tokens: (error.use?.inputTokens ?? 0) + (error.use?.outputTokens ?? 0),
        cost: error.use?.cost ?? 0,
      };
      return { ...plainly, ...spent, note: `${error.message} The text is plain.` };
    }
  }
}
