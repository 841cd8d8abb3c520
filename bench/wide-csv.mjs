import { DuckDBInstance } from '@duckdb/node-api';

export const WIDE_ROWS = 1_000_000;

/** Twelve columns of the kinds that business files have; the same bytes on every run, because values come from hashes. */
const WIDE_SQL = `
  SELECT
    i + 1 AS id,
    TIMESTAMP '2024-01-01' + to_seconds((i * 31)::BIGINT) AS ordered_at,
    (hash(i, 1) % 50000 + 1)::INTEGER AS customer_id,
    (['Netherlands', 'Germany', 'France', 'Denmark', 'Spain', 'Italy', 'Poland', 'Norway'])[(hash(i, 2) % 8 + 1)::INTEGER] AS country,
    (['web', 'shop', 'phone', 'marketplace'])[(hash(i, 3) % 4 + 1)::INTEGER] AS channel,
    'Product ' || (hash(i, 4) % 400) AS product,
    (hash(i, 5) % 9 + 1)::INTEGER AS quantity,
    ((hash(i, 6) % 500000) / 100)::DECIMAL(10, 2) AS unit_price,
    (hash(i, 7) % 30)::DOUBLE / 100 AS discount,
    hash(i, 8) % 20 <> 0 AS paid,
    DATE '2024-01-01' + (i * 31 // 86400 + hash(i, 9) % 10)::INTEGER AS delivered_on,
    CASE WHEN hash(i, 10) % 5 = 0 THEN 'Please ring, the "blue" door; then call ' || hash(i, 11) % 1000 END AS note
  FROM range(${WIDE_ROWS}) AS numbers(i)`;

/**
 * Writes the CSV file of 1,000,000 rows and 12 columns, about 100 MB.
 *
 * @param {string} path
 * @returns {Promise<string>} the path
 */
export async function writeWideCsv(path) {
  const connection = await bareConnection();
  await connection.run(`COPY (${WIDE_SQL}) TO ${sqlText(path)} (FORMAT csv, HEADER)`);
  connection.closeSync();
  return path;
}

/** A connection to a DuckDB of its own, as the library comes. */
export async function bareConnection() {
  const instance = await DuckDBInstance.create(':memory:');
  return instance.connect();
}

/** @param {string} text */
export function sqlText(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
