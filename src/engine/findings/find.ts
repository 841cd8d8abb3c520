/** Searches a result for what is worth saying about it. */
import { profileTable } from '../charts/column-profile.js';
import type { ResultTable } from '../charts/contract.js';
import { changeOf } from './change.js';
import type { Candidate, Finding } from './contract.js';
import type { Measurements } from './measurements.js';
import { outliersOf } from './outliers.js';
import { relationOf } from './relation.js';
import { RowMeasurements } from './row-measurements.js';
import { concentrationIn } from './shares.js';
import { holm } from './statistics/holm.js';
import { type Subject, subjectOf } from './subject.js';
import { trendOf } from './trend.js';

/** Of what is found, so much is told. */
const MOST_FINDINGS = 5;
const MOST_OF_A_TYPE = 2;
/** At most so many results without anything to find may give a finding all the same. */
const LEVEL = 0.05;
/** Rows that a finding names, at most. */
const MOST_ROWS = 50;

export interface Search {
  /** The moment that the data were read at: a period that was not over then is not compared. */
  now: Date;
  /** Names of columns that are not to be looked at, such as masked ones. */
  unanalysed?: ReadonlySet<string>;
}

/**
 * What stands out in a result, the most telling first: trends, changes against the earlier period, outliers, concentration and
 * correlation. All the tests that were made are corrected together by Holm's method, so that a table of noise gives a
 * finding in at most one of twenty cases; what is true but too small to matter is left out.
 *
 * @param result its first rows, or all of them
 * @param measurements over all of its rows, where `result` holds only the first
 */
export async function findIn(
  result: ResultTable,
  { now, unanalysed = new Set() }: Search,
  measurements: Measurements = new RowMeasurements(result),
): Promise<Finding[]> {
  const { columns, truncated } = result;
  const subject = subjectOf(profileTable(result), measurements, columns, { truncated, now, unanalysed });
  const candidates = await tested(subject);
  const adjusted = holm(candidates.map(({ test }) => test.p_value));
  const findings = candidates.flatMap((candidate, index) => told(candidate, adjusted[index] ?? 1));
  return handful(findings.sort((a, b) => b.weight - a.weight)).map(({ finding }) => finding);
}

async function tested(subject: Subject): Promise<Candidate[]> {
  const { measures, categories } = subject;
  const candidates: (Candidate | null)[] = [];
  // One after the other: over a stored file each is a statement on the same connection.
  for (const [index, measure] of measures.entries()) {
    candidates.push(
      await trendOf(subject, measure),
      await changeOf(subject, measure),
      await outliersOf(subject, measure),
    );
    for (const category of categories) candidates.push(await concentrationIn(subject, category, measure));
    for (const other of measures.slice(0, index)) candidates.push(await relationOf(subject, other, measure));
  }
  return candidates.filter((candidate) => candidate !== null);
}

interface Weighed {
  finding: Finding;
  /** Effect times significance. */
  weight: number;
}

function told({ test, effect, ...candidate }: Candidate, adjusted: number): Weighed[] {
  if (effect === null || adjusted > LEVEL) return [];
  const confidence = Math.min(0.9999, Number((1 - adjusted).toFixed(4)));
  const finding: Finding = {
    ...candidate,
    rows: candidate.rows.slice(0, MOST_ROWS),
    keys: candidate.keys.slice(0, MOST_ROWS),
    significance: { ...test, adjusted },
    confidence_score: confidence,
  };
  // Beyond one in ten thousand more certainty makes nothing more worth saying.
  return [{ finding, weight: effect * Math.min(1, -Math.log10(Math.max(adjusted, 1e-4)) / 4) }];
}

function handful(weighed: readonly Weighed[]): Weighed[] {
  const counts = new Map<string, number>();
  const kept = weighed.filter(({ finding: { type } }) => {
    counts.set(type, (counts.get(type) ?? 0) + 1);
    return (counts.get(type) ?? 0) <= MOST_OF_A_TYPE;
  });
  return kept.slice(0, MOST_FINDINGS);
}
