import type { DuckDBConnection } from '@duckdb/node-api';
import type { InclusionProbe } from '../../catalog/infer-relationships.js';
import { identifier } from './sql-text.js';

/** Measures inclusion over tables or views of an open instance that are named as in the catalogue. */
export function valueInclusion(connection: DuckDBConnection): InclusionProbe {
  return async (from, to) => {
    const referring = identifier(from.column);
    const reader = await connection.runAndReadAll(`
      SELECT count(*), count(*) FILTER (WHERE found)
      FROM (
        SELECT value IN (SELECT ${identifier(to.column)} FROM ${identifier(to.table)}) AS found
        FROM (SELECT DISTINCT ${referring} AS value FROM ${identifier(from.table)} WHERE ${referring} IS NOT NULL)
      )`);
    const [values, found] = reader.getRows()[0] ?? [];
    return Number(values) === 0 ? null : Number(found) / Number(values);
  };
}
