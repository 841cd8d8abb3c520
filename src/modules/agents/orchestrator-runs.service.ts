import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager, In, type SelectQueryBuilder } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { AgentsConfig } from '../../platform/config/index.js';
import { type Page, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { JobQueue } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { GO_ON } from './agent-jobs.js';
import { AgentRunPolicy } from './agent-run.policy.js';
import { type RunPatience, refuseUnallowed, tooMany } from './agent-runs.service.js';
import { AgentsService } from './agents.service.js';
import type { NewOrchestratorRunDto, OrchestratorRunListQuery } from './dto/orchestrator-run.dto.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { isAtRest, UNDER_WAY } from './run-status.js';

const LOOK_MS = 100;

/** Beginning runs of several agents, and finding them. */
@Injectable()
export class OrchestratorRunsService {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly agents: AgentsService,
    private readonly policy: AgentRunPolicy,
    private readonly sources: DataSourcesService,
    private readonly queue: JobQueue,
    private readonly config: AgentsConfig,
  ) {}

  /**
   * Begins a run, which goes on by itself, and waits for its end as long as the patience lasts.
   *
   * @throws DomainError `not_found` for the source, `conflict` when the agent that answers is switched off, `forbidden`, `overloaded`
   */
  async start(request: NewOrchestratorRunDto, caller: Principal, patience: RunPatience): Promise<OrchestratorRun> {
    refuseUnallowed(caller, 'queries:write');
    const { name = null, description = null, input_spec } = request;
    const { id: dataSourceId } = await this.sources.get(input_spec.data_source_id, caller);
    if (!(await this.agents.builtIn()).has('sql'))
      throw new DomainError('conflict', 'The agent that answers questions is switched off.');
    const { userId } = caller;
    const unfinished = await this.dataSource.manager.countBy(OrchestratorRun, { userId, status: In([...UNDER_WAY]) });
    if (unfinished >= this.config.mostUnfinished) throw tooMany();
    const id = await this.unitOfWork.run(async ({ manager, record }) => {
      const inputSpec = { ...input_spec };
      const run = await manager.save(OrchestratorRun, {
        userId,
        dataSourceId,
        name,
        description,
        inputSpec,
        status: 'pending',
      });
      await this.goOn(run.id, manager);
      record({ action: 'orchestrator_run.started', objectId: run.id, details: { name, ...input_spec } });
      return run.id;
    });
    return this.ended(id, caller, patience);
  }

  /** Has a run go on, as part of the change that calls for it. */
  async goOn(runId: number, manager: EntityManager): Promise<void> {
    const jobId = await this.queue.enqueue(GO_ON, { runId }, { manager });
    await manager.update(OrchestratorRun, { id: runId }, { jobId });
  }

  /** The caller's, newest first. */
  async list({ status, ...page }: OrchestratorRunListQuery, caller: Principal): Promise<Page<OrchestratorRun>> {
    const found = this.visible(caller);
    if (status !== undefined) found.andWhere('run.status = :status', { status });
    return paginate(found, page);
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<OrchestratorRun> {
    const run = await this.visible(caller).andWhere('run.id = :id', { id }).getOne();
    if (run === null) throw notFound('orchestrator run');
    return run;
  }

  /** The steps of a run of the caller's, in order, with their agents. */
  async stepsOf({ id }: OrchestratorRun): Promise<AgentRun[]> {
    return this.dataSource.manager.find(AgentRun, {
      where: { orchestratorRunId: id },
      relations: { agent: true },
      order: { id: 'ASC' },
    });
  }

  /** The run when it has come to rest, or the patience is at its end. */
  async ended(id: number, caller: Principal, { waitMs, disconnected }: RunPatience): Promise<OrchestratorRun> {
    const deadline = Date.now() + waitMs;
    for (;;) {
      const run = await this.get(id, caller);
      if (isAtRest(run.status) || disconnected.aborted || Date.now() >= deadline) return run;
      await pause(Math.min(LOOK_MS, Math.max(1, deadline - Date.now())));
    }
  }

  private visible(caller: Principal): SelectQueryBuilder<OrchestratorRun> {
    return this.policy.restrict(this.dataSource.manager.createQueryBuilder(OrchestratorRun, 'run'), caller);
  }
}
