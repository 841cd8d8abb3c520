import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { JobQueue } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/security/index.js';
import { AskService, QueriesService } from '../queries/index.js';
import { GO_ON } from './agent-jobs.js';
import { type RunPatience, refuseUnallowed } from './agent-runs.service.js';
import type { AnswerRunDto } from './dto/orchestrator-run.dto.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { OrchestratorRunsService } from './orchestrator-runs.service.js';
import { UNDER_WAY } from './run-status.js';

/** Stopping runs of several agents, and answering what they ask back. */
@Injectable()
export class RunControlService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly runs: OrchestratorRunsService,
    private readonly queries: QueriesService,
    private readonly asking: AskService,
    private readonly queue: JobQueue,
  ) {}

  /** Stops a run, with the query that it is at, at its source; one that has ended stays as it is. */
  async cancel(id: number, caller: Principal): Promise<OrchestratorRun> {
    const run = await this.runs.get(id, caller);
    const isStopped = await this.unitOfWork.run(async ({ manager, record }) => {
      const end = { status: 'cancelled', finishedAt: new Date() } as const;
      const under = In([...UNDER_WAY, 'needs_answer']);
      const { affected } = await manager.update(OrchestratorRun, { id, status: under }, end);
      if (affected !== 1) return false;
      // A step that has asked back has ended, and been told of: who follows the run counts on it.
      await manager.update(AgentRun, { orchestratorRunId: id, status: In([...UNDER_WAY]) }, end);
      record({ action: 'orchestrator_run.cancelled', objectId: id });
      return true;
    });
    if (isStopped) await this.stopWork(run, caller);
    return this.runs.get(id, caller);
  }

  /**
   * Answers what the question of a run was asked back, and has it go on.
   *
   * @throws DomainError `clarification_not_open` when it asks nothing, `validation_failed` when the option is none of those offered
   */
  async answer(id: number, answer: AnswerRunDto, caller: Principal, patience: RunPatience): Promise<OrchestratorRun> {
    refuseUnallowed(caller, 'queries:write');
    const run = await this.runs.get(id, caller);
    const open = (await this.runs.stepsOf(run)).findLast(({ status }) => status === 'needs_answer');
    const { queryId = null } = open ?? {};
    if (run.status !== 'needs_answer' || open === undefined || queryId === null) throw notOpen();
    const [query] = await this.queries.getAll([queryId], caller);
    // Whoever has answered it at the query itself only has to say that the run may go on.
    if (query?.status === 'needs_clarification') {
      await this.asking.answer(queryId, answer, caller, {
        waitMs: 0,
        disconnected: new AbortController().signal,
        fresh: false,
      });
    }
    await this.unitOfWork.run(async ({ manager, record }) => {
      const again = { status: 'pending', finishedAt: null } as const;
      const { affected } = await manager.update(OrchestratorRun, { id, status: 'needs_answer' }, again);
      if (affected !== 1) throw notOpen();
      const { agentId, userId, dataSourceId, input } = open;
      await manager.save(AgentRun, {
        agentId,
        userId,
        dataSourceId,
        input,
        queryId,
        orchestratorRunId: id,
        status: 'pending',
      });
      await this.runs.goOn(id, manager);
      record({ action: 'orchestrator_run.answered', objectId: id, details: { query_id: queryId } });
    });
    return this.runs.ended(id, caller, patience);
  }

  private async stopWork(run: OrchestratorRun, caller: Principal): Promise<void> {
    if (run.jobId !== null) await this.queue.cancel(GO_ON, run.jobId);
    const queryIds = (await this.runs.stepsOf(run)).flatMap(({ queryId }) => queryId ?? []);
    for (const { id } of await this.queries.getAll([...new Set(queryIds)], caller))
      await this.queries.cancel(id, caller);
  }
}

function notOpen(): DomainError {
  return new DomainError('clarification_not_open', 'This run is not waiting for an answer.');
}
