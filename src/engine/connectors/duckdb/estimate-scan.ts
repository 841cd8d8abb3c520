import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnsRead, RunEstimate } from '../connector.js';
import type { FileTable } from './file-table.js';
import { literal } from './sql-text.js';

/**
 * What a statement reads of Parquet files, from their metadata alone: all rows of its tables, and the compressed size of the
 * columns that it names. An upper bound of what comes off the disk, each table counted once: filters that skip row groups are
 * not seen, and a table that is joined with itself, or multiplied, makes work that this does not tell. Of a table with access
 * rules all columns count, because rules read columns that no statement names.
 */
export async function estimateScan(
  connection: DuckDBConnection,
  tables: readonly FileTable[],
  read: ColumnsRead,
): Promise<RunEstimate> {
  let [rows, bytes] = [0, 0];
  for (const { name, file, restriction } of tables.filter((table) => read.tables.includes(table.name))) {
    const columns = read.columns.filter(({ table }) => table === name).map(({ column }) => column);
    const reader = await connection.runAndReadAll(
      `SELECT (SELECT sum(num_rows)::DOUBLE FROM parquet_file_metadata(${literal(file)})), (
         SELECT coalesce(sum(total_compressed_size), 0)::DOUBLE FROM parquet_metadata(${literal(file)})
         WHERE ${restriction === undefined ? within(columns) : 'true'}
       )`,
    );
    const [tableRows, tableBytes] = reader.getRows()[0] ?? [];
    rows += Number(tableRows ?? 0);
    bytes += Number(tableBytes ?? 0);
  }
  return { rows, bytes, scanned: true };
}

/** Whether a leaf of the file belongs to one of the columns: those of nested columns are called `column, field, …`. */
function within(columns: readonly string[]): string {
  const belongs = columns.map(
    (name) => `path_in_schema = ${literal(name)} OR starts_with(path_in_schema, ${literal(`${name}, `)})`,
  );
  return belongs.length === 0 ? 'false' : belongs.join(' OR ');
}
