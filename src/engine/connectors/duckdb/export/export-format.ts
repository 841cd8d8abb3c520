import type { DuckDBType, DuckDBVector } from '@duckdb/node-api';
import type { ResultColumn } from '../../../charts/contract.js';

/** A column of a stored result: what it means, and the type that it has in the file. */
export interface StoredColumn extends ResultColumn {
  stored: DuckDBType;
}

/** The vectors of one chunk, one for each expression that was selected. */
export type Vectors = readonly DuckDBVector[];

/** How rows are written: what is asked of the engine, and the bytes that are made of it. */
export interface ExportFormat {
  /** The SQL expressions to select from the file. */
  select: readonly string[];
  /** What stands before the rows. */
  begin(): Uint8Array;
  /** Some rows of a chunk: `from` inclusive, `to` exclusive. */
  encode(vectors: Vectors, from: number, to: number): Uint8Array;
  /** What stands after the rows. */
  end(): Uint8Array;
}
