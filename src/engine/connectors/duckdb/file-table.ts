import type { Restriction } from './restricted-view.js';

/** One table of a source of files. */
export interface FileTable {
  name: string;
  /** Its Parquet file. */
  file: string;
  /** What of it can be seen; all of it when left out. */
  restriction?: Restriction;
  /** What of it can be seen in the source that it comes from, where conditions call it by its name there. */
  behind?: { table: string; restriction: Restriction };
}
