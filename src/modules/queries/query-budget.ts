import { Injectable } from '@nestjs/common';
import type { RunEstimate } from '../../engine/connectors/connector.js';
import type { GuardedStatement } from '../../engine/sql/index.js';
import type { Check } from '../../engine/text-to-sql/index.js';
import { QueryConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import {
  ConnectorsService,
  type DataSourceEntity,
  type OpenedTable,
  SourceAvailability,
  SourceTurns,
} from '../data-sources/index.js';
import { BudgetsService } from '../system/index.js';
import type { EstimateCaps, Query } from './entities/query.entity.js';
import type { RunPlan } from './query-execution.js';
import type { Receipt, StoredEstimate } from './receipt.js';

const CAPPED = ['rows', 'bytes', 'cost'] as const;

/** What a statement may be expected to cost, asked of the source before anything is run. */
@Injectable()
export class QueryBudget {
  constructor(
    private readonly connectors: ConnectorsService,
    private readonly turns: SourceTurns,
    private readonly availability: SourceAvailability,
    private readonly config: QueryConfig,
    private readonly budgets: BudgetsService,
  ) {}

  /** The caller's caps, none of them wider than this installation's; null when there are none at all. */
  capsOf(wished: EstimateCaps | null): EstimateCaps | null {
    const caps = CAPPED.flatMap((what) => {
      const set = [wished?.[what], this.config.estimateCaps[what]].filter((cap) => cap !== undefined);
      return set.length === 0 ? [] : [[what, Math.min(...set)]];
    });
    return caps.length === 0 ? null : (Object.fromEntries(caps) as EstimateCaps);
  }

  /**
   * Notes the source's estimate in the receipt, where a cap or a dry run asks for it.
   *
   * @throws DomainError `budget_exceeded` when the time for queries is used up; `query_over_budget`, with the estimate; `overloaded`, `source_unavailable`; EngineError as the source says
   */
  async check(
    { userId, caps, dryRun }: Pick<Query, 'userId' | 'caps' | 'dryRun'>,
    { statement }: RunPlan,
    receipt: Receipt,
    { source, tables }: { source: DataSourceEntity; tables: readonly OpenedTable[] },
    signal: AbortSignal,
  ): Promise<void> {
    if (!dryRun) await this.budgets.assertWithin(userId, 'query_time');
    if (caps === null && !dryRun) return;
    // A plan is all that such a statement gives.
    if (/^EXPLAIN\b/i.test(statement.sql)) return;
    const claim = { userId, sourceId: source.id };
    const estimate = await this.turns.take(claim, signal, (stopped) => this.ask(source, tables, statement, stopped));
    receipt.estimate = estimate === null || tellsHiddenRows(estimate, statement) ? null : stored(estimate);
    receipt.checks.push(judged(receipt.estimate, caps ?? {}));
    const over = excesses(receipt.estimate, caps ?? {});
    if (over.length === 0) return;
    throw new DomainError(
      'query_over_budget',
      `The query was not run: it is expected to need ${over.join(' and ')}. Filter or aggregate more, or allow it more.`,
      { members: { estimate: receipt.estimate } },
    );
  }

  private async ask(
    source: DataSourceEntity,
    tables: readonly OpenedTable[],
    statement: GuardedStatement,
    signal: AbortSignal,
  ): Promise<RunEstimate | null> {
    const connector = await this.connectors.open(source, tables);
    try {
      if (connector.estimate === undefined) return null;
      const estimate = connector.estimate.bind(connector, statement.sql, signal, statement);
      return await this.availability.reach(source, connector, signal, estimate);
    } finally {
      await connector.close();
    }
  }
}

/** What files hold says how many rows there are beside those that rules let through. */
function tellsHiddenRows({ scanned = false }: RunEstimate, { rules }: GuardedStatement): boolean {
  return scanned && rules.some(({ kind }) => kind === 'row');
}

function stored({ rows, bytes, cost, scanned = false }: RunEstimate): StoredEstimate {
  return { rows, bytes: bytes ?? null, cost: cost ?? null, of: scanned ? 'scan' : 'result' };
}

function excesses(estimate: StoredEstimate | null, caps: EstimateCaps): string[] {
  return CAPPED.flatMap((what) => {
    const [expected, cap] = [estimate?.[what] ?? null, caps[what]];
    if (expected === null || cap === undefined || expected <= cap) return [];
    return [`${inWords(expected, what)} where ${inWords(cap, what)} may be`];
  });
}

function judged(estimate: StoredEstimate | null, caps: EstimateCaps): Check {
  const untold = CAPPED.filter((what) => caps[what] !== undefined && (estimate?.[what] ?? null) === null);
  if (estimate === null) {
    const detail = 'There is no estimate that could be told: what the query costs was not looked at before it ran.';
    return { name: 'budget', ok: untold.length === 0, detail };
  }
  const told = CAPPED.flatMap((what) => (estimate[what] === null ? [] : [inWords(estimate[what], what)])).join(', ');
  const basis = estimate.of === 'scan' ? 'The files that it reads hold' : 'The source’s planner expects of the result';
  const gap = untold.length === 0 ? '' : ` It says nothing of ${untold.join(' and ')}, so that cap was not looked at.`;
  return {
    name: 'budget',
    ok: excesses(estimate, caps).length === 0 && untold.length === 0,
    detail: `${basis} ${told}.${gap}`,
  };
}

function inWords(amount: number, what: (typeof CAPPED)[number]): string {
  const number = Math.round(amount).toLocaleString('en');
  return what === 'cost' ? `a cost of ${number}` : `${number} ${what}`;
}
