/** What the engine knows about one data source: its tables, columns, values and how tables relate. Plain data. */
import type { Calendar } from './calendar.js';

/** The small set of types that every engine's own types map to. `nativeType` on the column keeps the original. */
export type ColumnType =
  | 'boolean'
  | 'integer'
  | 'decimal'
  | 'float'
  | 'text'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'timestamptz'
  | 'interval'
  | 'uuid'
  | 'binary'
  | 'json'
  | 'list'
  | 'unknown';

/** What a value of the column would give away about a person. */
export type Sensitivity = 'none' | 'personal' | 'secret';

export interface ColumnStats {
  /** Number of distinct values that are not null; approximate above 10,000 and in large tables; null when unknown. */
  distinct: number | null;
  /** Number of nulls; null when unknown. */
  nulls: number | null;
  /** Smallest and largest value, printed as text (ISO 8601 for dates); null when unknown or empty. */
  min: string | null;
  max: string | null;
  /** Up to ten of the most frequent values, printed as text, most frequent first. */
  samples: string[];
}

export interface CatalogColumn {
  name: string;
  type: ColumnType;
  /** The type as the source spells it, for example `DECIMAL(10,2)`. */
  nativeType: string;
  nullable: boolean;
  description: string | null;
  /** Other names that people gave the column. */
  synonyms: string[];
  hidden: boolean;
  sensitivity: Sensitivity;
  stats: ColumnStats;
  /**
   * Every distinct value of a text column with few of them, for linking words of a question to values;
   * null when the column has too many (or is not text).
   */
  values: string[] | null;
}

export interface CatalogTable {
  name: string;
  description: string | null;
  synonyms: string[];
  hidden: boolean;
  /** Of the whole table. */
  rowCount: number;
  /** Some rows are kept from whoever this is for: how many there are must not be told them. */
  someRowsHidden?: true;
  primaryKey: string[];
  columns: CatalogColumn[];
}

export interface ColumnRef {
  table: string;
  column: string;
}

export type RelationshipOrigin = 'declared' | 'inferred' | 'user';

/** `from` holds values that are found in `to` (many-to-one, or one-to-one). */
export interface Relationship {
  from: ColumnRef;
  to: ColumnRef;
  origin: RelationshipOrigin;
  /** 0 to 1. Declared and user-made relationships have 1. */
  confidence: number;
}

export interface Catalog {
  tables: CatalogTable[];
  /** How its people count time; the usual way where nothing is said. */
  calendar?: Calendar;
  /** The schema of tables whose name has none, where the source has schemas and a search path. */
  defaultSchema?: string;
  relationships: Relationship[];
}

/** The SQL dialects that Lumiere prints and guards. */
export type Dialect = 'duckdb' | 'postgres' | 'mysql' | 'clickhouse' | 'trino';
