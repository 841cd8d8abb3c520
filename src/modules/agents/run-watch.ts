import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { AgentsConfig } from '../../platform/config/index.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { UNDER_WAY } from './run-status.js';

const LOOK_EVERY_MS = 500;

export class TimeIsUp extends Error {
  override readonly name = 'TimeIsUp';
}

/** What stops the work on a run: the job, the end of its time, or that somebody has cancelled or removed it, in whichever process. */
@Injectable()
export class RunWatch {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly config: AgentsConfig,
  ) {}

  /** What is said of a run whose time was up. */
  get tooLong(): string {
    return `It took longer than the ${this.config.timeoutMs / 1000} seconds that a run may take.`;
  }

  /** Does the work until it is stopped; the signal's reason is a `TimeIsUp` when its time was up. */
  async during<T>(
    kind: typeof AgentRun | typeof OrchestratorRun,
    { id }: { id: number },
    job: AbortSignal,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const stop = new AbortController();
    const over = setTimeout(() => stop.abort(new TimeIsUp()), this.config.timeoutMs);
    const timer = setInterval(() => {
      this.isUnderWay(kind, id).then(
        (isUnderWay) => isUnderWay || stop.abort(),
        () => undefined,
      );
    }, LOOK_EVERY_MS);
    try {
      return await work(AbortSignal.any([job, stop.signal]));
    } finally {
      clearTimeout(over);
      clearInterval(timer);
    }
  }

  private async isUnderWay(kind: typeof AgentRun | typeof OrchestratorRun, id: number): Promise<boolean> {
    const run = await this.dataSource.manager.findOne<AgentRun | OrchestratorRun>(kind, { where: { id } });
    return run !== null && (UNDER_WAY as readonly string[]).includes(run.status);
  }
}
