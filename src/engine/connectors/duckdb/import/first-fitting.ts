import type { DuckDBConnection } from '@duckdb/node-api';

/** A type or a way of writing, with the aggregate over a column's values that is true when all of them are so. */
export interface Trial {
  allFit: string;
}

/**
 * For every column the first of its trials that all its values pass, or null; told in one reading of the rows.
 *
 * @param rows a table or query in SQL that has the columns which the trials name
 */
export async function firstFitting<T extends Trial>(
  connection: DuckDBConnection,
  rows: string,
  trials: readonly (readonly T[])[],
): Promise<(T | null)[]> {
  const aggregates = trials.flatMap((tried) => tried.map(({ allFit }) => allFit));
  if (aggregates.length === 0) return trials.map(() => null);
  const reader = await connection.runAndReadAll(`SELECT ${aggregates.join(', ')} FROM ${rows}`);
  const verdicts = [...(reader.getRows()[0] ?? [])];
  return trials.map((tried) => {
    const fit = verdicts.splice(0, tried.length);
    return tried.find((_, index) => fit[index] === true) ?? null;
  });
}
