import type { Principal } from '../../../platform/security/index.js';
import type { AgentType, ConfigOf, InputOf } from '../agent-types.js';

/** What a step is done in: for whom, until when, and with what is left of the limits. */
export interface StepContext {
  /** Whoever asked for it; what they may see and do now holds. */
  caller: Principal;
  signal: AbortSignal;
  /** The query that an earlier try of the step, or the answer to what it asked back, has begun. */
  queryId: number | null;
  /** Whether this step has been begun before, by a process that may have died. */
  isRepeated: boolean;
  /** Notes the query of the step as soon as there is one, so that it can be cancelled and is not asked twice. */
  queryBegun: (queryId: number) => Promise<void>;
  /** Tokens that a model may still take. */
  tokensLeft: number;
}

/** What came of a step. */
export interface StepOutcome {
  status: 'succeeded' | 'failed' | 'needs_answer';
  output: Record<string, unknown>;
  /** Why it failed, in a sentence. */
  error?: string;
  tokens?: number;
  cost?: number;
}

/** The skill of a type of agent. Doing a step twice does no harm. */
export interface AgentStep<T extends AgentType> {
  /** @throws EngineError, DomainError when it cannot be done */
  perform(input: InputOf<T>, config: ConfigOf<T>, context: StepContext): Promise<StepOutcome>;
}
