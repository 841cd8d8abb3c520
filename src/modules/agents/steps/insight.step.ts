import { Injectable } from '@nestjs/common';
import { FindingsService } from '../../queries/index.js';
import type { ConfigOf, InputOf } from '../agent-types.js';
import type { AgentStep, StepContext, StepOutcome } from './agent-step.js';

/** Says what stands out in a result. */
@Injectable()
export class InsightStep implements AgentStep<'insight'> {
  constructor(private readonly findings: FindingsService) {}

  async perform(
    { query_id: id }: InputOf<'insight'>,
    { max_findings: most }: ConfigOf<'insight'>,
    { caller, signal }: StepContext,
  ): Promise<StepOutcome> {
    const { findings } = await this.findings.of(id, caller, signal);
    const told = findings.slice(0, most).map(({ key, type, title, sentence, confidence_score }) => ({
      key,
      type,
      title,
      sentence,
      confidence_score,
    }));
    return { status: 'succeeded', output: { query_id: id, findings: told } };
  }
}
