import { Injectable } from '@nestjs/common';
import { ResultsService } from '../../queries/index.js';
import type { ConfigOf, InputOf } from '../agent-types.js';
import type { AgentStep, StepContext, StepOutcome } from './agent-step.js';

/** Chooses the chart of a result. The drawing itself is made from the result whenever somebody looks at it. */
@Injectable()
export class VisualizationStep implements AgentStep<'visualization'> {
  constructor(private readonly results: ResultsService) {}

  async perform(
    { query_id: id }: InputOf<'visualization'>,
    { type: wished }: ConfigOf<'visualization'>,
    { caller, signal }: StepContext,
  ): Promise<StepOutcome> {
    const { type, title, reason } = await this.results.chart(id, wished, caller, signal);
    const output = { query_id: id, type, title, reason, path: `/api/v1/queries/${id}/chart?type=${type}` };
    return { status: 'succeeded', output };
  }
}
