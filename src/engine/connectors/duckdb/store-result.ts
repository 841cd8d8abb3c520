import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { ResultColumn } from '../../charts/contract.js';
import type { RunRequest } from '../connector.js';
import { distinctNames } from './column-names.js';
import { columnType, lossless } from './column-types.js';
import { literal } from './sql-text.js';
import { columnsMetadata } from './stored-result.js';

/**
 * A sequence in the instance itself that notes whether a row beyond the limit was met, so that a result can be written
 * in one pass and still know exactly whether it was cut.
 */
export const BEYOND_LIMIT = {
  create: ['CREATE SCHEMA lumiere', 'CREATE SEQUENCE lumiere.beyond_limit'],
  note: `nextval('lumiere.beyond_limit') < 0`,
  read: `SELECT last_value IS NOT NULL FROM duckdb_sequences() WHERE sequence_name = 'beyond_limit'`,
} as const;

export interface StoredSummary {
  columns: ResultColumn[];
  rowCount: number;
  truncated: boolean;
}

/**
 * Runs a statement and writes its first `maxRows` rows, in their order, as Parquet (zstd), once and without passing
 * through JavaScript. The instance must have been prepared with `BEYOND_LIMIT.create`.
 *
 * @throws whatever DuckDB throws
 */
export async function storeResult(
  connection: DuckDBConnection,
  request: Pick<RunRequest, 'sql' | 'resultFile' | 'limits'>,
): Promise<StoredSummary> {
  const { resultFile, limits } = request;
  const sql = request.sql.startsWith('EXPLAIN ') ? await planAsTable(connection, request.sql) : request.sql;
  const columns = await resultColumns(connection, sql);
  const positions = columns.map((_, index) => `c${index}`);
  const output = columns.map(({ name, castTo }, index) => {
    const position = positions[index] ?? '';
    return `${castTo ? `CAST(${position} AS ${castTo})` : position} AS "${name.replaceAll('"', '""')}"`;
  });
  const described = columns.map(({ name, type }) => ({ name, type }));
  const copied = await connection.run(`
    COPY (
      SELECT ${output.join(', ')}
      FROM (
        SELECT *, row_number() OVER () AS row_position
        FROM (SELECT * FROM (
          ${sql}
        ) AS answer(${positions.join(', ')}) LIMIT ${limits.maxRows + 1})
      )
      WHERE CASE WHEN row_position <= ${limits.maxRows} THEN true ELSE ${BEYOND_LIMIT.note} END
    ) TO ${literal(resultFile)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false, ${columnsMetadata(described)})`);
  const beyond = await connection.runAndReadAll(BEYOND_LIMIT.read);
  return { columns: described, rowCount: copied.rowsChanged, truncated: beyond.getRows()[0]?.[0] === true };
}

/** COPY takes no EXPLAIN: the plan is put into a table of the instance, and a statement that reads it is given. */
async function planAsTable(connection: DuckDBConnection, sql: string): Promise<string> {
  const plan = await connection.runAndReadAll(sql);
  await connection.run('CREATE TABLE lumiere.plan (explain_key VARCHAR, explain_value VARCHAR)');
  for (const [key, value] of plan.getRows()) {
    await connection.run('INSERT INTO lumiere.plan VALUES ($1, $2)', [String(key), String(value)]);
  }
  return 'SELECT explain_key, explain_value FROM lumiere.plan';
}

/** A PIVOT without values is several statements to DuckDB: those before the last look the values up. */
async function prepareLast(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const statements = await connection.extractStatements(sql);
  for (let index = 0; index < statements.count - 1; index += 1) {
    const earlier = await statements.prepare(index);
    await earlier.run();
    earlier.destroySync();
  }
  return statements.prepare(statements.count - 1);
}

async function resultColumns(
  connection: DuckDBConnection,
  sql: string,
): Promise<(ResultColumn & { castTo: string | null })[]> {
  const statement = await prepareLast(connection, sql);
  try {
    const indexes = Array.from({ length: statement.columnCount }, (_, index) => index);
    const names = distinctNames(indexes.map((index) => statement.columnName(index)));
    return indexes.map((index) => {
      const type = statement.columnType(index);
      return { name: names[index] ?? '', type: columnType(type), castTo: lossless(type) };
    });
  } finally {
    statement.destroySync();
  }
}
