import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../errors.js';
import { cancelled } from '../interruption.js';
import { tableName } from '../table-names.js';
import { type FileFormat, identifyFile } from './file-format.js';
import { checkImportOptions } from './import-options.js';
import type { ImportedTable, ImportRequest, TableReader } from './import-request.js';
import { readDelimited } from './read-delimited.js';
import { readParquet } from './read-parquet.js';

const READERS: Record<FileFormat, TableReader> = { delimited: readDelimited, parquet: readParquet };

/**
 * Makes Parquet tables (zstd) of one uploaded file: one of CSV, TSV and Parquet. DuckDB does the work in an instance
 * that can reach the file and its target only. On any failure, and when the signal aborts, nothing is left behind.
 *
 * @throws EngineError `file_empty`, `file_malformed`, `file_format_mismatch`, `file_format_not_supported`,
 *   `query_cancelled`
 */
export async function importFile(request: ImportRequest): Promise<ImportedTable[]> {
  const { file, fileName, directory, takenNames = [], options = {}, signal } = request;
  checkImportOptions(options);
  const format = await identifyFile(file, fileName);
  const name = tableName(options.table ?? fileName, takenNames);
  const target = join(directory, `${name}.parquet`);
  let done = false;
  try {
    const { rowCount, notes } = await READERS[format]({ ...request, target, options });
    // A Parquet file says what its columns are even when it has no rows; a text file without rows does not.
    if (rowCount === 0 && format === 'delimited') {
      throw new EngineError('file_empty', `“${fileName}” has no rows below its column names. Upload a file with rows.`);
    }
    const { size } = await stat(target);
    done = !signal.aborted;
    return [{ name, file: target, rowCount, bytes: size, notes }];
  } catch (error) {
    throw signal.aborted ? cancelled() : error;
  } finally {
    if (!done) await rm(target, { force: true });
  }
}
