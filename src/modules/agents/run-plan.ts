import type { AgentType } from './agent-types.js';
import type { AgentRun } from './entities/agent-run.entity.js';

/** What somebody wants to have found out. */
export interface InputSpec {
  data_source_id: number;
  question: string;
  /** Whether documents are looked up too. */
  with_documents?: boolean;
}

/** A run has no more steps than this, whatever is answered in between. */
export const MOST_STEPS = 20;

/** The steps of a run in order: the answer, whether it holds, its chart, what stands out, what documents say, and a text about it all. */
const ORDER: readonly AgentType[] = ['sql', 'validation', 'visualization', 'insight', 'retrieval', 'text'];

export function planOf(
  { with_documents: withDocuments = false }: InputSpec,
  available: Iterable<AgentType>,
): AgentType[] {
  const types = new Set(available);
  return ORDER.filter((type) => types.has(type) && (type !== 'retrieval' || withDocuments));
}

/** What a step is given; `queryId` is that of the answer. */
export function inputOf(type: AgentType, spec: InputSpec, queryId: number | null): Record<string, unknown> {
  const { data_source_id, question } = spec;
  if (type === 'sql') return { data_source_id, question };
  if (type === 'retrieval') return { query: question.slice(0, 1000), data_source_id };
  return { query_id: queryId };
}

/** The last row of a step, whose order is that of the ids; null where it has not been begun. */
export function rowOf<T extends Pick<AgentRun, 'agentId'>>(rows: readonly T[], agentId: number): T | null {
  return rows.findLast((row) => row.agentId === agentId) ?? null;
}
