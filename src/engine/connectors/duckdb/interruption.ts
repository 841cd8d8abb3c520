import type { DuckDBConnection } from '@duckdb/node-api';
import { EngineError } from '../../errors.js';

export interface InterruptionLimits {
  signal: AbortSignal;
  /** From the call on; absent means no limit. */
  timeoutMs?: number;
}

/** An interrupt that falls between two statements is lost, so it is repeated until the work ends. */
const REPEAT_MS = 50;
/** DuckDB looks for an interrupt between chunks of rows; one endless scalar function would keep the caller waiting. */
const GRACE_MS = 3_000;

/**
 * Waits for work on a connection and ends it when time is up or the caller has gone. Work that does not react within
 * three seconds is left to end by itself: it must clean up behind itself, because the caller no longer waits for it. A process
 * that is there for it alone is ended then, or before.
 *
 * @throws EngineError `query_timeout`, `query_cancelled`; otherwise whatever the work throws
 */
export async function interruptible<T>(
  connection: DuckDBConnection,
  limits: InterruptionLimits,
  work: Promise<T>,
): Promise<T> {
  const { signal, timeoutMs } = limits;
  let interruption: EngineError | undefined;
  let repeat: NodeJS.Timeout | undefined;
  let grace: NodeJS.Timeout | undefined;
  let giveUp: (error: EngineError) => void = () => undefined;
  const abandoned = new Promise<never>((_resolve, reject) => {
    giveUp = reject;
  });

  const interrupt = (error: EngineError): void => {
    if (interruption) return;
    interruption = error;
    connection.interrupt();
    repeat = setInterval(() => connection.interrupt(), REPEAT_MS);
    grace = setTimeout(() => giveUp(error), GRACE_MS);
  };
  const watched = work.finally(() => clearInterval(repeat));
  const onAbort = (): void => interrupt(cancelled());
  const deadline = timeoutMs === undefined ? undefined : setTimeout(() => interrupt(timedOut(timeoutMs)), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();

  try {
    const result = await Promise.race([watched, abandoned]);
    // An abort that came too late to interrupt anything is still an abort: the work has thrown its result away.
    if (signal.aborted) throw cancelled();
    return result;
  } catch (error) {
    throw interruption ?? error;
  } finally {
    clearTimeout(deadline);
    clearTimeout(grace);
    signal.removeEventListener('abort', onAbort);
  }
}

/** What a caller gets who has aborted. */
export function cancelled(): EngineError {
  return new EngineError('query_cancelled', 'The run was cancelled.');
}

/** What a caller gets whose time is up. */
export function timedOut(timeoutMs: number): EngineError {
  const seconds = Math.round(timeoutMs / 100) / 10;
  return new EngineError(
    'query_timeout',
    `The query took longer than ${seconds} seconds and was stopped. Filter or aggregate more, or allow it more time (timeout_ms).`,
    { details: { timeout_ms: timeoutMs } },
  );
}
