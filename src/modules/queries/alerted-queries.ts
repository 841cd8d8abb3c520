import { Injectable } from '@nestjs/common';
import { QueryConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { type WatchedColumn, WatchedQueries, type WatchedRows } from '../system/index.js';
import { AskService } from './ask.service.js';
import { isUnfinished, type Query } from './entities/query.entity.js';
import { FIRST_ROWS } from './first-rows.js';
import { QueriesService } from './queries.service.js';
import { ResultsService } from './results.service.js';

/** Queries as alerts see them. */
@Injectable()
export class AlertedQueries extends WatchedQueries {
  constructor(
    private readonly queries: QueriesService,
    private readonly results: ResultsService,
    private readonly asking: AskService,
    private readonly config: QueryConfig,
  ) {
    super();
  }

  async columns(queryId: number, caller: Principal): Promise<readonly WatchedColumn[] | null> {
    return (await this.queries.get(queryId, caller)).result?.resultMeta.columns ?? null;
  }

  async rows(queryId: number, caller: Principal, signal: AbortSignal): Promise<WatchedRows> {
    const { result } = await this.results.open(queryId, caller, { as: 'alert' });
    if (result === null) throw new DomainError('result_not_ready', 'The query that is watched has no result.');
    const { columns, rows } = await this.results.beginning(result, signal);
    if (rows.length < result.resultMeta.rowCount) {
      throw new DomainError(
        'query_result_too_large',
        `Alerts look at results of up to ${FIRST_ROWS} rows. Sum the rows up in the query.`,
      );
    }
    return { queryId, columns, rows };
  }

  async run(queryId: number, caller: Principal, signal: AbortSignal): Promise<WatchedRows> {
    const waitMs = Math.min(this.config.longestStayMs, LONGEST_TIMER_MS);
    const patience = { waitMs, disconnected: signal, fresh: true, isTrial: true };
    const query = await this.asking.rerun(queryId, caller, patience);
    try {
      if (query.status !== 'succeeded') throw failed(query);
      return await this.rows(query.id, caller, signal);
    } catch (error) {
      await this.forget(query.id, caller);
      throw error;
    }
  }

  async forget(queryId: number, caller: Principal): Promise<void> {
    await this.queries.remove(queryId, caller);
  }
}

const LONGEST_TIMER_MS = 2_147_483_647;

function failed(query: Query): DomainError {
  if (isUnfinished(query)) return new DomainError('overloaded', 'The query did not end in time. Try again later.');
  const why = query.errorMessage ?? 'It asks back, and cannot run without an answer.';
  return new DomainError('query_failed', `The query could not be run: ${why}`);
}
