import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { AgentRun } from './entities/agent-run.entity.js';
import type { Agent } from './entities/agent.entity.js';
import { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { type RunStatus, UNDER_WAY } from './run-status.js';

/** Writes down the life of a run of several agents. One that has been cancelled meanwhile stays as it is. */
@Injectable()
export class OrchestratorJournal {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** The run, if there is something to do about it. */
  async find(id: number): Promise<OrchestratorRun | null> {
    return this.dataSource.manager.findOneBy(OrchestratorRun, { id, status: In([...UNDER_WAY]) });
  }

  async begin({ id, startedAt }: OrchestratorRun): Promise<void> {
    const begun = { status: 'running', startedAt: startedAt ?? new Date() } as const;
    await this.dataSource.manager.update(OrchestratorRun, { id, status: 'pending' }, begun);
  }

  /** In the order in which they were begun. */
  async steps(runId: number): Promise<AgentRun[]> {
    return this.dataSource.manager.find(AgentRun, { where: { orchestratorRunId: runId }, order: { id: 'ASC' } });
  }

  /** @returns null when the run has been cancelled or removed meanwhile, so that nothing of it is begun afterwards */
  async newStep(
    run: OrchestratorRun,
    { id: agentId }: Agent,
    input: Record<string, unknown>,
  ): Promise<AgentRun | null> {
    const { id: orchestratorRunId, userId, dataSourceId } = run;
    const queryId = typeof input['query_id'] === 'number' ? input['query_id'] : null;
    const values = { orchestratorRunId, userId, dataSourceId, queryId, agentId, input, status: 'pending' } as const;
    return this.dataSource.transaction(async (manager) => {
      const underWay = await manager.findOne(OrchestratorRun, {
        where: { id: orchestratorRunId, status: In([...UNDER_WAY]) },
        lock: { mode: 'pessimistic_read' },
      });
      return underWay === null ? null : manager.save(AgentRun, values);
    });
  }

  /** The run has ended, or waits for an answer. */
  async end(
    id: number,
    status: Extract<RunStatus, 'succeeded' | 'failed' | 'needs_answer'>,
    told: Partial<Pick<OrchestratorRun, 'resultSummary' | 'errorText'>>,
  ): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const underWay = In([...UNDER_WAY]);
      const finishedAt = new Date();
      const { affected } = await manager.update(
        OrchestratorRun,
        { id, status: underWay },
        { status, finishedAt, ...told },
      );
      if (affected !== 1) return;
      const { errorText = null } = told;
      // A step that was at work when the time was up.
      const step = { status: 'failed', errorText, finishedAt } as const;
      await manager.update(AgentRun, { orchestratorRunId: id, status: underWay }, step);
      const details = { status, ...(errorText === null ? {} : { error: errorText }) };
      record({ action: 'orchestrator_run.ended', objectId: id, details });
    });
  }
}
