import { EngineError } from '../../../errors.js';
import { distinctNames } from '../column-names.js';
import { lossless } from '../column-types.js';
import { runLocked } from '../locked-run.js';
import { identifier, literal, parquetRows, TABLE_FORMAT } from '../sql-text.js';
import { MAX_COLUMNS, type TableReader } from './import-request.js';

/**
 * Writes a Parquet file again: the file that is kept was made here, whatever the uploaded one was made by. Nested types
 * stay; row order stays.
 *
 * @throws EngineError `file_malformed` when it cannot be read to its end, `query_cancelled`
 */
export const readParquet: TableReader = async (request) => {
  const { file, fileName, target, signal } = request;
  try {
    return await runLocked({ ...request, files: [file, target] }, { signal }, async (connection) => {
      const statement = await connection.prepare(`FROM ${parquetRows(file)}`);
      if (statement.columnCount > MAX_COLUMNS) {
        throw new EngineError(
          'file_malformed',
          `“${fileName}” has ${statement.columnCount} columns; at most ${MAX_COLUMNS} can be imported.`,
        );
      }
      const indexes = Array.from({ length: statement.columnCount }, (_, index) => index);
      const names = distinctNames(indexes.map((index) => statement.columnName(index)));
      const output = indexes.map((index) => {
        const castTo = lossless(statement.columnType(index));
        return `${castTo ? `CAST(c${index} AS ${castTo})` : `c${index}`} AS ${identifier(names[index] ?? '')}`;
      });
      statement.destroySync();
      const copied = await connection.run(
        `COPY (SELECT ${output.join(', ')} FROM ${parquetRows(file)} AS t(${indexes.map((i) => `c${i}`).join(', ')}))
         TO ${literal(target)} (${TABLE_FORMAT})`,
      );
      return { rowCount: copied.rowsChanged, notes: [] };
    });
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(
      'file_malformed',
      `“${fileName}” begins like a Parquet file but cannot be read to its end. Upload it again, or write it anew.`,
      { cause: error },
    );
  }
};
