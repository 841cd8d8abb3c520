import { ApiProperty } from '@nestjs/swagger';
import { IsObject } from 'class-validator';
import type { AgentType } from '../agent-types.js';
import type { RunStatus } from '../run-status.js';
import type { ToldRun } from '../told-runs.js';

export class StartAgentRunDto {
  /** What the type of the agent takes: `{data_source_id, question}` for `sql`, `{query}` for `retrieval`, `{query_id}` for the others. */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { query_id: 1 } })
  @IsObject()
  input!: Record<string, unknown>;
}

/** One task of one agent, alone or as a step of an orchestrator run. */
export class AgentRunDto {
  /** @example 7 */
  id!: number;
  /** @example 1 */
  agent_id!: number;
  type!: AgentType;
  orchestrator_run_id!: number | null;
  query_id!: number | null;
  status!: RunStatus;
  @ApiProperty({ type: 'object', additionalProperties: true })
  input!: Record<string, unknown>;
  /** What it came to; null before, and when it is outdated. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  output!: Record<string, unknown> | null;
  /** What you may see of the data has changed since, or the query is gone: what was made of it is not given out any more. */
  outdated!: boolean;
  error!: string | null;
  /** Of a language model. */
  tokens!: number;
  cost!: number;
  created_at!: Date;
  started_at!: Date | null;
  finished_at!: Date | null;
  /** From its beginning to its end; null before. @example 41 */
  duration_ms!: number | null;

  static from({ run, outdated }: ToldRun): AgentRunDto {
    const { startedAt, finishedAt } = run;
    return {
      id: run.id,
      agent_id: run.agentId,
      type: run.agent.type,
      orchestrator_run_id: run.orchestratorRunId,
      query_id: run.queryId,
      status: run.status,
      input: run.input,
      output: outdated ? null : run.output,
      outdated,
      error: run.errorText,
      tokens: run.tokenUsage,
      cost: run.cost,
      created_at: run.createdAt,
      started_at: startedAt,
      finished_at: finishedAt,
      duration_ms: startedAt === null || finishedAt === null ? null : finishedAt.getTime() - startedAt.getTime(),
    };
  }
}

export class AgentRunPageDto {
  items!: AgentRunDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'Mw' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;
}
