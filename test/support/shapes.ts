/** What the API answers, as far as tests look at it. */
export interface Page<T> {
  items: T[];
  next_cursor: string | null;
  total?: number;
}

export interface Column {
  name: string;
  type: string;
}

export interface Rows {
  columns: Column[];
  rows: unknown[][];
  row_count: number | null;
  next_cursor: string | null;
}

export interface Query {
  id: number;
  data_source_id: number;
  previous_query_id: number | null;
  question: string | null;
  sql: string | null;
  status: string;
  dry_run: boolean;
  origin: string;
  confidence: number | null;
  columns: Column[];
  rows: unknown[][];
  row_count: number | null;
  truncated: boolean;
  chart: Chart | null;
  findings: Finding[];
  findings_complete: boolean;
  clarification: { question: string; options: { value: string; label: string }[] } | null;
  receipt: Receipt | null;
  stale: string | null;
  error: { code: string; detail: string } | null;
  started_at: string | null;
  finished_at: string | null;
  execution_time_ms: number | null;
}

export interface Finding {
  key: string;
  type: string;
  title: string;
  sentence: string;
  figures: Record<string, unknown>;
  significance: { test: string; statistic: number; p_value: number; adjusted: number };
  confidence_score: number;
  rows: number[];
  keys: string[];
  columns: string[];
}

export interface Chart {
  type: string;
  title: string;
  reason: string;
  spec: Record<string, unknown> | null;
}

export interface Receipt {
  paraphrase: string | null;
  language: string | null;
  read_as: string | null;
  interpretation: { phrase: string; meaning: string; table?: string; column?: string }[];
  tables: string[];
  columns: { table: string; column: string }[];
  filters: string[];
  rules_applied: string[];
  executed_sql: string | null;
  data_version: number;
  data_age_seconds: number;
  checks: { name: string; ok: boolean; detail: string }[];
  estimate: { rows: number; bytes: number | null; cost: number | null; of: string } | null;
  glossary_terms: string[];
  verified_query_id: number | null;
  model: string | null;
  cache_hit: boolean;
  fetched: {
    data_source_id: number;
    table: string;
    columns: string[];
    filters: string[];
    rows: number;
    bytes: number;
    ms: number;
  }[];
  timings_ms: Record<string, number>;
}

export interface Schema {
  tables: {
    name: string;
    description: string | null;
    synonyms: string[];
    hidden: boolean;
    row_count: number | null;
    primary_key: string[];
    columns: {
      name: string;
      type: string;
      description: string | null;
      hidden: boolean;
      synonyms: string[];
      sensitivity: string;
      stats: { distinct: number | null; min: string | null; max: string | null; samples: string[] };
    }[];
  }[];
  relationships: {
    from: { table: string; column: string };
    to: { table: string; column: string };
    origin: string;
    confidence: number;
  }[];
}

export interface ApiKey {
  id: number;
  name: string;
  prefix: string;
  scopes: string[];
  allowed_ips: string[];
  data_source_ids: number[] | null;
  is_active: boolean;
  expires_at: string | null;
  last_used_at: string | null;
  created_at: string;
  revoked_at: string | null;
}
