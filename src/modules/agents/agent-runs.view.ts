import { Injectable } from '@nestjs/common';
import type { PageQuery } from '../../platform/database/index.js';
import type { Principal } from '../../platform/security/index.js';
import { AgentRunsService, type RunPatience } from './agent-runs.service.js';
import { AgentRunDto, type AgentRunPageDto } from './dto/agent-run.dto.js';
import { OrchestratorRunDto } from './dto/orchestrator-run.dto.js';
import type { AgentRun } from './entities/agent-run.entity.js';
import type { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { OrchestratorRunsService } from './orchestrator-runs.service.js';
import { ToldRuns } from './told-runs.js';

/** Runs as they may be told to whoever looks at them now. */
@Injectable()
export class AgentRunsView {
  constructor(
    private readonly runs: AgentRunsService,
    private readonly orchestrated: OrchestratorRunsService,
    private readonly told: ToldRuns,
  ) {}

  /** @throws DomainError as `AgentRunsService.start` */
  async start(agentId: number, input: unknown, caller: Principal, patience: RunPatience): Promise<AgentRunDto> {
    return this.show(await this.runs.start(agentId, input, caller, patience), caller);
  }

  /** @throws DomainError `not_found` for the agent */
  async list(agentId: number, page: PageQuery, caller: Principal): Promise<AgentRunPageDto> {
    const { items, nextCursor, total } = await this.runs.list(agentId, page, caller);
    return {
      items: (await this.told.of(items, caller)).map((one) => AgentRunDto.from(one)),
      next_cursor: nextCursor,
      ...(total === undefined ? {} : { total }),
    };
  }

  /** @throws DomainError `not_found` */
  async get(id: number, caller: Principal): Promise<AgentRunDto> {
    return this.show(await this.runs.get(id, caller), caller);
  }

  /** A run of several agents with its steps. */
  async whole(run: OrchestratorRun, caller: Principal): Promise<OrchestratorRunDto> {
    return OrchestratorRunDto.of(run, await this.told.of(await this.orchestrated.stepsOf(run), caller));
  }

  private async show(run: AgentRun, caller: Principal): Promise<AgentRunDto> {
    const [told] = await this.told.of([run], caller);
    return AgentRunDto.from(told ?? { run, outdated: true });
  }
}
