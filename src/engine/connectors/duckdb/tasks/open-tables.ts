import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '../../../errors.js';
import type { InstanceBounds, TaskContext } from '../engine-bounds.js';
import type { FileTable } from '../file-table.js';
import type { InterruptionLimits } from '../interruption.js';
import { runLocked } from '../locked-run.js';
import { queryError } from '../query-errors.js';
import { restrictedSelect } from '../restricted-view.js';
import { identifier, parquetRows } from '../sql-text.js';
import { ROW_COUNTER } from '../store-result.js';

/** Tables of a source of files, and with what they are opened. */
export interface TablesInput {
  bounds: InstanceBounds;
  tables: readonly FileTable[];
}

/**
 * Works on an instance in which every table is a view of what may be seen of it, and which can reach their files and the
 * others that are named.
 *
 * @throws what the work throws; EngineError `query_failed` for a file that is missing or damaged, `query_timeout`, `query_cancelled`
 */
export function workOnTables<T>(
  { bounds, tables }: TablesInput,
  limits: InterruptionLimits & Pick<TaskContext, 'afterwards'>,
  work: (connection: DuckDBConnection) => Promise<T>,
  otherFiles: readonly string[] = [],
): Promise<T> {
  const files = [...tables.map(({ file }) => file), ...otherFiles];
  const prepare = async (connection: DuckDBConnection): Promise<void> => {
    try {
      await connection.run([...ROW_COUNTER.create, ...tables.map(viewOf)].join(';\n'));
    } catch (error) {
      throw new EngineError('query_failed', 'A file of this data source is missing or damaged. Upload it again.', {
        cause: error,
      });
    }
  };
  return runLocked({ ...bounds, files, prepare }, limits, work);
}

/**
 * As `workOnTables`, for short work on the tables alone.
 *
 * @throws EngineError `query_failed`, `query_out_of_memory`, `query_cancelled`
 */
export async function readTables<T>(
  input: TablesInput,
  limits: Pick<TaskContext, 'signal' | 'afterwards'>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  try {
    return await workOnTables(input, limits, work);
  } catch (error) {
    throw queryError(error);
  }
}

function viewOf({ name, file, restriction, behind }: FileTable): string {
  const stored = parquetRows(file);
  const rows = behind === undefined ? stored : `(${restrictedSelect(stored, behind.table, behind.restriction)})`;
  const select = restriction === undefined ? `FROM ${rows}` : restrictedSelect(rows, name, restriction);
  return `CREATE VIEW ${identifier(name)} AS ${select}`;
}
