/** Everything that is done with DuckDB for a question, by name, from plain data to plain data: so it can be done in another process. */
import type { Catalog, CatalogTable } from '../../../catalog/catalog.js';
import { inferRelationships } from '../../../catalog/infer-relationships.js';
import type { ColumnsRead, RunEstimate } from '../../connector.js';
import { stageFirstRows, stagePiece, stageWhole } from '../../remote/stage-tasks.js';
import { estimateScan } from '../estimate-scan.js';
import type { TaskContext } from '../engine-bounds.js';
import { profileTables } from '../profile-tables.js';
import { type Page, readRows, readStored } from '../stored-result.js';
import { valueInclusion } from '../value-inclusion.js';
import { readTables, type TablesInput } from './open-tables.js';
import { runStatement } from './run-statement.js';

export const TASKS = {
  statement: runStatement,
  version,
  catalog,
  preview,
  estimate,
  page: readStored,
  stagePiece,
  stageWhole,
  stageFirstRows,
} as const;

/** Opens every table and says which DuckDB it is. */
function version(input: TablesInput, context: TaskContext): Promise<string> {
  return readTables(input, context, async (connection) => {
    const reader = await connection.runAndReadAll('SELECT version()');
    return String(reader.getRows()[0]?.[0]);
  });
}

/** The catalogue of all tables, of which those that are `known` are not read again. */
async function catalog(
  input: TablesInput & { known: readonly CatalogTable[] },
  context: TaskContext,
): Promise<Catalog> {
  const names = new Set(input.known.map(({ name }) => name));
  const unread = input.tables.filter(({ name }) => !names.has(name));
  const read =
    unread.length === 0 ? [] : await profileTables({ ...input.bounds, tables: unread, signal: context.signal });
  const tables = [...input.known, ...read];
  const relationships = await readTables(input, context, (connection) =>
    inferRelationships(tables, valueInclusion(connection)),
  );
  return { tables, relationships };
}

/** The rows of a SELECT that we have written ourselves. */
function preview(input: TablesInput & { sql: string }, context: TaskContext): Promise<Page> {
  return readTables(input, context, (connection) => readRows(connection, input.sql));
}

function estimate(input: TablesInput & { read: ColumnsRead }, context: TaskContext): Promise<RunEstimate> {
  return readTables(input, context, (connection) => estimateScan(connection, input.tables, input.read));
}
