import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AgentsConfig } from '../../platform/config/index.js';
import { JobQueue, type JobTry } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/security/index.js';
import { AccountsService } from '../users/index.js';
import { GO_ON } from './agent-jobs.js';
import type { AgentType } from './agent-types.js';
import { AgentsService } from './agents.service.js';
import type { AgentRun } from './entities/agent-run.entity.js';
import type { Agent } from './entities/agent.entity.js';
import { OrchestratorRun } from './entities/orchestrator-run.entity.js';
import { OrchestratorJournal } from './orchestrator-journal.js';
import { inputOf, type InputSpec, MOST_STEPS, planOf, rowOf } from './run-plan.js';
import { RunWatch, TimeIsUp } from './run-watch.js';
import { StepRunner } from './step-runner.js';
import type { StepOutcome } from './steps/agent-step.js';

interface Going {
  run: OrchestratorRun;
  caller: Principal;
  signal: AbortSignal;
  isRepeated: boolean;
}

/** The work of runs of several agents, in the background: step by step, each of them kept, so that another try goes on from there. */
@Injectable()
export class OrchestratorWork implements OnModuleInit {
  constructor(
    private readonly journal: OrchestratorJournal,
    private readonly queue: JobQueue,
    private readonly accounts: AccountsService,
    private readonly agents: AgentsService,
    private readonly watch: RunWatch,
    private readonly runner: StepRunner,
    private readonly config: AgentsConfig,
  ) {}

  onModuleInit(): void {
    this.queue.handle(GO_ON, {
      work: ({ runId }, attempt) => this.work(runId, attempt),
      givenUp: ({ runId }, reason) => this.journal.end(runId, 'failed', { errorText: reason }),
    });
  }

  private async work(id: number, { attempt, signal: job }: JobTry): Promise<void> {
    const run = await this.journal.find(id);
    if (run === null) return;
    const caller = await this.accounts.findPrincipal(run.userId);
    if (caller === null) {
      const errorText = 'The account of whoever started it is not active any more.';
      return this.journal.end(id, 'failed', { errorText });
    }
    await this.journal.begin(run);
    await this.watch.during(OrchestratorRun, run, job, async (signal) => {
      try {
        await this.goThrough({ run, caller, signal, isRepeated: attempt > 1 });
      } catch (error) {
        if (!signal.aborted || job.aborted) throw error;
        // Otherwise somebody has cancelled or removed it.
        if (signal.reason instanceof TimeIsUp) await this.journal.end(id, 'failed', { errorText: this.watch.tooLong });
      }
    });
  }

  /** Does the steps that have not been done. */
  private async goThrough(going: Going): Promise<void> {
    const { run } = going;
    const spec = run.inputSpec as unknown as InputSpec;
    const agents = await this.agents.builtIn();
    let text: string | null = null;
    let queryId: number | null = null;
    for (const type of planOf(spec, agents.keys())) {
      going.signal.throwIfAborted();
      const agent = agents.get(type);
      const outcome: StepOutcome | null =
        agent === undefined ? null : await this.step(type, agent, inputOf(type, spec, queryId), going);
      if (outcome === null) return;
      if (type === 'sql') {
        if (outcome.status === 'needs_answer') return this.journal.end(run.id, 'needs_answer', {});
        if (outcome.status === 'failed')
          return this.journal.end(run.id, 'failed', { errorText: outcome.error ?? null });
        queryId = Number(outcome.output['query_id']);
      }
      if (type === 'text' && outcome.status === 'succeeded') text = String(outcome.output['text']);
    }
    await this.journal.end(run.id, 'succeeded', { resultSummary: text });
  }

  /** What came of a step, now or in an earlier try; null when the run is not to go on. */
  private async step(
    type: AgentType,
    agent: Agent,
    input: Record<string, unknown>,
    { run, caller, signal, isRepeated }: Going,
  ): Promise<StepOutcome | null> {
    const rows = await this.journal.steps(run.id);
    const known = rowOf(rows, agent.id);
    const done = known === null ? null : outcomeOf(known);
    if (done !== null) return done;
    if (known === null && rows.length >= MOST_STEPS) {
      await this.journal.end(run.id, 'failed', { errorText: `A run may have ${MOST_STEPS} steps.` });
      return null;
    }
    const row = known ?? (await this.journal.newStep(run, agent, input));
    if (row === null) return null;
    const spent = rows.reduce((sum, { tokenUsage }) => sum + tokenUsage, 0);
    const tokensLeft = Math.max(0, this.config.maxTokens - spent);
    const outcome = await this.runner.run(row, agent, {
      caller,
      signal,
      tokensLeft,
      isRepeated: isRepeated && known !== null,
    });
    // Whatever else a step is for, the answer is good without it.
    return outcome === null && type !== 'sql' && !signal.aborted ? { status: 'failed', output: {} } : outcome;
  }
}

/** Of a step that has ended, or has asked back and got no answer; null for one that is to be done, or done again. */
function outcomeOf({ status, output, errorText }: AgentRun): StepOutcome | null {
  if (status !== 'succeeded' && status !== 'failed' && status !== 'needs_answer') return null;
  return { status, output: output ?? {}, ...(errorText === null ? {} : { error: errorText }) };
}
