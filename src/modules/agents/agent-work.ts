import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, In } from 'typeorm';
import { AgentsConfig } from '../../platform/config/index.js';
import { JobQueue, type JobTry } from '../../platform/jobs/index.js';
import { AccountsService } from '../users/index.js';
import { DO_TASK } from './agent-jobs.js';
import { AgentRun } from './entities/agent-run.entity.js';
import { RunWatch, TimeIsUp } from './run-watch.js';
import { UNDER_WAY } from './run-status.js';
import { StepJournal } from './step-journal.js';
import { StepRunner } from './step-runner.js';

/** The work of single agents, in the background. */
@Injectable()
export class AgentWork implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly queue: JobQueue,
    private readonly accounts: AccountsService,
    private readonly watch: RunWatch,
    private readonly runner: StepRunner,
    private readonly journal: StepJournal,
    private readonly config: AgentsConfig,
  ) {}

  onModuleInit(): void {
    this.queue.handle(DO_TASK, {
      work: ({ agentRunId }, attempt) => this.work(agentRunId, attempt),
      givenUp: ({ agentRunId }, reason) => this.fail(agentRunId, reason),
    });
  }

  private async work(id: number, { attempt, signal: job }: JobTry): Promise<void> {
    const run = await this.dataSource.manager.findOne(AgentRun, {
      where: { id, status: In([...UNDER_WAY]) },
      relations: { agent: true },
    });
    if (run === null) return;
    const caller = await this.accounts.findPrincipal(run.userId);
    if (caller === null) return this.fail(id, 'The account of whoever started it is not active any more.');
    await this.watch.during(AgentRun, run, job, async (signal) => {
      const context = { caller, signal, tokensLeft: this.config.maxTokens, isRepeated: attempt > 1 };
      try {
        await this.runner.run(run, run.agent, context);
      } catch (error) {
        if (!signal.aborted || job.aborted) throw error;
        // Otherwise somebody has cancelled or removed it.
        if (signal.reason instanceof TimeIsUp) await this.fail(id, this.watch.tooLong);
      }
    });
  }

  private async fail(id: number, error: string): Promise<void> {
    const run = await this.dataSource.manager.findOneBy(AgentRun, { id });
    if (run === null) return;
    await this.journal.begin(run);
    await this.journal.end(run, { status: 'failed', output: {}, error });
  }
}
