import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In, type SelectQueryBuilder } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { AgentsConfig } from '../../platform/config/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { JobQueue } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/security/index.js';
import { DO_TASK } from './agent-jobs.js';
import { AgentRunPolicy } from './agent-run.policy.js';
import { NEEDED, readInput } from './agent-types.js';
import { AgentsService } from './agents.service.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { isAtRest, UNDER_WAY } from './run-status.js';
import { RunSubjects } from './run-subjects.js';

const LOOK_MS = 100;

/** How long somebody waits for a run, and when they have gone. */
export interface RunPatience {
  waitMs: number;
  disconnected: AbortSignal;
}

/** Having one agent do one task, and looking at what came of it. */
@Injectable()
export class AgentRunsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly agents: AgentsService,
    private readonly policy: AgentRunPolicy,
    private readonly subjects: RunSubjects,
    private readonly queue: JobQueue,
    private readonly config: AgentsConfig,
  ) {}

  /**
   * Gives an agent a task, in the background, and waits for its end as long as the patience lasts.
   *
   * @throws DomainError `not_found` for the agent, or what the task is about; `conflict` when it is switched off; `forbidden`,
   *   `validation_failed`, `overloaded`
   */
  async start(agentId: number, given: unknown, caller: Principal, patience: RunPatience): Promise<AgentRun> {
    const agent = await this.agents.get(agentId);
    if (!agent.isActive) throw new DomainError('conflict', 'This agent is switched off.');
    refuseUnallowed(caller, NEEDED[agent.type]);
    const input = readInput(agent.type, given);
    const { userId } = caller;
    const subject = await this.subjects.of(input, caller);
    const unfinished = await this.dataSource.manager.countBy(AgentRun, { userId, status: In([...UNDER_WAY]) });
    if (unfinished >= this.config.mostUnfinished) throw tooMany();
    const id = await this.unitOfWork.run(async ({ manager, record }) => {
      const values = { agentId, userId, ...subject, input: { ...input }, status: 'pending' } as const;
      const run = await manager.save(AgentRun, values);
      const jobId = await this.queue.enqueue(DO_TASK, { agentRunId: run.id }, { manager });
      await manager.update(AgentRun, { id: run.id }, { jobId });
      record({ action: 'agent_run.started', objectId: run.id, details: { agent: agent.name, input } });
      return run.id;
    });
    return this.ended(id, caller, patience);
  }

  /** The caller's runs of an agent, newest first. @throws DomainError `not_found` for the agent */
  async list(agentId: number, page: PageQuery, caller: Principal): Promise<Page<AgentRun>> {
    const agent = await this.agents.get(agentId);
    const found = await paginate(this.visible(caller).andWhere('run.agentId = :agentId', { agentId }), page);
    for (const run of found.items) run.agent = agent;
    return found;
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<AgentRun> {
    const run = await this.visible(caller)
      .innerJoinAndSelect('run.agent', 'agent')
      .andWhere('run.id = :id', { id })
      .getOne();
    if (run === null) throw notFound('agent run');
    return run;
  }

  private async ended(id: number, caller: Principal, { waitMs, disconnected }: RunPatience): Promise<AgentRun> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const run = await this.get(id, caller);
      if (isAtRest(run.status) || disconnected.aborted || Date.now() >= deadline) return run;
      await pause(Math.min(LOOK_MS, Math.max(1, deadline - Date.now())));
    }
  }

  private visible(caller: Principal): SelectQueryBuilder<AgentRun> {
    return this.policy.restrict(this.dataSource.manager.createQueryBuilder(AgentRun, 'run'), caller);
  }
}

/** @throws DomainError `forbidden` */
export function refuseUnallowed({ permissions }: Principal, needed: (typeof NEEDED)[keyof typeof NEEDED]): void {
  if (permissions.has(needed)) return;
  throw new DomainError('forbidden', `Running this takes the permission ${needed}, which you do not have.`);
}

export function tooMany(): DomainError {
  const retry = { retryAfterSeconds: 10 };
  return new DomainError('overloaded', 'Too many of your runs have not ended. Wait for some of them to end.', retry);
}
