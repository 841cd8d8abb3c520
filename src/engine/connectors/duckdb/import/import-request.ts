/** What an import takes and gives, whatever the format. */
import type { ColumnType } from '../../../catalog/catalog.js';
import type { EngineBounds } from '../locked-instance.js';

export interface ImportOptions {
  /** Name of the table; otherwise it comes from the file's name. */
  table?: string;
  /** One ASCII character between fields. */
  delimiter?: string;
  /** Whether the first line names the columns. */
  header?: boolean;
  /** One ASCII character around fields; empty when nothing is quoted. */
  quote?: string;
  /** Types of columns, by name, instead of the types that the values suggest. */
  types?: Readonly<Record<string, ColumnType>>;
}

export interface ImportRequest extends EngineBounds {
  /** The uploaded file. */
  file: string;
  /** What its owner calls it. */
  fileName: string;
  /** An existing directory in which the Parquet files are made. */
  directory: string;
  /** Names of tables that the source has already. */
  takenNames?: readonly string[];
  options?: ImportOptions;
  signal: AbortSignal;
}

export interface ImportedTable {
  name: string;
  /** Its Parquet file. */
  file: string;
  rowCount: number;
  /** Size of the Parquet file. */
  bytes: number;
  /** Plain sentences on what was decided or left out while reading. */
  notes: string[];
}

/** One reader per format: it makes `target` from `file`, or throws and leaves the clean-up to its caller. */
export type TableReader = (source: ReaderRequest) => Promise<{ rowCount: number; notes: string[] }>;

export interface ReaderRequest extends EngineBounds {
  file: string;
  fileName: string;
  target: string;
  options: ImportOptions;
  signal: AbortSignal;
}

/** More columns than that are a sign of a file that is read the wrong way round. */
export const MAX_COLUMNS = 4_096;
