import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { UnitOfWork } from '../../platform/audit/index.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { UNDER_WAY } from './run-status.js';
import type { StepOutcome } from './steps/agent-step.js';

/** Writes down the life of a step, or of an agent that runs alone. One that has been cancelled meanwhile stays as it is. */
@Injectable()
export class StepJournal {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** @returns false when it is not to be done any more */
  async begin({ id, startedAt }: AgentRun): Promise<boolean> {
    const begun = { status: 'running', startedAt: startedAt ?? new Date() } as const;
    const { affected } = await this.dataSource.manager.update(AgentRun, { id, status: In([...UNDER_WAY]) }, begun);
    return affected === 1;
  }

  async noteQuery({ id }: AgentRun, queryId: number): Promise<void> {
    await this.dataSource.manager.update(AgentRun, { id }, { queryId });
  }

  /** @returns false when it has been cancelled or removed meanwhile */
  async end({ id }: AgentRun, { status, output, error, tokens = 0, cost = 0 }: StepOutcome): Promise<boolean> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const end = { status, errorText: error ?? null, tokenUsage: tokens, cost, finishedAt: new Date() };
      const { affected } = await manager
        .createQueryBuilder()
        .update(AgentRun)
        .set({ ...end, output: () => ':output::jsonb' })
        .setParameter('output', JSON.stringify(output))
        .where({ id, status: 'running' })
        .execute();
      if (affected !== 1) return false;
      record({
        action: 'agent_run.ended',
        objectId: id,
        details: { status, ...(error === undefined ? {} : { error }) },
      });
      return true;
    });
  }
}
