import { Injectable, Logger } from '@nestjs/common';
import { EngineError } from '../../engine/errors.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { ModelError } from '../../platform/llm/index.js';
import { NEEDED } from './agent-types.js';
import type { Agent } from './entities/agent.entity.js';
import type { AgentRun } from './entities/agent-run.entity.js';
import { StepJournal } from './step-journal.js';
import { AgentSteps } from './steps/agent-steps.js';
import type { StepContext, StepOutcome } from './steps/agent-step.js';

/** Has one agent do one task and writes down how it went. */
@Injectable()
export class StepRunner {
  private readonly logger = new Logger(StepRunner.name);

  constructor(
    private readonly journal: StepJournal,
    private readonly steps: AgentSteps,
  ) {}

  /**
   * @param run its row, which may have been begun before
   * @returns null when it has been cancelled meanwhile
   * @throws whatever speaks for trying it again: the server stops, or is too busy, and what nobody foresaw
   */
  async run(
    run: AgentRun,
    agent: Agent,
    context: Pick<StepContext, 'caller' | 'signal' | 'tokensLeft' | 'isRepeated'>,
  ): Promise<StepOutcome | null> {
    if (!(await this.journal.begin(run))) return null;
    const queryBegun = (queryId: number): Promise<void> => this.journal.noteQuery(run, queryId);
    const whole = { ...context, queryId: run.queryId, queryBegun };
    const outcome = await this.attempt(run, agent, whole);
    return (await this.journal.end(run, outcome)) ? outcome : null;
  }

  private async attempt(run: AgentRun, agent: Agent, context: StepContext): Promise<StepOutcome> {
    if (!context.caller.permissions.has(NEEDED[agent.type])) {
      return { status: 'failed', output: {}, error: 'Whoever started the run may not do this any more.' };
    }
    try {
      return await this.steps.perform(agent.type, run.input, agent.config, context);
    } catch (error) {
      context.signal.throwIfAborted();
      const isForeseen = error instanceof DomainError || error instanceof EngineError || error instanceof ModelError;
      if (!isForeseen || error.code === 'overloaded') throw error;
      this.logger.warn({ err: error, agent: agent.name, run: run.id }, 'an agent could not do its task');
      return { status: 'failed', output: {}, error: error.message };
    }
  }
}
