import { Injectable } from '@nestjs/common';
import { SearchService } from '../../rag/index.js';
import type { ConfigOf, InputOf } from '../agent-types.js';
import type { AgentStep, StepContext, StepOutcome } from './agent-step.js';

/** Finds passages of documents, and keeps where they are: who reads them is for the documents to say. */
@Injectable()
export class RetrievalStep implements AgentStep<'retrieval'> {
  constructor(private readonly search: SearchService) {}

  async perform(
    { query, data_source_id }: InputOf<'retrieval'>,
    { limit }: ConfigOf<'retrieval'>,
    { caller }: StepContext,
  ): Promise<StepOutcome> {
    const filters = data_source_id === undefined ? {} : { data_source_id };
    const { session, items } = await this.search.search({ query, limit, filters }, caller);
    const passages = items.map(({ document_id, chunk_id, start, end, score }) => ({
      document_id,
      chunk_id,
      start,
      end,
      score,
    }));
    return { status: 'succeeded', output: { retrieval_session_id: session.id, passages } };
  }
}
