import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { RunSummary } from '../../engine/connectors/connector.js';
import type { QueryAction } from './entities/query-history.entity.js';
import { Query, type QueryStatus, type StoredClarification } from './entities/query.entity.js';
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
> & { choices?: string[] };

/** How a query ends that has no result. What is left out stays as it is. */
export interface QueryEnd {
  status: QueryStatus;
  generatedSql?: string | null;
  receipt?: Receipt;
  confidence?: number | null;
  clarification?: StoredClarification | null;
  errorCode?: string | null;
  errorMessage?: string | null;
}

/**
 * Writes down the life of a query. Every entry is one statement, whatever number of tables it touches: it is atomic, and a
 * short query does not spend its time on the way to the database and back.
 */
@Injectable()
export class QueryJournal {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** A new query, `pending`, with the first line of its history. */
  async create(values: NewQuery): Promise<Query> {
    const { userId, dataSourceId, engine, origin, naturalLanguage, generatedSql, maxRows, timeoutMs, dryRun } = values;
    const choices = values.choices ?? [];
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
    ]);
    const [row] = rows;
    if (row === undefined) throw new Error('The new query was not stored.');
    return Object.assign(new Query(), values, { choices, id: row.id, createdAt: row.created_at, status: 'pending' });
  }

  /** The run has begun. */
  async begin(queryId: number, generatedSql: string, receipt: Receipt, confidence: number | null): Promise<void> {
    await this.dataSource.manager.update(
      Query,
      { id: queryId },
      { status: 'running', startedAt: new Date(), generatedSql, receipt, confidence },
    );
  }

  /** The run has succeeded: its result, what it cost, and a line in its history. */
  async succeed(query: Query, summary: RunSummary, receipt: Receipt, location: string): Promise<void> {
    const { columns, rowCount, bytes, truncated, executionMs } = summary;
    await this.dataSource.query(SUCCEED, [
      query.id,
      query.userId,
      JSON.stringify(receipt),
      rowCount,
      truncated,
      executionMs,
      location,
      JSON.stringify({ columns, rowCount, bytes }),
      bytes,
      JSON.stringify({ status: 'succeeded', row_count: rowCount, truncated }),
    ]);
  }

  /** The query has ended without a result. */
  async end(query: Query, action: QueryAction, end: QueryEnd): Promise<void> {
    const { status, errorCode, ...others } = end;
    const given = Object.entries({ ...others, errorCode }).filter(([, value]) => value !== undefined);
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Query, { id: query.id }, { status, finishedAt: new Date(), ...Object.fromEntries(given) });
      const details = { status, ...(errorCode ? { error_code: errorCode } : {}) };
      await manager.query(HISTORY, [query.id, query.userId, action, JSON.stringify(details)]);
    });
  }

  /**
   * The answer to a clarification reopens the query.
   *
   * @returns false when somebody has answered it before
   */
  async reopen(query: Query, answer: string): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const { id, userId, naturalLanguage, choices } = query;
      const { affected } = await manager.update(
        Query,
        { id, status: 'needs_clarification' },
        { naturalLanguage, choices, status: 'pending', clarification: null, finishedAt: null },
      );
      if (affected !== 1) return false;
      await manager.query(HISTORY, [id, userId, 'answered', JSON.stringify({ answer })]);
      return true;
    });
  }
}

const HISTORY = 'INSERT INTO query_history (query_id, user_id, action, details) VALUES ($1, $2, $3, $4)';

const CREATE = `
  WITH query AS (
    INSERT INTO queries (user_id, data_source_id, engine, origin, natural_language, generated_sql, max_rows, timeout_ms,
                         dry_run, choices, status)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending')
    RETURNING id, user_id, created_at
  ), history AS (
    INSERT INTO query_history (query_id, user_id, action, details)
    SELECT id, user_id, 'created', $11::jsonb FROM query
  )
  SELECT id, created_at FROM query`;

const SUCCEED = `
  WITH query AS (
    UPDATE queries
    SET status = 'succeeded', receipt = $3, executed_rows = $4, truncated = $5, execution_time_ms = $6, finished_at = now()
    WHERE id = $1
  ), result AS (
    INSERT INTO query_results (query_id, result_location, result_meta) VALUES ($1, $7, $8)
    ON CONFLICT (query_id) DO UPDATE SET result_location = $7, result_meta = $8, created_at = now()
  ), metric AS (
    INSERT INTO query_metrics (query_id, execution_time_ms, result_rows, result_bytes) VALUES ($1, $6, $4, $9)
  )
  INSERT INTO query_history (query_id, user_id, action, details) VALUES ($1, $2, 'executed', $10)`;
