import type { ColumnRef } from '../../engine/catalog/catalog.js';
import type { Check, Interpretation } from '../../engine/text-to-sql/contract.js';

/** How an answer was reached, kept with the query and told with it. */
export interface Receipt {
  /** The chosen reading in plain words; null for SQL that a person wrote. */
  paraphrase: string | null;
  interpretation: Interpretation[];
  tables: string[];
  columns: ColumnRef[];
  filters: string[];
  glossaryTerms: string[];
  verifiedQueryId: number | null;
  rulesApplied: string[];
  /** The statement that ran, printed from the tree that was checked. */
  executedSql: string | null;
  dataVersion: number;
  dataAgeSeconds: number;
  checks: Check[];
  model: string | null;
  tokens: number;
  cost: number;
  cacheHit: boolean;
  timingsMs: Record<string, number>;
}
