/** The first rows of each group, or the first part of all rows, by numbering them. */
import type { Query } from '../planning/algebra.js';

/**
 * The number of a row in its group and the bound on it; of a part of all rows, how much of them stands before the row:
 * with 10 % of 25 rows it is the first three.
 * @param by the groups, separated by commas; nothing where all rows are one group
 * @param order what the rows are numbered by
 * @param name what the number is called, quoted where it has to be
 */
export function firstRows(
  { limit, isPercent }: NonNullable<Query['perGroup']>,
  by: string,
  order: string,
  name: string,
): { position: string; bound: string } {
  const parts = by === '' ? '' : `PARTITION BY ${by}`;
  const number = `ROW_NUMBER() OVER (${parts === '' ? '' : `${parts} `}ORDER BY ${order})`;
  if (!isPercent) return { position: `${number} AS ${name}`, bound: `${name} <= ${Math.trunc(limit)}` };
  return { position: `(${number} - 1.0) / COUNT(*) OVER (${parts}) AS ${name}`, bound: `${name} < ${limit / 100}` };
}
