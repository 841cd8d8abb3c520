import type { ColumnRef } from '../../engine/catalog/catalog.js';
import type { FetchedTable, RunSummary } from '../../engine/connectors/connector.js';
import type { AppliedRule } from '../../engine/sql/index.js';
import type { Check, Interpretation } from '../../engine/text-to-sql/index.js';
import type { DataSourceEntity } from '../data-sources/index.js';
import type { Plan, Timings } from './question-planner.js';

/** What was expected of a statement: of its result, or of what it reads. */
export interface StoredEstimate {
  rows: number;
  bytes: number | null;
  /** In the source's own unit. */
  cost: number | null;
  of: 'result' | 'scan';
}

/** How an answer was reached, kept with the query and told with it. */
export interface Receipt {
  /** The chosen reading in plain words; null for SQL that a person wrote. */
  paraphrase: string | null;
  /** ISO 639-1 code of the language that the question was read in; absent or null for SQL and what a person has taught. */
  language?: string | null;
  /** The question as it was read, where it is in another language than English. */
  rendering?: string | null;
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
  /** What the source expected before anything ran; null when nobody asked, or it does not say. */
  estimate: StoredEstimate | null;
  model: string | null;
  tokens: number;
  cost: number;
  /** Calls of the model; absent in receipts from before it was noted. */
  modelCalls?: number;
  cacheHit: boolean;
  /** What was fetched from databases for a combined source; absent where nothing can be. */
  fetched?: FetchedTable[];
  timingsMs: Timings;
}

/** The receipt of a plan, before it has run. */
export function receiptOf(plan: Plan, source: DataSourceEntity): Receipt {
  const answer = plan.kind === 'run' ? plan.answer : null;
  return {
    paraphrase: answer?.paraphrase ?? (plan.kind === 'run' ? (plan.taught?.description ?? null) : null),
    language: plan.language,
    rendering: plan.rendering,
    interpretation: plan.kind === 'stop' ? plan.outcome.interpretation : (answer?.interpretation ?? []),
    tables: plan.kind === 'run' ? plan.statement.tables : [],
    columns: plan.kind === 'run' ? plan.statement.columns : [],
    filters: answer?.filters ?? [],
    glossaryTerms: plan.glossaryTerms,
    verifiedQueryId: plan.kind === 'run' ? (plan.taught?.verifiedQueryId ?? null) : null,
    rulesApplied: plan.kind === 'run' ? plan.statement.rules.map(ruleInWords) : [],
    executedSql: plan.kind === 'run' ? plan.statement.shownSql : null,
    dataVersion: source.version,
    dataAgeSeconds: Math.max(0, Math.round((Date.now() - source.loadedAt.getTime()) / 1e3)),
    checks: [...plan.notes, ...(answer?.checks ?? []), ...(plan.kind === 'run' ? [READ_ONLY] : [])],
    estimate: null,
    model: plan.model?.model ?? null,
    tokens: (plan.model?.inputTokens ?? 0) + (plan.model?.outputTokens ?? 0),
    cost: plan.model?.cost ?? 0,
    modelCalls: plan.model?.calls ?? 0,
    cacheHit: false,
    timingsMs: plan.timingsMs,
  };
}

function ruleInWords({ table, kind, column }: AppliedRule): string {
  return kind === 'row' ? `Only some rows of ${table} can be seen.` : `${column ?? ''} of ${table} is masked.`;
}

/** The same receipt with what the run showed. */
export function afterRun(receipt: Receipt, summary: RunSummary, maxRows: number): Receipt {
  const { fetched } = summary;
  const checks = [...receipt.checks, completeness(summary, maxRows)];
  return { ...receipt, checks, ...(fetched === undefined ? {} : { fetched }) };
}

const READ_ONLY: Check = {
  name: 'read_only',
  ok: true,
  detail: 'One statement, proven by the engine’s own parser to do nothing but read tables of this source.',
};

function completeness({ truncated, rowCount }: RunSummary, maxRows: number): Check {
  const detail = truncated
    ? `The query has more rows; only the first ${maxRows} were kept.`
    : `All ${rowCount} rows of the query were kept.`;
  return { name: 'complete', ok: !truncated, detail };
}
