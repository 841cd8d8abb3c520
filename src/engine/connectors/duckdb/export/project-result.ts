/** Some columns of a stored result, as a stored result. */
import type { ResultColumn } from '../../../charts/contract.js';
import { EngineError } from '../../../errors.js';
import type { EngineBounds } from '../engine-bounds.js';
import { cancelled } from '../interruption.js';
import { openLockedInstance } from '../locked-instance.js';
import { queryError } from '../query-errors.js';
import { identifier, literal, parquetRows, TABLE_FORMAT } from '../sql-text.js';
import { columnsMetadata, storedColumns } from '../stored-result.js';

export interface Projection {
  /** Of the stored result. */
  file: string;
  /** Names of the columns that are wanted, in their order. */
  columns: readonly string[];
  /** Of the file that is to be written. */
  path: string;
  bounds: EngineBounds;
  signal: AbortSignal;
}

/**
 * Writes the wanted columns of all rows, in their order.
 *
 * @throws EngineError `chart_not_possible` when the result does not have one of them, `query_cancelled`, `query_failed`
 */
export async function projectResult({ file, columns, path, bounds, signal }: Projection): Promise<void> {
  if (signal.aborted) throw cancelled();
  // On one thread the rows come in their order.
  const instance = await openLockedInstance({ ...bounds, threads: 1, files: [file, path] });
  const interrupt = (): void => instance.connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    const stored = (await storedColumns(instance.connection, file)) ?? [];
    const wanted = columns.map((name) => stored.find((column) => column.name === name) ?? missing());
    const select = wanted.map(({ name }) => identifier(name)).join(', ');
    const options = `${TABLE_FORMAT}, ${columnsMetadata(wanted)}`;
    await instance.connection.run(`COPY (SELECT ${select} FROM ${parquetRows(file)}) TO ${literal(path)} (${options})`);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw signal.aborted ? cancelled() : queryError(error);
  } finally {
    signal.removeEventListener('abort', interrupt);
    await instance.close();
  }
}

function missing(): ResultColumn {
  throw new EngineError('chart_not_possible', 'The result does not have all the columns that this chart is made of.');
}
