import { Injectable } from '@nestjs/common';
import { AGENT_TYPES, type AgentType, readConfig, readInput } from '../agent-types.js';
import type { AgentStep, StepContext, StepOutcome } from './agent-step.js';
import { InsightStep } from './insight.step.js';
import { RetrievalStep } from './retrieval.step.js';
import { SqlStep } from './sql.step.js';
import { TextStep } from './text.step.js';
import { ValidationStep } from './validation.step.js';
import { VisualizationStep } from './visualization.step.js';

type Skills = { [T in AgentType]: AgentStep<T> };
type Deed = (input: unknown, config: unknown, context: StepContext) => Promise<StepOutcome>;

/** The skills of all types of agents. */
@Injectable()
export class AgentSteps {
  private readonly deeds: ReadonlyMap<AgentType, Deed>;

  constructor(
    sql: SqlStep,
    validation: ValidationStep,
    visualization: VisualizationStep,
    insight: InsightStep,
    retrieval: RetrievalStep,
    text: TextStep,
  ) {
    const skills: Skills = { sql, validation, visualization, insight, retrieval, text };
    this.deeds = new Map(AGENT_TYPES.map((type) => [type, deedOf(type, skills[type])]));
  }

  /** @throws DomainError `validation_failed` when input or configuration do not fit the type; as the step does */
  async perform(type: AgentType, input: unknown, config: unknown, context: StepContext): Promise<StepOutcome> {
    const deed = this.deeds.get(type);
    if (deed === undefined) throw new Error(`No agent of the type ${type} has learnt anything.`);
    return deed(input, config, context);
  }
}

function deedOf<T extends AgentType>(type: T, skill: AgentStep<T>): Deed {
  return (input, config, context) => skill.perform(readInput(type, input), readConfig(type, config), context);
}
