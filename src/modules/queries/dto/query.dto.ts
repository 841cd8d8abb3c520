import { ApiProperty } from '@nestjs/swagger';
import type { Dialect } from '../../../engine/catalog/catalog.js';
import type { CellValue, Chart, ChartType } from '../../../engine/charts/index.js';
import type { Page } from '../../../engine/connectors/duckdb/index.js';
import { ResultColumnDto } from '../../data-sources/index.js';
import type { Query, QueryOrigin, QueryStatus } from '../entities/query.entity.js';
import type { FindingsSoFar } from '../findings.service.js';
import type { Staleness } from '../staleness.js';
import { FindingDto } from './finding.dto.js';
import { ReceiptDto } from './receipt.dto.js';

export class ClarificationOptionDto {
  /** Send it back as `option`. */
  value!: string;
  /** What a person reads. @example 'the sum of amount of orders' */
  label!: string;
}

export class ClarificationDto {
  /** @example 'Did you mean …' */
  question!: string;
  options!: ClarificationOptionDto[];
}

export class QueryErrorDto {
  /** @example 'query_timeout' */
  code!: string;
  /** @example 'The query took longer than 60 seconds and was stopped.' */
  detail!: string;
}

export class ChartDto {
  type!: ChartType;
  /** @example 'Orders per month' */
  title!: string;
  /** Why this chart. @example 'One measure over time.' */
  reason!: string;
  /** A complete Vega-Lite specification with its data; null when the result is best read as a table. */
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true })
  spec!: Record<string, unknown> | null;

  static from({ type, title, reason, spec }: Chart): ChartDto {
    return { type, title, reason, spec };
  }
}

/** A query without its rows, as in lists. */
export class QuerySummaryDto {
  /** @example 7 */
  id!: number;
  /** @example 1 */
  data_source_id!: number;
  /** The query that the question was asked after; null for one by itself. @example null */
  previous_query_id!: number | null;
  /** @example 'How many orders per month in 2025?' */
  question!: string | null;
  /** @example 'SELECT count(*) FROM orders' */
  sql!: string | null;
  dialect!: Dialect;
  status!: QueryStatus;
  /** Asked with `dry_run`: it was read and checked and has not run, so that `succeeded` does not mean rows. */
  dry_run!: boolean;
  origin!: QueryOrigin;
  /** 0 to 1, from evidence; null for SQL that a person wrote. @example 0.92 */
  confidence!: number | null;
  /** Rows of the stored result; null before there is one. @example 12 */
  row_count!: number | null;
  /** The query had more rows than were kept. */
  truncated!: boolean;
  error!: QueryErrorDto | null;
  created_at!: Date;
  started_at!: Date | null;
  finished_at!: Date | null;
  /** Milliseconds at the source. @example 14 */
  execution_time_ms!: number | null;

  static from(query: Query): QuerySummaryDto {
    const { errorCode: code, errorMessage: detail } = query;
    return {
      id: query.id,
      data_source_id: query.dataSourceId,
      previous_query_id: query.previousQueryId,
      question: query.naturalLanguage,
      sql: query.generatedSql,
      dialect: query.engine,
      status: query.status,
      dry_run: query.dryRun,
      origin: query.origin,
      confidence: query.confidence,
      row_count: query.executedRows,
      truncated: query.truncated,
      error: code === null ? null : { code, detail: detail ?? '' },
      created_at: query.createdAt,
      started_at: query.startedAt,
      finished_at: query.finishedAt,
      execution_time_ms: query.executionTimeMs,
    };
  }
}

/** A question with its answer: SQL, rows, chart and receipt; or with what it asks back. */
export class QueryDto extends QuerySummaryDto {
  columns!: ResultColumnDto[];
  /** The first page; further ones are at `/queries/{id}/result`. Decimals, and integers beyond 2^53, are strings. */
  @ApiProperty({ type: 'array', items: { type: 'array', items: {} }, example: [['2025-01-01', 118]] })
  rows!: CellValue[][];
  chart!: ChartDto | null;
  /** What stands out in the whole result, the most telling first; nothing when nothing is significant. */
  findings!: FindingDto[];
  /** False when the result was too large to be searched in the time of an answer: see `/queries/{id}/insights`. */
  findings_complete!: boolean;
  clarification!: ClarificationDto | null;
  receipt!: ReceiptDto | null;
  /**
   * Why running it again would not give the same: `schema_changed` when a table or column is gone that it read, `data_changed`
   * when files have been replaced since; null when nothing is known to have changed.
   */
  stale!: Staleness | null;

  static override from(
    query: Query,
    overview: (Page & { chart: Chart }) | null = null,
    { findings, complete }: FindingsSoFar = { findings: [], complete: true },
    stale: Staleness | null = null,
  ): QueryDto {
    return {
      ...QuerySummaryDto.from(query),
      columns: overview?.columns ?? [],
      rows: overview?.rows ?? [],
      chart: overview === null ? null : ChartDto.from(overview.chart),
      findings: findings.map((finding) => FindingDto.from(finding)),
      findings_complete: complete,
      clarification: query.clarification,
      receipt: query.receipt === null ? null : ReceiptDto.from(query.receipt),
      stale,
    };
  }
}

export class QueryPageDto {
  items!: QuerySummaryDto[];
  /** Give it as `cursor` to get the next page; null on the last one. @example 'NTA' */
  next_cursor!: string | null;
  /** Only with `include_total=true`. */
  total?: number;
}
