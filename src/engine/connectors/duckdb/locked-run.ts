import type { DuckDBConnection } from '@duckdb/node-api';
import { cancelled, type InterruptionLimits, interruptible } from './interruption.js';
import { type LockedInstanceOptions, openLockedInstance } from './locked-instance.js';

/**
 * Opens a locked instance, works on it until the work is done, fails, or is interrupted, and closes it.
 *
 * @throws what the work throws, `query_timeout`, `query_cancelled`
 */
export async function runLocked<T>(
  options: LockedInstanceOptions,
  limits: InterruptionLimits,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  if (limits.signal.aborted) throw cancelled();
  const instance = await openLockedInstance(options);
  const workAndClose = async (): Promise<T> => {
    try {
      return await work(instance.connection);
    } finally {
      await instance.close();
    }
  };
  return interruptible(instance.connection, limits, workAndClose());
}
