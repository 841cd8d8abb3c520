/**
 * The check that a column holds one of a closed set of values.
 *
 * @param column its name in the database
 * @param values names of the product's own, never anything that came from outside
 * @returns an SQL condition for `@Check`
 */
export function isOneOf(column: string, values: readonly string[]): string {
  return `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`;
}
