import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { RunSummary } from '../../engine/connectors/connector.js';
import { type AuditEntry, auditRows, insertAudit, UnitOfWork } from '../../platform/audit/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import { DomainEvents } from '../../platform/events/index.js';
import { QUERY_FINISHED, type QueryFinished } from '../system/index.js';
import type { QueryAction } from './entities/query-history.entity.js';
import { Query, type QueryOrigin, type QueryStatus, type StoredClarification } from './entities/query.entity.js';
import type { RunOutcome } from './entities/query-metric.entity.js';
import type { Timings } from './question-planner.js';
import type { Receipt } from './receipt.js';

/** What is known of a query when it is asked. */
export type NewQuery = Pick<
  Query,
  | 'userId'
  | 'dataSourceId'
  | 'engine'
  | 'origin'
  | 'naturalLanguage'
  | 'generatedSql'
  | 'maxRows'
  | 'timeoutMs'
  | 'dryRun'
  | 'caps'
> &
  Partial<Pick<Query, 'choices' | 'previousQueryId' | 'previousState' | 'conversationId' | 'rerunOfId' | 'isTrial'>>;

/** How a query ends that has no result. What is left out stays as it is. */
export interface QueryEnd {
  status: QueryStatus;
  origin?: QueryOrigin;
  generatedSql?: string | null;
  receipt?: Receipt;
  confidence?: number | null;
  clarification?: StoredClarification | null;
  errorCode?: string | null;
  errorMessage?: string | null;
  /** Of the run that came to this end; absent when there was none. */
  metric?: { outcome: RunOutcome; timingsMs: Timings };
}

/**
 * Writes down the life of a query. Every entry is atomic; those that every successful run makes are one statement each,
 * whatever number of tables they touch, so that a short query does not spend its time on the way to the database and back.
 * A query may be removed while it runs: what happens to it then is not written down.
 */
@Injectable()
export class QueryJournal {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly unitOfWork: UnitOfWork,
    private readonly events: DomainEvents,
  ) {}

  /**
   * A new query, `pending`, with the first line of its history.
   *
   * @throws DomainError `not_found` when the data source, or the account, has been removed meanwhile
   */
  async create(values: NewQuery): Promise<Query> {
    const { userId, dataSourceId, engine, origin, naturalLanguage, generatedSql, maxRows, timeoutMs, dryRun, caps } =
      values;
    const {
      choices = [],
      previousQueryId = null,
      previousState = null,
      conversationId = null,
      rerunOfId = null,
    } = values;
    const rows: { id: number; created_at: Date }[] = await this.dataSource.query(CREATE, [
      userId,
      dataSourceId,
      engine,
      origin,
      naturalLanguage,
      generatedSql,
      maxRows,
      timeoutMs,
      dryRun,
      JSON.stringify(choices),
      JSON.stringify({ origin }),
      auditRows([asked(values)]),
      caps === null ? null : JSON.stringify(caps),
      previousQueryId,
      previousState === null ? null : JSON.stringify(previousState),
      conversationId,
      rerunOfId,
    ]);
    const [row] = rows;
    // Removed since the caller was seen to have it.
    if (row === undefined) throw notFound('data source');
    const kept = { choices, previousQueryId, previousState, conversationId, rerunOfId, state: null };
    return Object.assign(new Query(), values, kept, { id: row.id, createdAt: row.created_at, status: 'pending' });
  }

  /** The run has begun. */
  async begin(query: Query, generatedSql: string, receipt: Receipt, confidence: number | null): Promise<void> {
    query.generatedSql = generatedSql;
    await this.dataSource.manager.update(
      Query,
      { id: query.id },
      {
        status: 'running',
        origin: query.origin,
        state: query.state,
        startedAt: new Date(),
        finishedAt: null,
        errorCode: null,
        errorMessage: null,
        generatedSql,
        receipt,
        confidence,
        resultKey: query.resultKey,
        accessKey: query.accessKey,
      },
    );
  }

  /**
   * The run has succeeded: its result, what it cost, and a line in its history.
   *
   * @returns false when the query has been removed meanwhile; nothing refers to the result then
   */
  async succeed(query: Query, summary: RunSummary, receipt: Receipt, location: string): Promise<boolean> {
    const { columns, rowCount, bytes, truncated, executionMs } = summary;
    const rows: unknown[] = await this.dataSource.query(SUCCEED, [
      query.id,
      JSON.stringify(receipt),
      rowCount,
      truncated,
      executionMs,
      location,
      JSON.stringify({ columns, rowCount, bytes }),
      bytes,
      JSON.stringify({ status: 'succeeded', row_count: rowCount, truncated }),
      auditRows([ended(query, { status: 'succeeded', row_count: rowCount })]),
      query.userId,
      ...timesOf(receipt.timingsMs),
      receipt.cacheHit,
      ...modelUseOf(receipt),
    ]);
    if (rows.length !== 1) return false;
    const { cacheHit, timingsMs } = receipt;
    const result = { rowCount, resultBytes: bytes, executionMs, cacheHit, timingsMs };
    this.events.publish(QUERY_FINISHED, finished(query, 'succeeded', result));
    return true;
  }

  /** The query has ended without a result. */
  async end(query: Query, action: QueryAction, end: QueryEnd): Promise<void> {
    const { status, errorCode, metric, ...others } = end;
    const given = Object.entries({ ...others, errorCode }).filter(([, value]) => value !== undefined);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const outcome = { status, state: query.state, finishedAt: new Date(), ...Object.fromEntries(given) };
      const { affected } = await manager.update(Query, { id: query.id }, outcome);
      if (affected !== 1) return;
      const details = { status, ...(errorCode ? { error_code: errorCode } : {}) };
      await manager.query(HISTORY, [query.id, action, JSON.stringify(details)]);
      if (metric !== undefined) {
        const { outcome: how, timingsMs } = metric;
        const times = timesOf(timingsMs);
        const used = modelUseOf(end.receipt);
        await manager.query(METRIC, [query.id, how, timingsMs['execution'] ?? 0, ...times, ...used]);
      }
      record(ended(query, details));
      if (status === 'pending' || status === 'running') return;
      const { timingsMs = {} } = metric ?? {};
      const told = { errorCode: errorCode ?? null, executionMs: timingsMs['execution'] ?? null, timingsMs };
      this.events.publish(QUERY_FINISHED, finished(query, status, told), manager);
    });
  }

  /**
   * The answer to a clarification reopens the query.
   *
   * @returns false when somebody has answered it before
   */
  async reopen(query: Query, answer: string): Promise<boolean> {
    return this.unitOfWork.run(async ({ manager, record }) => {
      const { id, naturalLanguage, choices } = query;
      const { affected } = await manager.update(
        Query,
        { id, status: 'needs_clarification' },
        {
          naturalLanguage,
          choices,
          status: 'pending',
          clarification: null,
          // From now on it waits again, however long ago it was asked.
          startedAt: new Date(),
          finishedAt: null,
          cancelRequestedAt: null,
        },
      );
      if (affected !== 1) return false;
      await manager.query(HISTORY, [id, 'answered', JSON.stringify({ answer })]);
      record({ action: 'query.answered', objectId: id, details: { answer } });
      return true;
    });
  }
}

/** Milliseconds until the run had its turn, of the planning, and of the guard. */
function timesOf(timingsMs: Timings): (number | null)[] {
  return ['queue', 'text_to_sql', 'guard'].map((step) => timingsMs[step] ?? null);
}

/** Calls of a model, its tokens, and what they cost. */
function modelUseOf(receipt: Receipt | undefined): number[] {
  return [receipt?.modelCalls ?? 0, receipt?.tokens ?? 0, receipt?.cost ?? 0];
}

function asked({ dataSourceId, naturalLanguage, generatedSql, dryRun }: NewQuery): AuditEntry {
  const details = { data_source_id: dataSourceId, question: naturalLanguage, sql: generatedSql, dry_run: dryRun };
  return { action: 'query.asked', objectId: null, details };
}

function ended({ id, dataSourceId, generatedSql }: Query, outcome: Record<string, unknown>): AuditEntry {
  const details = { data_source_id: dataSourceId, sql: generatedSql, ...outcome };
  return { action: 'query.ended', objectId: id, details };
}

function finished(
  { id: queryId, rerunOfId, userId, dataSourceId, engine, origin, isTrial = false }: Query,
  status: QueryFinished['status'],
  told: Partial<Omit<QueryFinished, 'isTrial'>>,
): QueryFinished {
  const nothing = {
    errorCode: null,
    executionMs: null,
    timingsMs: {},
    rowCount: null,
    resultBytes: null,
    cacheHit: false,
  };
  return { queryId, rerunOfId, userId, dataSourceId, engine, origin, status, isTrial, ...nothing, ...told };
}

const HISTORY = `
  INSERT INTO query_history (query_id, user_id, action, details)
  SELECT id, user_id, $2::varchar, $3::jsonb FROM queries WHERE id = $1`;

const METRIC = `
  INSERT INTO query_metrics (query_id, outcome, execution_time_ms, result_rows, result_bytes, queue_ms, plan_ms, guard_ms,
                             api_calls, token_usage, cost)
  SELECT id, $2::varchar, $3::double precision, 0, 0, $4::double precision, $5::double precision, $6::double precision,
         $7::integer, $8::integer, $9::numeric
  FROM queries WHERE id = $1`;

// Foreign keys are looked at when a statement ends, and then the end of the audit trail is locked already; changes of an account
// or a source lock them the other way round. So what is referred to is held first, the owner before the source.
const CREATE = `
  WITH owner AS (
    SELECT id FROM users WHERE id = $1 FOR KEY SHARE
  ), source AS (
    SELECT id FROM data_sources WHERE id = $2 AND EXISTS (SELECT FROM owner) FOR KEY SHARE
  ), conversation AS (
    SELECT id FROM conversations WHERE id = $16 AND EXISTS (SELECT FROM source) FOR KEY SHARE
  ), query AS (
    INSERT INTO queries (user_id, data_source_id, engine, origin, natural_language, generated_sql, max_rows, timeout_ms,
                         dry_run, choices, caps, previous_query_id, previous_state, conversation_id, rerun_of_id, status)
    SELECT $1, id, $3, $4, $5, $6, $7, $8, $9, $10, $13::jsonb,
           (SELECT id FROM queries WHERE id = $14), $15::jsonb, (SELECT id FROM conversation),
           (SELECT id FROM queries WHERE id = $17), 'pending'
    FROM source
    RETURNING id, user_id, created_at
  ), history AS (
    INSERT INTO query_history (query_id, user_id, action, details)
    SELECT id, user_id, 'created', $11::jsonb FROM query
  ), audit AS (${insertAudit('$12', 'query')})
  SELECT id, created_at FROM query`;

const SUCCEED = `
  WITH owner AS (
    SELECT id FROM users WHERE id = $11 FOR KEY SHARE
  ), query AS (
    UPDATE queries
    SET status = 'succeeded', receipt = $2, executed_rows = $3, truncated = $4, execution_time_ms = $5, finished_at = now(),
        error_code = NULL, error_message = NULL
    FROM owner
    WHERE queries.id = $1 AND queries.user_id = owner.id
    RETURNING queries.id, queries.user_id
  ), result AS (
    INSERT INTO query_results (query_id, result_location, result_meta)
    SELECT id, $6::varchar, $7::jsonb FROM query
    ON CONFLICT (query_id)
    DO UPDATE SET result_location = excluded.result_location, result_meta = excluded.result_meta, created_at = now()
  ), metric AS (
    INSERT INTO query_metrics (query_id, execution_time_ms, result_rows, result_bytes, queue_ms, plan_ms, guard_ms, cache_hit,
                               api_calls, token_usage, cost)
    SELECT id, $5::double precision, $3::integer, $8::bigint, $12::double precision, $13::double precision,
           $14::double precision, $15::boolean, $16::integer, $17::integer, $18::numeric FROM query
  ), history AS (
    INSERT INTO query_history (query_id, user_id, action, details)
    SELECT id, user_id, 'executed', $9::jsonb FROM query
  ), audit AS (${insertAudit('$10', 'query')})
  SELECT id FROM query`;
