/** What an import takes and gives, whatever the format. */
import type { ColumnType } from '../../../catalog/catalog.js';
import type { EngineBounds } from '../engine-bounds.js';
import type { Compression } from './compression.js';
import type { FileFormat } from './file-format.js';
import type { TextEncodingName } from './text-encoding.js';

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
  /** The one sheet of a workbook to read, by name. */
  sheet?: string;
  /** The encoding of a text file. */
  encoding?: TextEncodingName;
  /** What becomes of lines that cannot be read: `refuse` (unless said otherwise) refuses the file, `skip` leaves them out. */
  on_bad_lines?: 'refuse' | 'skip';
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
  /** Largest size of what comes compressed, when it is unpacked. */
  maxUnpackedBytes: number;
  signal: AbortSignal;
}

/** How a file was read. */
export interface Reading {
  format: FileFormat;
  compression: Compression | null;
  /** Null where the format has none to choose from. */
  encoding: string | null;
  /** Of delimited text. */
  dialect: { delimiter: string; quote: string; header: boolean; skippedLines: number } | null;
  /** Of a workbook. */
  sheet: string | null;
}

/** A line that was left out. */
export interface RejectedLine {
  /** From 1, as an editor counts. */
  line: number;
  /** A plain clause: "has 3 columns where 4 are expected". */
  reason: string;
}

export interface Rejects {
  count: number;
  /** The first of them. */
  lines: RejectedLine[];
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
  reading: Reading;
  rejects: Rejects;
}

/** A table that has its name and the path of its Parquet file, and next its rows. */
export interface TablePlace {
  name: string;
  target: string;
}

/** What a reader gives for one table that it has written. */
export interface ReadTable {
  rowCount: number;
  notes: string[];
  reading?: Partial<Reading>;
  rejects?: Rejects;
}

/** One reader per format with one table in it: it makes `target` from `file`, or throws and leaves the clean-up to its caller. */
export type TableReader = (source: ReaderRequest) => Promise<ReadTable>;

export interface ReaderRequest extends EngineBounds {
  file: string;
  fileName: string;
  target: string;
  options: ImportOptions;
  maxUnpackedBytes: number;
  signal: AbortSignal;
}

/** More columns than that are a sign of a file that is read the wrong way round. */
export const MAX_COLUMNS = 4_096;
/** Rejected lines that are told one by one. */
export const MOST_REJECTS_TOLD = 100;
