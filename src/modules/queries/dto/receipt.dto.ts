import type { FetchedTable } from '../../../engine/connectors/connector.js';
import { ColumnRefDto } from '../../data-sources/index.js';
import type { Receipt } from '../receipt.js';

export class InterpretationDto {
  /** Words of the question. @example 'per month' */
  phrase!: string;
  /** How they were read. @example 'grouped by the month of ordered_at' */
  meaning!: string;
  /** @example 'orders' */
  table?: string;
  /** @example 'ordered_at' */
  column?: string;
}

export class CheckDto {
  /** @example 'read_only' */
  name!: string;
  ok!: boolean;
  /** @example 'All 12 rows of the query were kept.' */
  detail!: string;
}

/** What the source expected of the statement before it ran. */
export class EstimateDto {
  /** @example 1200 */
  rows!: number;
  /** @example 38400 */
  bytes!: number | null;
  /** In the source's own unit: only good for comparing statements of one source. @example 41.5 */
  cost!: number | null;
  /** Whether rows and bytes are those of the `result`, or those that are read (`scan`). */
  of!: 'result' | 'scan';
}

/** A table that was fetched before the statement ran. */
export class FetchedDto {
  /** @example 2 */
  data_source_id!: number;
  /** As it is called there. @example 'sales.orders' */
  table!: string;
  /** @example ["id", "amount"] */
  columns!: string[];
  /** Conditions that were tried there, so that fewer rows had to be fetched. @example ["status = 'paid'"] */
  filters!: string[];
  /** Null where rules of the combined source keep some of them from the caller. @example 1200 */
  rows!: number | null;
  /** As stored on the way; null as `rows`. @example 18000 */
  bytes!: number | null;
  /** @example 40 */
  ms!: number;

  static from({ dataSourceId, table, columns, filters, rows, bytes, ms }: FetchedTable): FetchedDto {
    return { data_source_id: dataSourceId, table, columns, filters, rows, bytes, ms };
  }
}

/** How the answer was reached. */
export class ReceiptDto {
  /** The chosen reading in plain words. @example 'Number of orders placed in 2025, by month' */
  paraphrase!: string | null;
  /** ISO 639-1 code of the language that the question was read in; null for SQL and what a person has taught. @example 'de' */
  language!: string | null;
  /** The question as it was read, where it is in another language than English. @example 'number of orders per month' */
  read_as!: string | null;
  interpretation!: InterpretationDto[];
  /** @example ["orders"] */
  tables!: string[];
  columns!: ColumnRefDto[];
  /** @example ["ordered_at is in 2025"] */
  filters!: string[];
  glossary_terms!: string[];
  verified_query_id!: number | null;
  rules_applied!: string[];
  /** The statement that ran, printed from the tree that was checked. */
  executed_sql!: string | null;
  /** @example 1 */
  data_version!: number;
  /** Seconds since the data was loaded, when the question was asked. @example 3600 */
  data_age_seconds!: number;
  checks!: CheckDto[];
  /** Only for a dry run, and where a cap asks for it; null where the source does not say. */
  estimate!: EstimateDto | null;
  model!: string | null;
  tokens!: number;
  cost!: number;
  cache_hit!: boolean;
  /** What was fetched from databases first, for a combined data source. */
  fetched!: FetchedDto[];
  /** Milliseconds per step. @example { "text_to_sql": 4.1, "guard": 1.2, "execution": 14 } */
  timings_ms!: Record<string, number>;

  static from(receipt: Receipt): ReceiptDto {
    return {
      paraphrase: receipt.paraphrase,
      // Receipts from before there were languages have none.
      language: receipt.language ?? null,
      read_as: receipt.rendering ?? null,
      interpretation: receipt.interpretation,
      tables: receipt.tables,
      columns: receipt.columns,
      filters: receipt.filters,
      glossary_terms: receipt.glossaryTerms,
      verified_query_id: receipt.verifiedQueryId,
      rules_applied: receipt.rulesApplied,
      executed_sql: receipt.executedSql,
      data_version: receipt.dataVersion,
      data_age_seconds: receipt.dataAgeSeconds,
      checks: receipt.checks,
      // Receipts from before there were estimates have none.
      estimate: receipt.estimate ?? null,
      model: receipt.model,
      tokens: receipt.tokens,
      cost: receipt.cost,
      cache_hit: receipt.cacheHit,
      fetched: (receipt.fetched ?? []).map((one) => FetchedDto.from(one)),
      timings_ms: receipt.timingsMs,
    };
  }
}
