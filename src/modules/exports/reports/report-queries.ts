import { Injectable } from '@nestjs/common';
import { QueryConfig } from '../../../platform/config/index.js';
import type { Principal } from '../../../platform/security/index.js';
import { AskService, QueriesService, type Query } from '../../queries/index.js';

/** Another try would end the same. */
export class HopelessDelivery extends Error {
  override readonly name = 'HopelessDelivery';
}

/** Another try may go better. Its message is told to the owner of the report: without an address, and without data of anybody. */
export class PassingTrouble extends Error {
  override readonly name = 'PassingTrouble';
}

/** Asks the queries of reports anew, in the name of a recipient and as they may ask them. */
@Injectable()
export class ReportQueries {
  constructor(
    private readonly queries: QueriesService,
    private readonly asking: AskService,
    private readonly config: QueryConfig,
  ) {}

  /**
   * @throws HopelessDelivery when another try would end the same, PassingTrouble when it may not; DomainError `not_found` for the query or its source, and as asking does
   */
  async ask(queryId: number, owner: Principal, recipient: Principal, signal: AbortSignal): Promise<Query> {
    const query = await this.queries.get(queryId, owner);
    const patience = { waitMs: this.config.longestStayMs, disconnected: signal, fresh: true };
    const asked = await this.asking.askAgain(query, recipient, patience);
    if (asked.status === 'succeeded' && asked.result !== null) return asked;
    signal.throwIfAborted();
    const reason = `The query of the report did not succeed for this recipient: it is ${asked.status.replaceAll('_', ' ')}`;
    if (asked.status === 'failed' && TRANSIENT.has(asked.errorCode ?? '')) throw new PassingTrouble(`${reason}.`);
    throw new HopelessDelivery(`${reason}${asked.errorCode === null ? '' : ` (${asked.errorCode})`}.`);
  }
}

/** What may go better a little later. */
export const TRANSIENT: ReadonlySet<string> = new Set([
  'overloaded',
  'rate_limited',
  'source_unavailable',
  'source_unreachable',
  'source_timeout',
  'source_lost',
  'query_interrupted',
  'query_cancelled',
  'not_ready',
  'internal_error',
]);
