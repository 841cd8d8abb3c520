/** What the search for findings gives. */
import type { CellValue } from '../charts/contract.js';

export const FINDING_TYPES = ['trend', 'change', 'outlier', 'concentration', 'correlation'] as const;
export type FindingType = (typeof FINDING_TYPES)[number];

/** A number, or an exact value, date or name as it stands in the result. */
export type Figure = CellValue;

/** How sure it is that a finding is no accident. */
export interface Significance {
  /** The name of the test. */
  test: string;
  statistic: number;
  p_value: number;
  /** The p-value corrected for the number of tests made on the same result (Holm). */
  adjusted: number;
}

/** One thing worth saying about a result. */
export interface Finding {
  /** Names the finding among those of its result; the same result always gives the same. */
  key: string;
  type: FindingType;
  /** A few words. */
  title: string;
  /** One plain sentence with the figures in it, rounded for reading. */
  sentence: string;
  /** The figures, not rounded for reading; shares are fractions of one. */
  figures: Record<string, Figure>;
  significance: Significance;
  /** One less the adjusted p-value, at most 0.9999. */
  confidence_score: number;
  /** Where the rows behind it stand in the result, from 0; empty where it is about all of them, or about sums of many. */
  rows: number[];
  /** Names of the groups or periods behind it, as the sentence has them. */
  keys: string[];
  /** The columns that it is about, as the result names them. */
  columns: string[];
}

/** Something that was tested, before it is known how many tests there were. */
export interface Candidate extends Omit<Finding, 'significance' | 'confidence_score'> {
  test: Omit<Significance, 'adjusted'>;
  /** How much it matters if it is true, 0 to 1; null where it is too small to be worth saying. */
  effect: number | null;
}
