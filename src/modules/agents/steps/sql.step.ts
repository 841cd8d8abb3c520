import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { EngineError } from '../../../engine/errors.js';
import { AskService, isUnfinished, QueriesService, type Query } from '../../queries/index.js';
import type { ConfigOf, InputOf } from '../agent-types.js';
import type { AgentStep, StepContext, StepOutcome } from './agent-step.js';

const LOOK_MS = 100;
/** A query whose process has died, or that was stopped with it, is asked again. */
const LOST: ReadonlySet<string> = new Set(['query_interrupted', 'query_cancelled']);

/** Answers a question, on the way that every question takes. */
@Injectable()
export class SqlStep implements AgentStep<'sql'> {
  constructor(
    private readonly asking: AskService,
    private readonly queries: QueriesService,
  ) {}

  async perform(input: InputOf<'sql'>, config: ConfigOf<'sql'>, context: StepContext): Promise<StepOutcome> {
    const query = await this.ended((await this.begun(context)) ?? (await this.ask(input, config, context)), context);
    const { id, status, origin, confidence, receipt } = query;
    const output = {
      query_id: id,
      status,
      origin,
      confidence,
      sql: query.generatedSql,
      meaning: receipt?.paraphrase ?? null,
      ...(query.clarification === null ? {} : { clarification: query.clarification }),
    };
    const cost = { tokens: receipt?.tokens ?? 0, cost: receipt?.cost ?? 0 };
    if (status === 'succeeded') return { status, output, ...cost };
    if (status === 'needs_clarification') return { status: 'needs_answer', output, ...cost };
    return { status: 'failed', output, error: query.errorMessage ?? `The query is ${status}.`, ...cost };
  }

  /** The query of an earlier try, where it is still good for something. */
  private async begun({ queryId, isRepeated, caller }: StepContext): Promise<Query | null> {
    if (queryId === null) return null;
    const [query] = await this.queries.getAll([queryId], caller);
    if (query === undefined || LOST.has(query.errorCode ?? '')) return null;
    if (!isUnfinished(query) || !isRepeated) return query;
    // Whoever ran it may be dead, and nobody else would tell for minutes.
    const stopped = await this.queries.cancel(queryId, caller);
    return stopped.status === 'succeeded' || stopped.status === 'needs_clarification' ? stopped : null;
  }

  private async ask(input: InputOf<'sql'>, config: ConfigOf<'sql'>, context: StepContext): Promise<Query> {
    const { max_rows, timeout_ms } = config;
    const limits = {
      ...(max_rows === undefined ? {} : { max_rows }),
      ...(timeout_ms === undefined ? {} : { timeout_ms }),
    };
    // It does not hang on this call: its number is to be noted first.
    const patience = { waitMs: 0, disconnected: context.signal, fresh: false };
    const { previous_query_id, ...asked } = input;
    const request = { ...asked, ...limits, ...(previous_query_id === undefined ? {} : { previous_query_id }) };
    const query = await this.asking.ask(request, context.caller, patience);
    await context.queryBegun(query.id);
    return query;
  }

  private async ended(begun: Query, { caller, signal }: StepContext): Promise<Query> {
    let query = begun;
    while (isUnfinished(query)) {
      if (signal.aborted) {
        await this.queries.cancel(query.id, caller);
        throw new EngineError('query_cancelled', 'The run was cancelled.');
      }
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
      query = await this.queries.get(query.id, caller);
    }
    return query;
  }
}
