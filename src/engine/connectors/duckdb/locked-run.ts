import type { DuckDBConnection } from '@duckdb/node-api';
import type { TaskContext } from './engine-bounds.js';
import { cancelled, type InterruptionLimits, interruptible } from './interruption.js';
import { type LockedInstanceOptions, openLockedInstance } from './locked-instance.js';

/**
 * Opens a locked instance, works on it until the work is done, fails, or is interrupted, and closes it.
 *
 * @throws what the work throws, `query_timeout`, `query_cancelled`
 */
export async function runLocked<T>(
  options: LockedInstanceOptions,
  limits: InterruptionLimits & Pick<TaskContext, 'afterwards'>,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  if (limits.signal.aborted) throw cancelled();
  const { connection, close } = await openLockedInstance(options);
  const working = work(connection);
  // Work that did not react to its interruption may still be going on.
  const rest = async (): Promise<void> => {
    await Promise.allSettled([working]);
    await close();
  };
  if (limits.afterwards !== undefined) {
    limits.afterwards(rest);
    return interruptible(connection, limits, working);
  }
  const workAndClose = async (): Promise<T> => {
    await rest();
    return working;
  };
  return interruptible(connection, limits, workAndClose());
}
