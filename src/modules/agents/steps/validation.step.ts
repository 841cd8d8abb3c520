import { Injectable } from '@nestjs/common';
import { QueriesService, type Query, ResultsService } from '../../queries/index.js';
import type { ConfigOf, InputOf } from '../agent-types.js';
import type { AgentStep, StepContext, StepOutcome } from './agent-step.js';

interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** Looks whether an answer is fit to be relied on: what speaks against it that can be seen of it. */
@Injectable()
export class ValidationStep implements AgentStep<'validation'> {
  constructor(
    private readonly queries: QueriesService,
    private readonly results: ResultsService,
  ) {}

  async perform(
    { query_id: id }: InputOf<'validation'>,
    config: ConfigOf<'validation'>,
    { caller, signal }: StepContext,
  ): Promise<StepOutcome> {
    const query = await this.queries.get(id, caller);
    if (query.result === null) {
      return { status: 'failed', output: { query_id: id, ok: false, checks: [] }, error: 'The query has no result.' };
    }
    await this.results.open(id, caller, { as: 'validation' });
    const page = await this.results.beginning(query.result, signal);
    const empty = page.columns.filter(
      (_, index) => page.rows.length > 0 && page.rows.every((row) => row[index] === null),
    );
    const stale = await this.results.staleness(query, caller);
    const checks: Check[] = [
      confidenceOf(query, config.min_confidence),
      rowsOf(query, config.min_rows),
      {
        name: 'complete',
        ok: !query.truncated,
        detail: query.truncated ? 'Only the first rows of the result were kept.' : 'All rows of the result were kept.',
      },
      {
        name: 'no_empty_columns',
        ok: empty.length === 0,
        detail:
          empty.length === 0
            ? 'Every column has values.'
            : `Nothing but nulls is at the beginning of: ${empty.map(({ name }) => name).join(', ')}.`,
      },
      {
        name: 'current',
        ok: stale === null,
        detail: stale === null ? 'The data has not changed since.' : 'The data has changed since the query ran.',
      },
      ...(query.receipt?.checks ?? []).filter(({ name, ok }) => !ok && name !== 'complete'),
    ];
    return { status: 'succeeded', output: { query_id: id, ok: checks.every(({ ok }) => ok), checks } };
  }
}

function confidenceOf({ confidence }: Query, least: number): Check {
  const name = 'confidence';
  if (confidence === null) return { name, ok: true, detail: 'A person wrote the statement.' };
  const relation = confidence >= least ? 'is not below' : 'is below';
  return { name, ok: confidence >= least, detail: `The confidence of ${confidence} ${relation} ${least}.` };
}

function rowsOf({ executedRows }: Query, least: number): Check {
  const rows = executedRows ?? 0;
  return { name: 'rows', ok: rows >= least, detail: `The result has ${rows} rows; ${least} or more are expected.` };
}
