import type { AgentRun } from '../entities/agent-run.entity.js';
import type { OrchestratorRun } from '../entities/orchestrator-run.entity.js';
import { type AgentType } from '../agent-types.js';
import type { RunStatus } from '../run-status.js';

/** `event: step`: a step has begun or ended; `event: needs_answer`: it has asked back. What it came to is at the run itself. */
export class StepEventDto {
  /** @example 7 */
  agent_run_id!: number;
  type!: AgentType;
  status!: RunStatus;
  query_id!: number | null;
  error!: string | null;

  static begun(step: AgentRun): StepEventDto {
    return { agent_run_id: step.id, type: step.agent.type, status: 'running', query_id: null, error: null };
  }

  static ended(step: AgentRun): StepEventDto {
    const { id, agent, status, queryId, errorText } = step;
    return { agent_run_id: id, type: agent.type, status, query_id: queryId, error: errorText };
  }
}

/** `event: finished`: nothing more will happen. */
export class RunEndedEventDto {
  /** @example 3 */
  id!: number;
  status!: RunStatus;
  error!: string | null;

  static from({ id, status, errorText }: OrchestratorRun): RunEndedEventDto {
    return { id, status, error: errorText };
  }
}
