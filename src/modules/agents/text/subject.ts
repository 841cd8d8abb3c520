import type { CellValue, ResultColumn } from '../../../engine/charts/index.js';
import type { Finding } from '../../../engine/findings/index.js';

/** A result that a text is to be written about. */
export interface Subject {
  question: string | null;
  /** What the statement gives, in words; null for SQL that a person wrote. */
  meaning: string | null;
  columns: readonly ResultColumn[];
  /** The first rows. */
  rows: readonly CellValue[][];
  rowCount: number;
  truncated: boolean;
  findings: readonly Finding[];
  /** What speaks against relying on the answer, in sentences. */
  warnings: readonly string[];
  /** Places of the columns whose values are not to reach a model. */
  privateColumns: ReadonlySet<number>;
}
